"""What a good lead is, and when it is ripe: fit, interest, matrix, journey, stages."""

from collections.abc import Mapping
from typing import Any

from tilth.core.terms import (
    ACTIONS,
    COMPANY_FIELDS,
    FREE_MAIL,
    GRADES,
    JOURNEY,
    LEVELS,
    MOST_COUNTED,
    NAMES_A_PERSON,
    PERSON_FIELDS,
    RESPONSIBLE,
    STEPS,
    TESTS,
    TOUCH_KINDS,
    Condition,
    FitRule,
    InterestRule,
    Ripeness,
    Step,
    Terms,
)

from .reader import Reader, numbers, share


def condition(r: Reader, when: Any, at: str, more: tuple[str, ...] = ()) -> tuple[str, str, Any]:
    if not isinstance(when, Mapping) or "field" not in when:
        r.fault(at, "does not say which field it looks at.", "Write `field: company.employees` and a test.")
        return "", "known", True
    name = str(when["field"])
    fields = (
        [FREE_MAIL]
        + [f"person.{f}" for f in PERSON_FIELDS]
        + [f"company.{f}" for f in COMPANY_FIELDS]
        + list(more)
    )  # fmt: skip
    if name not in fields and not name.startswith(("person.custom.", "company.custom.")):
        r.fault(
            f"{at}.field",
            f"is {name!r}, which nobody has.",
            f"Fields are: {', '.join(fields)}, or person.custom.… and company.custom.…",
        )
    tests = [t for t in TESTS if t in when]
    if name in NAMES_A_PERSON and tests != ["known"]:
        r.fault(
            f"{at}.field",
            f"is {name!r}, which names a person.",
            "Test only whether it is known, or use email.free.",
        )
    if len(tests) != 1:
        r.fault(at, f"has {len(tests)} tests.", f"Write exactly one of: {', '.join(TESTS)}.")
        return name, "known", True
    value = when[tests[0]]
    if tests[0] == "between" and not (
        isinstance(value, list) and len(value) == 2 and numbers(value) and value[0] <= value[1]
    ):
        r.fault(f"{at}.between", f"is {value!r}.", "Write two numbers in order, such as [50, 500].")
    if tests[0] in ("at_least", "at_most") and not numbers([value]):
        r.fault(f"{at}.{tests[0]}", f"is {value!r}.", "Write a number.")
    if tests[0] in ("in", "contains") and not isinstance(value, list):
        r.fault(f"{at}.{tests[0]}", f"is {value!r}.", "Write a list, such as [NL, BE].")
        value = [value]
    return name, tests[0], tuple(value) if isinstance(value, list) else value


def conditions(r: Reader, doc: Mapping, key: str, at: str = "") -> tuple[Condition, ...]:
    out = []
    for place, item in r.items(doc, key, at):
        name, test, value = condition(r, item.get("when"), f"{place}when")
        out.append(Condition(r.text(item, "id", place), r.text(item, "say", place), name, test, value))
    r.unique(f"{at}{key}", [c.id for c in out])
    return tuple(out)


def journey(r: Reader, doc: Mapping) -> Mapping[str, int]:
    part, out = r.part(doc, "journey"), {}
    for key in part:
        if key not in (*JOURNEY, "forget_days"):
            r.fault(f"journey.{key}", "is not a stage of the journey.", f"Stages are: {', '.join(JOURNEY)}.")
    for stage, name in enumerate(JOURNEY, 1):
        offers = part.get(name) or []
        if not isinstance(offers, list):
            r.fault(f"journey.{name}", f"is {offers!r}.", "Write a list of offers, such as [demo, quote].")
            continue
        for i, offer in enumerate(map(str, offers)):
            if offer in out:
                r.fault(f"journey.{name}[{i}]", f"is {offer!r}, which stands in two stages.", "Leave it in one.")
            out[offer] = stage
    return out


def ripeness(r: Reader, doc: Mapping) -> Ripeness:
    at, part = "ripeness.", r.part(doc, "ripeness")
    for key in part:
        if key not in ("stage", "touches", "days", "alarm_hours"):
            r.fault(at + str(key), "is not a part of ripeness.", "Parts are: stage, touches, days, alarm_hours.")
    stage = r.choice({"stage": JOURNEY[0], **part}, "stage", JOURNEY, at)
    return Ripeness(
        JOURNEY.index(stage) + 1,
        int(r.number(part, "touches", at, low=0, default=0, high=MOST_COUNTED)),
        r.number(part, "days", at, low=0, default=0, high=3_650),
        r.number(part, "alarm_hours", at, low=0, default=24, high=2_000),
    )


def steps(r: Reader, doc: Mapping) -> Mapping[str, Step]:
    part, out = r.part(doc, "stages"), {}
    for name in part:
        if name not in STEPS:
            r.fault(f"stages.{name}", "is not a stage.", f"Stages are: {', '.join(STEPS)}.")
    for i, name in enumerate(STEPS):
        step, at = r.part(part, name, "stages."), f"stages.{name}."
        half = "marketing" if i <= STEPS.index("lead") else "sales"
        who = r.choice({"responsible": half, **step}, "responsible", RESPONSIBLE, at)
        out[name] = Step(who, r.text(step, "does", at, optional=True))
    return out


def contradictions(r: Reader, terms: Terms) -> None:
    """Rules about the very same thing of which one gives what the other takes."""
    fit = [((c.field, c.test, c.value), c) for c in terms.fit_rules]
    interest = [((c.kinds, c.offers, c.events, c.url), c) for c in terms.interest_rules]
    rules: list[tuple[str, list[tuple[Any, Any]]]] = [("fit", fit), ("interest", interest)]
    for part, about in rules:
        for i, (what, rule) in enumerate(about):
            others = [other for same, other in about[:i] if same == what and other.points * rule.points < 0]
            if others:
                r.fault(
                    f"{part}.rules[{i}]",
                    f"gives {rule.points:+g} points for what the rule {others[0].id!r} gives {others[0].points:+g}.",
                    "Keep one of the two.",
                )
    for i, (what, rule) in enumerate(fit):
        never = [c for c in terms.exclusions if (c.field, c.test, c.value) == what and rule.points > 0]
        if never:
            r.fault(
                f"fit.rules[{i}]",
                f"gives points to whom the exclusion {never[0].id!r} keeps out.",
                "Keep one of the two.",
            )


def glossary(r: Reader, doc: Mapping) -> Mapping[str, str]:
    out = {str(k): str(v) for k, v in r.part(doc, "glossary").items()}
    if any(not term.strip() for term in out):
        r.fault("glossary.", "has a meaning without a term.", "Write the term, or remove it.")
    return out


def fit_rules(r: Reader, doc: Mapping) -> tuple[FitRule, ...]:
    out = []
    for at, item in r.items(r.part(doc, "fit"), "rules", "fit."):
        name, test, value = condition(r, item.get("when"), f"{at}when")
        out.append(
            FitRule(
                r.text(item, "id", at),
                r.text(item, "say", at),
                name,
                test,
                value,
                r.number(item, "points", at),
            )
        )
    r.unique("fit.rules", [r.id for r in out])
    return tuple(out)


def interest_rules(r: Reader, doc: Mapping) -> tuple[InterestRule, ...]:
    out = []
    for at, item in r.items(r.part(doc, "interest"), "rules", "interest."):
        when = r.part(item, "when", at)
        kinds = _words(when.get("kind"))
        for kind in sorted(kinds - set(TOUCH_KINDS)):
            r.fault(f"{at}when.kind", f"is {kind!r}, which no touch is.", f"Kinds are: {', '.join(TOUCH_KINDS)}.")
        if not when:
            r.fault(
                f"{at}when", "is empty, so every touch would count.", "Write `kind:`, `offer:`, `event:` or `url:`."
            )
        out.append(
            InterestRule(
                id=r.text(item, "id", at),
                say=r.text(item, "say", at),
                kinds=kinds,
                offers=_words(when.get("offer")),
                events=_words(when.get("event")),
                url=str(when.get("url") or ""),
                points=r.number(item, "points", at),
                half_life_days=r.number(item, "half_life_days", at, low=1 / 24, high=36_500),
                at_most=int(r.number(item, "at_most", at, low=1, default=1, high=MOST_COUNTED)),
                raises_hand=bool(item.get("raises_hand", False)),
            )
        )
    r.unique("interest.rules", [r.id for r in out])
    return tuple(out)


def grades(r: Reader, doc: Mapping) -> Mapping[str, float]:
    part = r.part(r.part(doc, "fit"), "grades", "fit.")
    out = {g: r.number(part, g, "fit.grades.") for g in GRADES[:-1]}
    if not out["A"] > out["B"] > out["C"]:
        r.fault("fit.grades", "are not in order.", "A needs more points than B, and B more than C; D is the rest.")
    return out


def levels(r: Reader, doc: Mapping) -> Mapping[int, float]:
    part = {str(k): v for k, v in r.part(r.part(doc, "interest"), "levels", "interest.").items()}
    out = {n: r.number(part, str(n), "interest.levels.") for n in LEVELS[1:]}
    if not 0 < out[2] < out[3] < out[4]:
        r.fault(
            "interest.levels",
            "are not in order.",
            "Level 4 needs more points than 3, 3 more than 2, and 2 more than 0.",
        )
    return out


def actions(r: Reader, doc: Mapping) -> Mapping[str, tuple[str, ...]]:
    return _grid(r, doc, "matrix", _an_action, f"one of {', '.join(ACTIONS)}")


def chances(r: Reader, doc: Mapping) -> Mapping[str, tuple[float, ...]]:
    return _grid(r, r.part(doc, "expected"), "chance", share, "a share such as 0.12, 12% or 1/8", "expected.")


def _grid(r: Reader, doc: Mapping, key: str, cell: Any, say: str, at: str = "") -> Mapping[str, tuple]:
    part = r.part(doc, key, at)
    out = {}
    for grade in GRADES:
        row = part.get(grade)
        if not isinstance(row, list) or len(row) != len(LEVELS):
            r.fault(f"{at}{key}.{grade}", "does not have four cells.", "Write one for each interest level, 1 to 4.")
            row = []
        cells = [cell(v) for v in row]
        for i, value in enumerate(cells):
            if value is None:
                r.fault(f"{at}{key}.{grade}[{i}]", f"is {row[i]!r}.", f"Write {say}.")
        out[grade] = tuple(cells) if len(cells) == 4 else (cell("nurture") or 0.0,) * 4
    for grade in part:
        if grade not in GRADES:
            r.fault(f"{at}{key}.{grade}", "is not a fit grade.", "Grades are A, B, C and D.")
    return out


def required(r: Reader, doc: Mapping) -> tuple[str, ...]:
    fields = r.listed(r.part(doc, "handoff"), "required", "handoff.")
    for i, name in enumerate(fields):
        if name not in (*PERSON_FIELDS, "company"):
            r.fault(f"handoff.required[{i}]", f"is {name!r}.", f"Write one of: {', '.join(PERSON_FIELDS)}, company.")
    return tuple(fields)


def _an_action(value: Any) -> str | None:
    return value if value in ACTIONS else None


def _words(value: Any) -> frozenset[str]:
    if value is None:
        return frozenset()
    return frozenset(map(str, value)) if isinstance(value, list) else frozenset([str(value)])
