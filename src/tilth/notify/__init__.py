"""What goes out: every message is a row before it is sent."""
