"""Who was kept twice: what Tilth proposes, two side by side, one of two, and two again."""
