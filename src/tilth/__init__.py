"""Tilth: the soil in which sales and marketing grow in one pot."""
