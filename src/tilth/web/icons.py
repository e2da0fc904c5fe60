"""The icons we use: Tabler outline (MIT), their paths kept in static/vendor/icons.json."""

import json
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "static" / "vendor" / "icons.json"


@cache
def paths() -> dict[str, str]:
    """Name to the inside of its <svg>."""
    return json.loads(FILE.read_text())
