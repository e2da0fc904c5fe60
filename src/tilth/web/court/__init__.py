"""The return court: what waits for the reviewer, what was decided, and its figures."""
