"""Where other systems fail at promises, by name: see what their users report, and what their code does."""

from datetime import date, datetime, timedelta

from tests.conftest import NOW
from tests.promises.conftest import DUE, ask_for_demo
from tilth import conveyor
from tilth.handoff.models import Handoff
from tilth.handoff.verbs import accept
from tilth.people.known import Told, keep
from tilth.promises.models import Breach, Obligation, Settlement
from tilth.qualify.models import Ripe
from tilth.team.models import Absence
from tilth.touches.models import Team
from tilth.touches.record import record

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
MONDAY_NOON = datetime.fromisoformat("2026-06-15T13:00+02:00")


def promise(handoff: Handoff, kind: str = "first_contact") -> Obligation:
    return Obligation.objects.get(kind=kind, handoff=handoff)


def test_frappes_saturday_leads_are_due_on_monday_in_working_hours(agreement, lead_of):
    """Leads of a Saturday morning, afternoon and night are owed the same four hours of Monday."""
    for n, moment in enumerate(("2026-06-13T08:00", "2026-06-13T15:30", "2026-06-13T23:59")):
        handoff = lead_of(n, datetime.fromisoformat(f"{moment}+02:00"))
        assert promise(handoff).due_at == MONDAY_NOON
        assert promise(handoff, "verdict").due_at == datetime.fromisoformat("2026-06-17T17:00+02:00")


def test_frappes_status_replied_stops_no_clock(handoff, bob):
    """Accepting, changing what is known of the person, and a note are no contact, whatever a status would say."""
    accept(handoff, bob, NOW)
    keep(Told(person={"title": "Replied"}), NOW + MINUTE, "typed in", bob, person=handoff.person)
    conveyor.run_dry(NOW + HOUR)
    assert promise(handoff).open
    conveyor.run_dry(DUE + MINUTE)
    assert promise(handoff).breach.cause == "idle"


def test_next_crms_clock_sees_the_mail_that_another_system_sent(handoff):
    record("mail", NOW + MINUTE, NOW + HOUR, person=handoff.person, team=Team.SALES)
    conveyor.run_dry(NOW + HOUR)
    assert Settlement.objects.get(obligation=promise(handoff)).at == NOW + MINUTE


def test_with_everyone_on_holiday_the_lead_waits_in_sight_and_the_delivery_knows_why(agreed, anouk, bob):
    """One product hands it to whoever is away, another to nobody and tells nobody."""
    agreed(marketing={"leads": 1})
    Absence.objects.create(member=bob, first=date(2026, 6, 16), last=date(2026, 7, 3))
    ask_for_demo(anouk, NOW)
    conveyor.run_dry(NOW)
    assert Ripe.objects.get().waits_for == Ripe.Lack.OWNER
    conveyor.run_dry(datetime.fromisoformat("2026-06-22T09:01+02:00"))
    assert not Handoff.objects.exists()
    week = Obligation.objects.get(kind="delivery", due_at=datetime.fromisoformat("2026-06-22T09:00+02:00"))
    assert Breach.objects.get(obligation=week).cause == "no_owner"


def test_t8_fifty_by_monday_judged_by_wednesday(agreement, handoff):
    """Two teams, one table: marketing's fifty by Monday 09:00, sales' verdict by Wednesday 17:00."""
    delivery = Obligation.objects.filter(kind="delivery", due_at__gt=NOW).get()
    assert (delivery.quantity, delivery.debtor) == (50, "marketing")
    assert delivery.due_at == datetime.fromisoformat("2026-06-22T09:00+02:00")
    assert promise(handoff, "verdict").due_at == datetime.fromisoformat("2026-06-17T17:00+02:00")
