"""The dispatcher's desk: what waits for an owner, who is there today, and whose leads were left behind."""
