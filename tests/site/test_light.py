"""The web process stays light: what replays millions of people is loaded by who does that, not by who shows a page."""

import subprocess
import sys

HEAVY = "numba", "llvmlite", "numpy", "pyarrow", "duckdb", "weasyprint"
LOADED = f"""
import sys
import tilth.site.wsgi
from django.urls import get_resolver
assert get_resolver().url_patterns
import tilth.conveyor
print(*sorted({HEAVY} & sys.modules.keys()))
""".replace(str(HEAVY), str(set(HEAVY)))


def test_a_web_process_and_the_conveyor_load_nothing_heavy():
    loaded = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True).stdout
    assert loaded.split() == []
