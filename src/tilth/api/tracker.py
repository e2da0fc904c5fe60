"""Our own script for websites, served by both front doors at one address that never changes.

One day it is used without asking; for a week more it is used while the browser asks in the background, and an
unchanged script is answered with 304. So a mended script is in use everywhere after a day, and no page ever waits
for a loader. Source: docs/decisions/tracker.md
"""

import gzip
import hashlib
from pathlib import Path

from .ingest import CORS, Answer, Call, trouble

ADDRESS = "/tilth-tracker.js"
SCRIPT = Path(__file__).with_name("tracker.js").read_bytes()
PACKED = gzip.compress(SCRIPT, 9, mtime=0)
TAG = f'W/"{hashlib.blake2b(SCRIPT, digest_size=8).hexdigest()}"'
HEADERS = (
    *CORS,
    ("Content-Type", "text/javascript; charset=utf-8"),
    ("Cache-Control", "public, max-age=86400, stale-while-revalidate=604800"),
    ("ETag", TAG),
    ("Vary", "Accept-Encoding"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),  # sites that isolate themselves load nothing without it
)
PLAIN, GZIP = Answer(200, SCRIPT, HEADERS), Answer(200, PACKED, (*HEADERS, ("Content-Encoding", "gzip")))
UNCHANGED = Answer(304, b"", HEADERS)
ONLY_READ = trouble(405, "method_not_allowed", "The tracker is read with GET.", ("Allow", "GET, HEAD"))


def answer(call: Call) -> Answer:
    """The script, packed where the browser takes it so; 304 when it has it already."""
    if call.method not in ("GET", "HEAD"):
        return ONLY_READ
    if TAG in call.headers.get("if-none-match", ""):
        return UNCHANGED
    return GZIP if "gzip" in call.headers.get("accept-encoding", "") else PLAIN
