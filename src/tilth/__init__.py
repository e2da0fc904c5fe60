"""Tilth: the soil in which sales and marketing grow in one pot."""

__version__ = "0.1.0"
