"""Where each person stands under the agreement, and why."""
