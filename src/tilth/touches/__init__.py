"""The append-only timeline of contacts between a person and us."""
