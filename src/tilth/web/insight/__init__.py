"""Reports: one page for all of them, made from what each says of itself."""
