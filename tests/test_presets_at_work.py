"""The starting agreements as they ship, signed as they are: what they say is done, and nobody waits for what nobody filled in."""

from datetime import timedelta

import pytest

from tests.agreement.test_presets import GOOD, RAISED
from tests.conftest import NOW, SIGNED
from tilth import conveyor
from tilth.agreement import presets
from tilth.agreement.models import Version
from tilth.handoff.models import Handoff, Holding
from tilth.handoff.verbs import return_lead
from tilth.notify.models import Line, Message
from tilth.people.known import Told, keep
from tilth.promises.models import Alert, Obligation
from tilth.touches.models import Evidence
from tilth.touches.record import offer, record

MINUTE, WEEK = timedelta(minutes=1), timedelta(days=7)


@pytest.fixture(params=presets.names())
def handoff(request, ann, bob, carla) -> Handoff:
    """Anouk asked for what raises a hand in this trade, on a Tuesday morning; Bob is the only one who sells."""
    version = Version.write(presets.load(request.param), ann, SIGNED)
    version.sign(ann, "marketing", SIGNED)
    version.sign(bob, "sales", SIGNED)
    about = GOOD[request.param]
    company = {name.partition(".")[2]: value for name, value in about.items() if name.startswith("company.")}
    told = Told(
        emails=["anouk@zonneveld.example"],
        phones=["+31105550142"],
        person={"first_name": "Anouk", "last_name": "Zonneveld", "title": about["person.title"]},
        company={"name": "Zonneveld"} | company,
    )
    person = keep(told, NOW, "form")[0]
    record("form", NOW, NOW, person=person, offer=offer(RAISED[request.param], NOW), evidence=Evidence.DECLARED)
    conveyor.run_dry(NOW)
    return Handoff.objects.get()


def test_its_owner_is_told_at_once_reminded_in_time_and_keeps_the_lead(handoff, bob, carla):
    assert handoff.owner == bob
    assert Message.objects.get(to=bob.email).event.what == "handoff"
    owed = Obligation.objects.get(kind="first_contact")
    conveyor.run_dry(owed.due_at - MINUTE)
    assert [a.step for a in Alert.objects.filter(obligation=owed)] == [Alert.Step.REMINDER]
    conveyor.run_dry(owed.due_at + WEEK)
    steps = set(Alert.objects.filter(obligation=owed).values_list("step", flat=True))
    assert Alert.Step.ESCALATION in steps
    assert Alert.Step.REASSIGNMENT not in steps
    assert Holding.objects.get().owner == bob
    assert Message.objects.filter(to=carla.email, event__what="breach").exists()


def test_what_comes_back_is_any_managers_to_decide_and_stands_in_the_mail_of_the_day(handoff, bob, carla):
    back = return_lead(handoff, bob, handoff.version.terms.return_reasons[0].id, "", NOW + MINUTE).row
    conveyor.run_dry(NOW + MINUTE)
    review = Obligation.objects.get(kind="review")
    assert (review.debtor, review.member, review.since) == ("manager", None, back.at)
    assert Line.objects.get(member=carla, channel="mail").event.what == "returned"
    assert not Message.objects.filter(to=carla.email).exists()
