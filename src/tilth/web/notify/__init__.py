"""What waits in the outbox, what went out, and what could not."""
