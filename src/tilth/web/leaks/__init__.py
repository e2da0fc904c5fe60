"""Leads that nobody takes further, each with the click that gives it to somebody; campaigns of which sales was not told."""
