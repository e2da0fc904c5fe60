"""Where others mention somebody: every text of every table, looked through a span of rows at a time.

Rows that are about one person and know them by nothing but a text (a submission that nobody understood, a failed row of a
file, what is needed to undo a merge) go; in all others only the mention goes.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import CharField, Field, JSONField, Model, Q, TextField
from django.db.models.functions import Cast

from tilth.core.forgetting import Ways, redacted

SPAN = 50_000  # ids in one call
ABOUT_ONE = {"capture.failedrow", "forms.submission", "notify.message", "people.merge", "people.duplicate"}
UNTOUCHED = {  # looked through elsewhere, signed by both teams, or not about customers
    "capture.received", "people.suppression", "privacy.erasure", "agreement.version", "agreement.signature", "team.member",
    "team.invitation",
}  # fmt: skip


def clear(ways: Ways, place: dict[str, Any]) -> tuple[Mapping[str, int], dict[str, Any] | None]:
    """Look through the next span; how many rows of which table went or were mended, and the place, None at the end."""
    tables = list(_tables())
    n, after = place.get("at", 0), place.get("after", 0)
    while n < len(tables):
        model, fields = tables[n]
        last = model._base_manager.order_by("-pk").values_list("pk", flat=True).first()
        if isinstance(last, int) and after < last:
            upto = after + SPAN
            counts = {model._meta.label_lower: _mended(model, fields, ways, Q(pk__gt=after, pk__lte=upto))}
            return counts, {"at": n, "after": upto, "until": len(tables)}
        if last is not None and not isinstance(last, int):
            counts = {model._meta.label_lower: _mended(model, fields, ways, Q())}
            return counts, {"at": n + 1, "after": 0, "until": len(tables)}
        n, after = n + 1, 0
    return {}, None


def _tables() -> Iterator[tuple[type[Model], list[Field]]]:
    for model in sorted(apps.get_models(), key=lambda m: m._meta.label_lower):
        if model.__module__.startswith("tilth.") and model._meta.label_lower not in UNTOUCHED:
            texts = (f for f in model._meta.concrete_fields if isinstance(f, CharField | TextField | JSONField))
            fields: list[Field] = [f for f in texts if not f.choices]
            if fields:
                yield model, fields


def _mended(model: type[Model], fields: list[Field], ways: Ways, span: Q) -> int:
    """How many rows of a span went or were mended. They are found first, so that nobody waits for the search."""
    if not ways.telling:
        return 0
    rows = model._base_manager.alias(**_as_texts(fields)).filter(span & _mention(fields, ways))
    return sum(_mend(model, fields, ways, pk) for pk in list(rows.values_list("pk", flat=True)))


@transaction.atomic
def _mend(model: type[Model], fields: list[Field], ways: Ways, pk: Any) -> int:
    row = model._base_manager.select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None:
        return 0
    if model._meta.label_lower in ABOUT_ONE:
        row.delete()
        return 1
    changed = {f.name: new for f in fields if (new := redacted(old := getattr(row, f.attname), ways)) != old}
    model._base_manager.filter(pk=pk).update(**changed)
    return int(bool(changed))


def _as_texts(fields: list[Field]) -> dict[str, Any]:
    return {f"{field.name}_said": Cast(field.name, TextField()) for field in fields if isinstance(field, JSONField)}


def _mention(fields: list[Field], ways: Ways) -> Q:
    spelled = {spelling for way in ways.telling for spelling in (way, json.dumps(way)[1:-1])}
    names = [f"{field.name}_said" if isinstance(field, JSONField) else field.name for field in fields]
    return Q(*(Q(**{f"{name}__icontains": way}) for name in names for way in sorted(spelled)), _connector=Q.OR)
