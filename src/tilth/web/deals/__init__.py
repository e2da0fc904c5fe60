"""Deals: the list, one deal, and what sales does with it."""
