"""Companies: the list, and one with its people, deals and what passed between us."""
