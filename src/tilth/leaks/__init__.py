"""Leads that nobody takes further, and campaigns of which sales knows nothing: found, ranked by money, given to somebody (B7)."""
