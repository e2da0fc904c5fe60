"""The clauses of an agreement: each part of a document, read into its value in `terms`."""
