"""Forms for offers: made, looked at, put into websites; and what came in that somebody should look at."""
