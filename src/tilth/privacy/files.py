"""Files on this machine in which somebody may stand: imports on their way in, and what was made for people to take along.

Imports are read by their place in the file, so a line that mentions somebody is blanked where it stands. The rows that
follow from it are skipped or fail; an import's file goes with its end. Files that lie elsewhere are their owner's.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from tilth.capture import imports
from tilth.core.forgetting import Ways

from .takeouts import clear as clear_takeouts

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")


def clear(ways: Ways) -> Mapping[str, int]:
    """How many lines were blanked."""
    clear_takeouts()
    words = {way.encode(encoding) for way in ways.telling for encoding in ENCODINGS}
    if not words:
        return {}
    mention = re.compile(
        b"|".join(re.escape(word) for word in sorted(words, key=lambda w: (-len(w), w))), re.IGNORECASE
    )
    return {"files": sum(_blanked(path, mention) for path in imports.home().iterdir() if path.is_file())}


def _blanked(path: Path, mention: re.Pattern[bytes]) -> int:
    count = at = 0
    with path.open("r+b") as file:
        while line := file.readline():
            if mention.search(line):
                file.seek(at)
                file.write(_blank(line))
                count += 1
            at += len(line)
            file.seek(at)
        file.flush()
        os.fsync(file.fileno())
    return count


def _blank(line: bytes) -> bytes:
    """As many bytes, of which only those between cells and at the end of the line are left."""
    return bytes(byte if byte in b",;\t|\r\n\0" else 0x20 for byte in line)
