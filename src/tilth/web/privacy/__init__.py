"""What somebody agreed to; everything about them as a file; erasing them; how long we keep what."""
