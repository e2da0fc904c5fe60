"""A backtest counts what scanners did as little as the live system does, also where that was found out later."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import NOW, SIGNED
from tests.insight.lakes import expected, told
from tests.insight.test_backtests import FIRM, draft_of, run
from tests.touches.bursts import CHROME, OFFICE, READERS, SCANNERS, Done, delivered, happens, mail_to
from tests.touches.test_settling import settle
from tilth import conveyor
from tilth.agreement.models import Version
from tilth.handoff.models import Handoff
from tilth.insight import export
from tilth.insight.engine import Engine
from tilth.people.known import Told, keep
from tilth.people.models import Person
from tilth.team.models import Member

LATER = NOW + timedelta(days=2)


@pytest.fixture(autouse=True)
def home(transactional_db: None, tmp_path: Path, settings: Any) -> None:
    """A lake of this test's own; it reads what is really committed."""
    settings.HOME = tmp_path


@pytest.fixture
def eager(preset: dict[str, Any], ann: Member, bob: Member) -> Version:
    """An agreement under which one click in a mail makes anybody ripe."""
    rule = next(r for r in preset["interest"]["rules"] if r["id"] == "mail-click")
    rule |= {"points": 40, "raises_hand": True}
    version = Version.write(preset, ann, SIGNED)
    version.sign(ann, "marketing", SIGNED)
    version.sign(bob, "sales", SIGNED)
    return version


def somebody(name: str, done: list[Done], learned: Any = None) -> Person:
    person = keep(
        Told(
            emails=[f"{name}@{name}.example"], phones=["+31105550142"], company=FIRM | {"name": name},
            person={"first_name": name, "last_name": "Zonneveld", "title": "Owner"},
        ), NOW, "form",
    )[0]  # fmt: skip
    mail_to(person)
    delivered(person)
    for one in done:
        happens(person, one, learned)
    return person


def test_a_backtest_hands_off_whom_a_reader_made_ripe_and_nobody_else(eager: Version, bob: Member) -> None:
    reader = somebody("reader", READERS["comes back the next day"])
    for n, done in enumerate(SCANNERS.values()):
        somebody(f"scanned{n}", done)
    export.catch_up(NOW)
    settle(LATER)
    conveyor.run_dry(LATER)
    assert list(Handoff.objects.values_list("person", flat=True)) == [reader.pk]
    compared = run(draft_of(eager), LATER)
    for side in ("draft", "running"):
        assert {c.person for c in compared.cases("handed", side)} == {reader.pk}


def test_the_lake_follows_what_is_found_out_later(eager: Version) -> None:
    person = somebody("late", [(900, "a", CHROME, OFFICE)])
    settle(NOW + timedelta(hours=1))
    export.catch_up(NOW + timedelta(hours=1))
    assert clicks() == [True]
    happens(person, (902, "hidden", CHROME, OFFICE), NOW + timedelta(hours=2))
    settle(LATER)
    export.catch_up(LATER)
    assert told(Engine())["touches"] == expected()["touches"]
    assert clicks() == [False, False]


def clicks() -> list[bool]:
    """Of each click, whether the lake says that a human made it."""
    return [what[-1] for _person, _at, what in told(Engine())["touches"] if what[0] == "mail_click"]
