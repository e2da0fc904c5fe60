"""The doors for people: pages."""
