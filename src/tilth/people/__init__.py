"""Persons and companies, what we learned about them and when."""
