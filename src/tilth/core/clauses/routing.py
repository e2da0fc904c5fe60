"""Who gets which lead."""

from collections.abc import Mapping, Set

from tilth.core.terms import DISPATCH, SEGMENT_FIELD, Condition, Pool, Routes

from .qualifying import condition
from .reader import Reader, numbers


def routing(r: Reader, doc: Mapping) -> Routes:
    at, part = "routing.", r.part(doc, "routing")
    dispatch = r.choice({"dispatch": DISPATCH[0], **part}, "dispatch", DISPATCH, at)
    dispatcher = r.address(part, "dispatcher", at) if part.get("dispatcher") else ""
    if dispatch == "manual" and not dispatcher:
        r.fault("routing.dispatcher", "is missing, so nobody would pass leads on.", "Write who does.")
    first = r.text(part, "first", at, optional=True).strip()
    return Routes(pools(r, doc), accounts(r, part), first, dispatch == "manual", dispatcher)


def accounts(r: Reader, part: Mapping) -> Mapping[str, str]:
    out = {}
    named = r.part(part, "accounts", "routing.")
    for domain in map(str, named):
        if not domain.strip():
            r.fault("routing.accounts.", "has an owner without a domain.", "Write the domain, or remove it.")
        out[domain.strip().lower()] = r.address(named, domain, "routing.accounts.")
    return out


def pools(r: Reader, doc: Mapping) -> tuple[Pool, ...]:
    segments = {str(item.get("id")) for _at, item in r.items(doc, "segments")}
    out = []
    for at, item in r.items(r.part(doc, "routing"), "pools", "routing."):
        chosen, when = members(r, item, at), all_of(r, item, at, segments)
        skill = r.text(item, "skill", at, optional=True).strip()
        out.append(Pool(r.text(item, "id", at), r.text(item, "say", at), chosen, when, skill))
    if not out:
        r.fault(
            "routing.pools",
            "is empty, so no lead could reach anyone.",
            "Write one pool with `members: everyone in sales`.",
        )
    elif out[-1].when:
        r.fault(
            "routing.pools",
            "ends with a condition, so some leads would reach nobody.",
            "Let the last pool have no `when`.",
        )
    r.unique("routing.pools", [p.id for p in out])
    return tuple(out)


def members(r: Reader, item: Mapping, at: str) -> Mapping[str, float]:
    named = item.get("members") or {}
    if named == "everyone in sales":
        named = {}
    if isinstance(named, list):
        named = dict.fromkeys(map(str, named), 1)
    if not isinstance(named, Mapping):
        r.fault(f"{at}members", f"is {named!r}.", "Write `everyone in sales`, or e-mail addresses with weights.")
        named = {}
    for email, weight in named.items():
        if not numbers([weight]) or weight <= 0:
            r.fault(f"{at}members.{email}", f"has the weight {weight!r}.", "Write a number above 0.")
    return dict(named)


def all_of(r: Reader, item: Mapping, at: str, segments: Set[str]) -> tuple[Condition, ...]:
    """The conditions of a pool: one, or a list of which all must hold."""
    if "when" not in item:
        return ()
    listed = item["when"] if isinstance(item["when"], list) else [item["when"]]
    places = [f"{at}when[{n}]" for n in range(len(listed))] if isinstance(item["when"], list) else [f"{at}when"]
    out = []
    for place, when in zip(places, listed, strict=True):
        name, test, value = condition(r, when, place, (SEGMENT_FIELD,))
        wanted = value if isinstance(value, tuple) else (value,)
        unknown = [w for w in map(str, wanted) if w not in segments] if test in ("is", "in") else []
        if name == SEGMENT_FIELD and unknown:
            r.fault(f"{place}.{test}", f"names {unknown[0]!r}, which no segment is.", "Write the id of a segment.")
        out.append(Condition("", "", name, test, value))
    return tuple(out)
