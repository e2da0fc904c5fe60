"""Everything about one person: shown, taken along, erased, forgotten in time."""
