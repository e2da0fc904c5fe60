"""Offers: the conversion points that turn a visitor into a lead."""
