"""Who may send events, with their keys; what arrived last, and what of it was refused."""
