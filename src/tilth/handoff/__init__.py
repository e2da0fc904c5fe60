"""One lead to one owner: routing, acceptance, return, the way back."""
