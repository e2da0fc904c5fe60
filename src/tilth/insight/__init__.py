"""Figures that both teams look at, each with its n and its interval."""
