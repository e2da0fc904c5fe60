"""A card from the fair: one short form for a phone, which goes on working without a connection."""
