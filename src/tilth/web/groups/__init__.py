"""Who decides together at a company: proposed, formed, with roles and gaps."""
