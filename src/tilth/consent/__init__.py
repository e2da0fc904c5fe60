"""What somebody agreed to, word for word; the ground on which we keep them."""
