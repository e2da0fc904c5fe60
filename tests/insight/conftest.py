"""Rows for figures, written straight into the tables: figures read facts, whoever made them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tilth.agreement.models import Version
from tilth.deals.models import Deal, Lost, Won
from tilth.handoff.models import HandBack, Handoff, Qualified, Return
from tilth.insight.period import Period
from tilth.people.models import Company, Person
from tilth.team.models import Member
from tilth.touches.models import Origin
from tilth.touches.record import offer

ZONE = ZoneInfo("Europe/Amsterdam")
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31), ZONE)
NOON = datetime(2026, 3, 10, 12, tzinfo=ZONE)


@pytest.fixture
def version(db: None) -> Version:
    return Version.objects.create(number=1, document={}, fingerprint="0" * 64, written_at=NOON)


@pytest.fixture
def lead(bob: Member, version: Version) -> Callable[..., Person]:
    """A lead and what became of it: `lead("fair", "Card", handed=1, sql=True, won=5_000)`; days are counted from NOON."""

    def grow(
        source: str | None = "", made_by: str = "", *, at: datetime = NOON, handed: int | None = None, sql: bool = False,
        returned: str = "", back: str = "", won: int | None = None, lost: bool = False, currency: str = "EUR",
        company: Company | None = None, won_after: int = 20,
    ) -> Person:  # fmt: skip
        person = Person.objects.create(first_name="Ada", at=at, company=company)
        if source is not None:
            Origin.objects.create(person=person, at=at, door="person", source=source, offer=offer(made_by, at))
        if handed is not None:
            row = Handoff.objects.create(
                person=person, owner=bob, version=version, at=at + timedelta(days=handed),
                grade="A", level=3, value=100_000, why={}, routing={},
            )  # fmt: skip
            happened: dict[str, Any] = {"handoff": row, "member": bob, "at": row.at + timedelta(days=1)}
            if sql:
                Qualified.objects.create(**happened)
            if returned:
                Return.objects.create(**happened, reason=returned)
            if back:
                HandBack.objects.create(**happened, reason=back)
        if won is not None or lost:
            deal = Deal.objects.create(name="Deal", person=person, company=company, currency=currency, learned_at=at)
            closed: dict[str, Any] = {"deal": deal, "at": at + timedelta(days=won_after)}
            if won is not None:
                Won.objects.create(**closed, amount=won)
            else:
                Lost.objects.create(**closed, reason="price")
        return person

    return grow
