"""Colleagues: who they are, when they are away, and letting new ones in."""
