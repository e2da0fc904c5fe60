"""Which leads have gone quiet (R44): the queue, the ledger, the leaks and the manager's page say the same, to the moment."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from tests.conftest import NOW, SIGNED
from tests.handoff.test_routing import lead
from tilth import conveyor
from tilth.agreement.models import Version
from tilth.handoff.models import Handoff
from tilth.handoff.verbs import accept, add_outcome, hand_off, log_contact, qualified
from tilth.leaks import finding
from tilth.leaks.kinds import Kind
from tilth.people.models import Person
from tilth.promises.ledger import stale
from tilth.promises.models import Obligation
from tilth.team.models import Absence, Member, Week
from tilth.touches.models import Team, Touch
from tilth.touches.record import record
from tilth.web.queue import held, queue
from tilth.web.today import manager

DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)
SATURDAY = NOW + 4 * DAY


def taken_on(by: Member, at: datetime = NOW) -> Person:
    """A lead that was called, accepted and found ready to buy: all that is owed is that it is heard of."""
    person = lead(1, at)
    handoff = hand_off(person, at, owner=by).row
    log_contact(person, by, "call", at)
    accept(handoff, by, at)
    qualified(handoff, by, at)
    conveyor.run_dry(at)
    return person


def is_due() -> datetime:
    return Obligation.objects.get(kind=Obligation.Kind.STATUS, open=True).due_at


def said(bob: Member, version: Version, now: datetime) -> dict[str, datetime | bool | None]:
    """What each of them says of the one lead: since when it is quiet, if it is."""
    [row] = queue(bob, now).leads
    one = held(row.person.pk, now)
    assert one is not None
    return {
        "ledger": stale(now).values_list("since", flat=True).first(),
        "queue": row.quiet_since,
        "page": one.quiet_since,
        "manager": next((quiet.since for quiet in manager._quiet(now)), None),
        "leak": finding.of(row.person.pk, version.terms, now) == Kind.STALE,
    }


def quiet_from(bob: Member, version: Version, heard: datetime, due: datetime) -> None:
    """At the moment at which it is due nobody calls it quiet; a moment later all do."""
    fresh = dict.fromkeys(("ledger", "queue", "page", "manager")) | {"leak": False}
    assert said(bob, version, due) == fresh
    assert said(bob, version, due + MOMENT) == dict.fromkeys(("ledger", "queue", "page", "manager"), heard) | {
        "leak": True
    }


@pytest.mark.parametrize("at", [NOW, SATURDAY])
def test_from_ten_open_days_after_it_was_heard_of(agreement, bob, at):
    """From a Saturday on too, where ten days forwards and ten days back are not the same."""
    taken_on(bob, at)
    quiet_from(bob, agreement, at, is_due())


def test_days_off_of_the_owner_do_not_count(agreement, bob):
    Absence.objects.create(member=bob, first=date(2026, 6, 18), last=date(2026, 6, 19))
    Week.objects.create(member=bob, country="DE", region="BY")
    taken_on(bob)
    assert is_due() == NOW + 16 * DAY
    quiet_from(bob, agreement, NOW, NOW + 16 * DAY)


def test_the_days_are_those_of_the_agreement_under_which_it_was_handed_off(agreement, preset, ann, bob):
    taken_on(bob)
    preset["sla"]["sales"]["stale_after_days"] = 3
    after = Version.write(preset, ann, SIGNED)
    after.sign(ann, "marketing", NOW + DAY)
    after.sign(bob, "sales", NOW + DAY)
    quiet_from(bob, after, NOW, NOW + 14 * DAY)


def says_how_it_went(person: Person, by: Member, at: datetime) -> None:
    add_outcome(Touch.objects.get(kind="call", person=person), by, "reached", at)


def calls_by_telephone_system(person: Person, by: Member, at: datetime) -> None:
    record("call", at, at, person=person, team=Team.SALES)


@pytest.mark.parametrize("does", [says_how_it_went, calls_by_telephone_system])
def test_whatever_is_heard_of_it_counts_everywhere(agreement, bob, does: Callable[[Person, Member, datetime], None]):
    person, then = taken_on(bob), NOW + 13 * DAY
    does(person, bob, then)
    assert not any(said(bob, agreement, NOW + 15 * DAY).values())
    conveyor.run_dry(NOW + 15 * DAY)
    quiet_from(bob, agreement, then, is_due())


def test_a_lead_that_was_not_accepted_is_late_and_not_quiet(agreement, bob):
    lead(1)
    conveyor.run_dry(NOW)
    assert Handoff.objects.get().owner == bob
    assert not any(said(bob, agreement, NOW + 60 * DAY).values())
