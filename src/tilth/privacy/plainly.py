"""Rows of any table as plain data, for the person that they are about."""

from datetime import date, datetime
from typing import Any

from django.db.models import BinaryField, Field, ForeignKey, JSONField, Model

from tilth.campaigns.models import Campaign
from tilth.content.models import Offer
from tilth.people.models import Company
from tilth.team.models import Member

# Columns about colleagues: who else might have got a lead, whom we told. What they say of the person stands elsewhere, too.
OURS = {"handoff.handoff.routing", "journal.entry.by_name", "notify.event.data"}

NAMED = (Company, Offer, Campaign)  # what others than they themselves and our people are called


class Plainly:
    """Says rows as plain data; what they refer to is looked up once. Colleagues are named by their team only."""

    def __init__(self) -> None:
        self.known: dict[tuple[type[Model], Any], Any] = {}

    def row(self, row: Model) -> dict[str, Any]:
        """Every column by its name; a reference by its number and what it is called."""
        fields, table = row._meta.concrete_fields, row._meta.label_lower
        return {f.name: self._value(row, f) for f in fields if f"{table}.{f.name}" not in OURS}

    def _value(self, row: Model, field: Field) -> Any:
        value = field.value_from_object(row)
        if isinstance(field, ForeignKey):
            return None if value is None else self._called(field.related_model, value)
        if isinstance(field, BinaryField):
            return bytes(value).hex() if value is not None else None
        if isinstance(value, datetime | date):
            return value.isoformat()
        return value if isinstance(field, JSONField) or value is None else field.to_python(value)

    def _called(self, model: Any, pk: Any) -> Any:
        if (model, pk) not in self.known:
            found = model._base_manager.filter(pk=pk).first() if model in (Member, *NAMED) else None
            named = {"team": found.role} if isinstance(found, Member) else {"name": str(found)} if found else {}
            self.known[model, pk] = named if model is Member else {"id": pk, **named}
        return self.known[model, pk]
