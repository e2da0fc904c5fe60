"""Care: tracks of mails, who is in them, what came of them; and the care of one person."""
