"""Files from the browser: sent up, mapped, taken in, reported."""
