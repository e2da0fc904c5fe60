"""The ledger of what both teams owe each other, met by events only."""
