"""The balance sheet of leads, and the people behind each of its figures."""
