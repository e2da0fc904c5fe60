"""Starting agreements that ship with Tilth, as YAML files in this folder."""

from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """The presets there are, in alphabetical order."""
    return sorted(p.stem for p in FOLDER.glob("*.yaml"))


def load(name: str) -> dict[str, Any]:
    """The document of one preset. Raises KeyError for a name that is not in `names()`."""
    if name not in names():
        raise KeyError(name)
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
