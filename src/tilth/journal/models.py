"""One line for everything anyone did. Lines are added, never changed or removed.

Other rooms' rows are named by kind and id, not by foreign key: the journal outlives what it tells of.
"""

from datetime import datetime
from typing import Any

from django.db import models


class Entry(models.Model):
    at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=120, blank=True)
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    person_id = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["person_id", "at"]), models.Index(fields=["subject", "subject_id"])]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.by_name or 'Tilth'} {self.verb} {self.subject} {self.subject_id}"


def note(
    verb: str,
    row: models.Model,
    at: datetime,
    by: Any = None,
    /,
    person: int | None = None,
    version: int | None = None,
    **data: Any,
) -> Entry:
    """Write down that `by` (a member, or None for Tilth itself) did `verb` to `row`."""
    return Entry.objects.create(
        at=at, by_id=by and by.pk, by_name=by.name if by else "", verb=verb,
        subject=row._meta.model_name or "", subject_id=row.pk, person_id=person, version=version, data=data,
    )  # fmt: skip
