"""What money, time and days are where an agreement holds."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

from tilth.core import holiday
from tilth.core.terms import DAYS

from .reader import Reader, hour


def currency(r: Reader, doc: Mapping) -> str:
    value = doc.get("currency")
    if not (isinstance(value, str) and len(value) == 3 and value.isalpha() and value.isupper()):
        r.fault("currency", f"is {value!r}.", "Write three capitals, such as EUR.")
        return "EUR"
    return value


def zone(r: Reader, doc: Mapping) -> ZoneInfo:
    value = doc.get("time_zone")
    try:
        return ZoneInfo(value)  # type: ignore[arg-type]
    except Exception:  # zoneinfo raises six kinds, all of which mean this
        r.fault("time_zone", f"is {value!r}, which is not a time zone.", "Write one such as Europe/Amsterdam.")
        return ZoneInfo("UTC")


def region(r: Reader, doc: Mapping) -> str:
    """The region, once its holidays (and its country's) are known to exist."""
    country, region = doc.get("country"), r.text(doc, "region", "", optional=True)
    try:
        if isinstance(country, str) and country:
            holiday.check(country.upper(), region)
    except holiday.UnknownPlace as e:
        r.fault("region" if region else "country", f"is {region or country!r}.", str(e))
    return region


def hours(r: Reader, doc: Mapping) -> tuple[tuple[tuple[time, time], ...], ...]:
    week = r.part(doc, "working_week")
    for day in week:
        if day not in DAYS:
            r.fault(f"working_week.{day}", "is not a day.", f"Days are: {', '.join(DAYS)}.")
    out = []
    for day in DAYS:
        spans: list[tuple[time, time]] = []
        texts = week.get(day) or []
        for i, text in enumerate(texts if isinstance(texts, list) else [texts]):
            span = _span(text)
            if span is None or (spans and span[0] < spans[-1][1]):
                r.fault(f"working_week.{day}[{i}]", f"is {text!r}.", 'Write hours in order, such as "09:00-17:30".')
            else:
                spans.append(span)
        out.append(tuple(spans))
    if not any(out):
        r.fault("working_week", "has no open hour.", 'Write `monday: ["09:00-17:00"]` and so on.')
    return tuple(out)


def dates(r: Reader, doc: Mapping, key: str) -> frozenset[date]:
    out = set()
    for i, value in enumerate(r.listed(doc, key)):
        try:
            out.add(value if isinstance(value, date) else date.fromisoformat(value))
        except (TypeError, ValueError):
            r.fault(f"{key}[{i}]", f"is {value!r}.", "Write a date such as 2026-12-24.")
    return frozenset(out)


def _span(text: Any) -> tuple[time, time] | None:
    try:
        opens, closes = map(hour, str(text).split("-"))
    except ValueError:
        return None
    return (opens, closes) if opens < closes else None
