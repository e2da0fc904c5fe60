"""What a member should hear of, with a bell that rings without a reload."""
