"""Who decides together at one company."""
