"""The one document that marketing and sales sign, as immutable versions."""
