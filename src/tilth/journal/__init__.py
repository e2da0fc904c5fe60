"""Who did what, when, under which version of the agreement. Append-only."""
