"""The shared goal in money and what each team owes for it."""
