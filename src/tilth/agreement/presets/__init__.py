"""Starting agreements that ship with Tilth, as YAML files in this folder, in the order in which they are offered."""

from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
NAMES = ("b2b-software", "professional-services", "manufacturing-wholesale", "agency")


def names() -> list[str]:
    """The presets there are; the first suits most."""
    return list(NAMES)


def load(name: str) -> dict[str, Any]:
    """The document of one preset. Raises KeyError for a name that is not in `names()`."""
    if name not in NAMES:
        raise KeyError(name)
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
