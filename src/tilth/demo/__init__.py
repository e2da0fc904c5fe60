"""The demo company, whose history went through the real doors."""
