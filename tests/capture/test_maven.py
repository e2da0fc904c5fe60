"""8,800 opportunities of a fictitious company; its figures are published."""

from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.capture.importing import counts, real, take_in
from tilth.deals.models import Deal, Flag, Lost, Won
from tilth.people.models import Company

pytestmark = [pytest.mark.data, pytest.mark.django_db]
HERE = ZoneInfo("America/New_York")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _take_in(name: str = "sales_pipeline.csv") -> tuple[int, int, int, int]:
    return counts(take_in(real("maven_crm", name), mapping="maven-deals"))


def _by_quarter(model: type[Won] | type[Lost]) -> Counter[tuple[int, int]]:
    days = (at.astimezone(HERE) for at in model.objects.values_list("at", flat=True))
    return Counter((day.year, (day.month + 2) // 3) for day in days)


def _facts() -> list:
    rows = Deal.objects.select_related("company", "won", "lost").order_by("external_id")
    ended = {"won": dict(Won.objects.values_list("deal", "at")), "lost": dict(Lost.objects.values_list("deal", "at"))}
    return [
        (d.external_id, d.seller, str(d.company), d.phase, d.opened_at, d.amount, ended["won"].get(d.pk), ended["lost"].get(d.pk))
        for d in rows
    ]  # fmt: skip


def test_the_published_figures_come_out() -> None:
    assert _take_in() == (8800, 0, 0, 0)
    won, lost = Won.objects.count(), Lost.objects.count()
    assert (won, lost) == (4238, 2473)
    assert round(100 * won / (won + lost), 2) == 63.15
    by_quarter, gone = _by_quarter(Won), _by_quarter(Lost)
    rates = [round(100 * n / (n + gone[quarter]), 2) for quarter, n in sorted(by_quarter.items())]
    assert [n for _, n in sorted(by_quarter.items())] == [531, 1254, 1257, 1196]
    assert rates == [82.07, 61.71, 61.41, 60.25]
    assert sum(Won.objects.values_list("amount", flat=True)) == 10_005_534_00
    phases = Counter(Deal.objects.values_list("phase", flat=True))
    assert phases == {"Won": 4238, "Lost": 2473, "Engaging": 1589, "Prospecting": 500}
    assert Deal.objects.filter(opened_at=None).count() == 500


def test_odd_rows_are_kept_and_flagged() -> None:
    row = take_in(real("maven_crm", "sales_pipeline.csv"), mapping="maven-deals")
    flags = Counter(Flag.objects.values_list("kind", flat=True))
    assert flags == {"no account": 1425, "product": 1480}
    assert Deal.objects.filter(company=None).count() == 1425
    assert Deal.objects.filter(product="GTXPro").count() == 1480
    say = Flag.objects.filter(kind="product").values_list("say", flat=True).distinct().get()
    assert say == "“GTXPro” is not among the expected values; the nearest is “GTX Pro”"
    assert row.notes["odd"]["product"]["count"] == 1480
    assert Company.objects.count() == 85


def test_dates_the_other_way_round_give_the_same_facts() -> None:
    _take_in()
    before = _facts()
    assert _take_in("variants/sales_pipeline_ddmmyyyy_crlf.csv") == (0, 1480, 7320, 0)
    assert _facts() == before
    assert not Deal.objects.filter(product="GTXPro").exists()
    assert not Flag.objects.filter(kind="product").exists()


def test_importing_again_changes_nothing() -> None:
    _take_in()
    before = _facts()
    assert _take_in() == (0, 0, 8800, 0)
    assert _facts() == before
