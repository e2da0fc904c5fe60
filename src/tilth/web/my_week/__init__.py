"""A seller's week: hours for new leads, said, taken and free, and who waits for them."""
