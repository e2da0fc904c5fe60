"""An agreement as text: read YAML (or JSON, which is YAML too) that anybody may have written, and write it.

Stricter than YAML 1.1 where that surprises people: NO is Norway and not "false", 17:30 is not 1050, a date stays as it
was written, a key is always text, and a name may not stand twice. References are refused: a short text could grow
into a huge document with them.
"""

import json
import math
import re
from collections.abc import Hashable
from typing import Any, ClassVar

import yaml

from tilth.core.clauses.reader import Fault, Unsound

LARGEST = 200_000  # characters; the presets have less than 8,000
MOST = 3_000  # values and parts together; the presets have less than 500, and the editor shows each of them


class _Loader(yaml.SafeLoader):
    """Plain data only: text, numbers, true and false, nothing, lists and named parts; no other tag is known."""

    yaml_implicit_resolvers: dict[str, Any] = {}
    yaml_constructors: ClassVar[dict[Any, Any]] = {None: yaml.SafeLoader.construct_undefined}

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise yaml.composer.ComposerError(None, None, "refers to another part with *, which is not read here", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        if not isinstance(node, yaml.MappingNode):
            raise yaml.constructor.ConstructorError(None, None, "is no set of named parts", node.start_mark)
        out: dict[Hashable, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "has a name that is not text", key_node.start_mark)
            if key_node.value in out:
                raise yaml.constructor.ConstructorError(
                    None, None, f"has the name {key_node.value!r} twice", key_node.start_mark
                )
            out[key_node.value] = self.construct_object(value_node, deep=True)
        return out

    def truth(self, node: yaml.ScalarNode) -> bool:
        value = str(self.construct_scalar(node)).lower()
        if value not in ("true", "false"):
            raise yaml.constructor.ConstructorError(None, None, "is neither true nor false", node.start_mark)
        return value == "true"

    def whole(self, node: yaml.ScalarNode) -> int:
        return int(self.construct_scalar(node))

    def number(self, node: yaml.ScalarNode) -> float:
        value = float(str(self.construct_scalar(node)))
        if not math.isfinite(value):
            raise yaml.constructor.ConstructorError(None, None, "is too large a number", node.start_mark)
        return value


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]{1,15}$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)(?:[eE][-+]?[0-9]+)?$"),
    list("-+.0123456789"),
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.whole)
_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.number)
_Loader.add_constructor("tag:yaml.org,2002:map", _Loader.construct_mapping)
_Loader.add_constructor("tag:yaml.org,2002:bool", _Loader.truth)
for _name in ("str", "seq", "null"):
    _Loader.add_constructor(
        f"tag:yaml.org,2002:{_name}", yaml.SafeLoader.yaml_constructors[f"tag:yaml.org,2002:{_name}"]
    )


def read_text(text: str) -> Any:
    """The document that a text states; whether it is a sound agreement is for `core.agreement.read`.

    raises     Unsound, with the line and column of what is not YAML
    """
    if len(text) > LARGEST:
        raise Unsound([Fault("(text)", f"has {len(text):,} characters.", f"An agreement has at most {LARGEST:,}.")])
    try:
        document = yaml.load(text, Loader=_Loader)
        if (size := parts_of(document)) > MOST:
            raise Unsound([Fault("(text)", f"has {size:,} values and parts.", f"An agreement has at most {MOST:,}.")])
        if r"\u0000" in json.dumps(document, ensure_ascii=False).encode().decode():
            raise ValueError("no database keeps a NUL")
        return document
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark or e.context_mark
        at = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "(text)"
        raise Unsound([Fault(at, f"{e.problem or e.context}.", "Mend that line.")]) from e
    except Unsound:
        raise
    except (yaml.YAMLError, ValueError, RecursionError) as e:
        raise Unsound([Fault("(text)", "is not YAML.", "Start with the text of the preset.")]) from e


def parts_of(document: Any) -> int:
    """How many values and named parts there are, with the document itself."""
    inside = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    return 1 + sum(map(parts_of, inside))


def write_text(document: Any) -> str:
    """The document as YAML, in its own order; reading it gives the same document."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True
