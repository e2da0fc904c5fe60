"""The scoreboard: one page of figures, the same for every role."""
