"""Pages for people who are no members: forms, what they confirm, what they fetch, and the way out of our mail."""
