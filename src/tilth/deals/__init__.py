"""Opportunities: opened, won, lost; revenue."""
