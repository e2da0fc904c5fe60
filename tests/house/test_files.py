"""What lies in the repository: no addresses of registries, no paths of somebody's machine, vendor files as recorded."""

import hashlib
import json
import re
import subprocess
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "tilth"
STATIC = SOURCE / "web" / "static"
VENDOR = json.loads((STATIC / "vendor" / "vendor.json").read_text())

# Written in two parts, so that this file may name them.
HOSTS = [
    r"pypi\." + "org",
    r"pythonhosted\." + "org",
    r"npmjs\." + "(org|com)",
    r"proxy\.golang\." + "org",
    r"index-url\s*=\s*http",
]
MACHINES = ["/work/" + "(main|shared|brief)", "/root" + "/", "/home/" + r"\w+/", "/Users/" + r"\w+/"]
VAGUE = {"base", "utils", "util", "helpers", "helper", "managers", "services", "common", "misc", "tools"}
LONGEST = 450


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("This is not a git checkout.")
    return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


def texts() -> list[tuple[str, str]]:
    """Name and content of every tracked file that is text."""
    out = []
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content[:8_000]:
            out.append((str(path.relative_to(ROOT)), content.decode(errors="replace")))
    return out


@pytest.mark.parametrize("pattern", HOSTS + MACHINES)
def test_no_file_names_a_registry_or_somebodys_machine(pattern: str) -> None:
    assert [name for name, content in texts() if re.search(pattern, content)] == []


@pytest.mark.parametrize("entry", VENDOR, ids=[e["file"] for e in VENDOR])
def test_a_vendor_file_is_the_one_that_was_recorded(entry: dict[str, str]) -> None:
    assert hashlib.sha256((STATIC / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
    assert entry["name"]
    assert entry["licence"]


def test_every_vendor_file_is_recorded() -> None:
    lying = {str(f.relative_to(STATIC)) for f in (STATIC / "vendor").iterdir()} - {"vendor/vendor.json"}
    assert lying <= {entry["file"] for entry in VENDOR}


def test_names_come_from_the_sales_floor() -> None:
    modules = [p for p in SOURCE.rglob("*.py") if VAGUE & {p.stem, p.parent.name}]
    classes = [
        f"{path.relative_to(SOURCE)}: {name}"
        for path in SOURCE.rglob("*.py")
        for name in re.findall(
            r"^class (Base\w*|\w+(?:Manager|Service|Helper|Utils?))\b", path.read_text(), re.MULTILINE
        )
    ]
    assert modules + classes == []


def test_no_file_has_let_a_second_noun_move_in() -> None:
    lines = {
        str(p.relative_to(SOURCE)): p.read_text().count("\n")
        for p in SOURCE.rglob("*.py")
        if "migrations" not in p.parts
    }
    assert {name: n for name, n in lines.items() if n > LONGEST} == {}


def test_the_changelog_is_the_source_of_the_version() -> None:
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest
    assert version("tilth") == newest[1]
    assert "version" in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dynamic"]


def test_the_lock_holds_hashes_and_no_addresses() -> None:
    for name, least in (("requirements.lock", 50), ("requirements-spark.lock", 2)):
        lock = (ROOT / name).read_text()
        pins = re.findall(r"^[\w.\[\]-]+==\S+", lock, re.MULTILINE)
        assert len(pins) >= least
        assert lock.count("--hash=sha256:") >= len(pins)
        assert "://" not in lock
