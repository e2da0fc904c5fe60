"""The shared goal, both teams' signatures under it, and what it takes."""
