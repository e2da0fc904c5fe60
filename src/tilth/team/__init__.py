"""Who works here: members and their roles, absence, invitations."""
