"""The editor's fields and the track that they describe. Nothing here is kept. Mails are numbered in their order."""

import secrets
from collections.abc import Mapping

from django.http import QueryDict

from tilth.core.nurture import MOST_STEPS, Rule, Spec, Step

from . import words

LONGEST = 10_000


def fresh(language: str, imprint: str) -> Spec:
    """What a new track begins with: one mail without words."""
    return Spec(language, imprint, [_new()])


def spec(typed: QueryDict) -> Spec:
    """The track as it was typed."""
    language = typed.get("language", "")
    return Spec(
        language=language if language in words.LANGUAGES else "en",
        imprint=_text(typed, "imprint", 500),
        steps=_steps(typed),
        rule=Rule(
            stages=[s for s in typed.getlist("stage") if s in words.STAGES],
            nurture="nurture" in typed,
            segments=_several(typed, "segment"),
            recycled=_several(typed, "recycled"),
        ),
        customers="customers" in typed,
    )


def changed(steps: list[Step], do: str) -> list[Step]:
    """The mails after a button of the editor: "add", "up-2", "down-2", "remove-2"; any other leaves them as they are."""
    out, (verb, _, number) = list(steps), do.partition("-")
    n = int(number) if number.isdecimal() else -1
    to = n + {"up": -1, "down": 1}.get(verb, 0)
    if verb == "add" and len(out) < MOST_STEPS:
        out.append(_new())
    elif verb == "remove" and 0 <= n < len(out):
        del out[n]
    elif verb in ("up", "down") and 0 <= n < len(out) and 0 <= to < len(out):
        out[n], out[to] = out[to], out[n]
    return out


def _new() -> Step:
    return Step(id=secrets.token_hex(4), days=3, subject="", text="")


def _steps(typed: QueryDict) -> list[Step]:
    out: list[Step] = []
    while (key := f"step-{len(out)}") + "-id" in typed and len(out) < 2 * MOST_STEPS:
        days = typed.get(f"{key}-days", "").strip()
        out.append(
            Step(
                id=_line(typed, f"{key}-id", 12) or _new().id,
                days=int(days) if days.isdecimal() and len(days) < 5 else -1,
                subject=_line(typed, f"{key}-subject", 200),
                text=_text(typed, f"{key}-text", LONGEST),
                offer=_line(typed, f"{key}-offer", 120),
                url=_line(typed, f"{key}-url", 2_000),
            )
        )
    return out


def _several(typed: QueryDict, name: str) -> list[str]:
    return [text for text in typed.getlist(name) if text and "\0" not in text and len(text) <= 80][:50]


def _text(typed: Mapping[str, str], name: str, most: int) -> str:
    return typed.get(name, "").replace("\0", "").replace("\r\n", "\n").strip()[:most]


def _line(typed: Mapping[str, str], name: str, most: int) -> str:
    return " ".join(typed.get(name, "").replace("\0", "").split())[:most]
