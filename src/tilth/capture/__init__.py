"""Every way in: the inbox of deliveries, file imports, people typed in."""
