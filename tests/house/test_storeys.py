"""The floor plan holds: in imports, in foreign keys, and in who may read the clock."""

import subprocess
import sys
import tomllib
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).parents[2]


def storeys() -> dict[str, int]:
    """Room name to storey, 0 at the ground, as drawn for the import linter."""
    plan = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]["layers"]
    return {room.strip(" ()"): n for n, rooms in enumerate(reversed(plan)) for room in rooms.split("|")}


def ours(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_imports_point_down() -> None:
    found = ours([str(Path(sys.executable).parent / "lint-imports"), "--no-cache"])
    assert found.returncode == 0, found.stdout + found.stderr


def test_foreign_keys_point_down_or_stay_home() -> None:
    storey = storeys()
    wrong = [
        f"{model._meta.label}.{field.name} points up to {field.related_model._meta.label}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model
        for home, away in [(model._meta.app_label, field.related_model._meta.app_label)]
        if home in storey and home != away and storey.get(away, -1) >= storey[home]
    ]
    assert wrong == []


def test_rooms_read_no_clock_speak_no_http_and_send_no_signals() -> None:
    found = ours([sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "TID251", "src"])
    assert found.returncode == 0, found.stdout


def test_every_model_has_its_migration() -> None:
    """In a process of its own: tests make their tables from the models. That migrations run is shown where installations are made (tests/api)."""
    found = ours([sys.executable, "-m", "django", "makemigrations", "--check", "--dry-run"])
    assert found.returncode == 0, found.stdout + found.stderr


def test_every_room_with_models_is_on_the_plan() -> None:
    rooms = {a.label for a in apps.get_app_configs() if a.name.startswith("tilth.")}
    assert rooms <= storeys().keys()


def test_who_serves_pages_does_not_load_what_only_analysis_needs() -> None:
    code = """
import django, sys
django.setup()
import tilth.site.urls, tilth.conveyor
heavy = {"duckdb", "ibis", "numba", "numpy", "pandas", "pyarrow"} & sys.modules.keys()
sys.exit(f"loaded: {heavy}" if heavy else 0)
"""
    found = ours([sys.executable, "-c", code])
    assert found.returncode == 0, found.stderr
