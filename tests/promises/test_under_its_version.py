"""Open handoffs keep what was promised when they were made, whatever takes effect meanwhile."""

from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.promises.conftest import DUE, WEDNESDAY
from tilth import conveyor
from tilth.agreement.models import Version
from tilth.handoff.models import Return
from tilth.handoff.verbs import UnknownReason, log_contact, return_lead
from tilth.promises.catch_up import rebuild
from tilth.promises.models import Obligation, Settlement

HOUR = timedelta(hours=1)


@pytest.fixture
def newer(agreement, preset, ann, bob) -> Version:
    """A version that both sign before the handoff, and that takes effect one hour after it."""
    preset["sla"]["sales"]["first_contact_hours"] = 1
    preset["return_reasons"] = [{"id": "too-far", "say": "Too far away"}]
    version = Version.write(preset, ann, NOW - HOUR)
    version.sign(ann, "marketing", NOW - HOUR, NOW + HOUR)
    version.sign(bob, "sales", NOW - HOUR, NOW + HOUR)
    return version


def promise(kind: str, person: int) -> Obligation:
    return Obligation.objects.get(kind=kind, handoff__person=person)


def test_each_handoff_belongs_to_the_version_of_its_moment(newer, handoff, agreement, lead_of):
    later = lead_of(1, NOW + 2 * HOUR)
    assert promise("first_contact", handoff.person_id).version == agreement
    assert promise("first_contact", handoff.person_id).due_at == DUE
    assert promise("first_contact", later.person_id).version == newer
    assert promise("first_contact", later.person_id).due_at == NOW + 3 * HOUR


def test_an_open_promise_is_kept_or_broken_as_it_was_made(newer, handoff, bob):
    conveyor.run_dry(NOW + 2 * HOUR)
    log_contact(handoff.person, bob, "call", NOW + 3 * HOUR)
    conveyor.run_dry(NOW + 3 * HOUR)
    met = Settlement.objects.get(obligation__kind="first_contact")
    assert met.kept  # late for one hour, in time for four
    assert promise("verdict", handoff.person_id).due_at == WEDNESDAY


def test_rebuilding_after_the_change_keeps_it_so(newer, handoff, agreement):
    conveyor.run_dry(NOW + 2 * HOUR)
    rebuild(NOW + 2 * HOUR)
    assert promise("first_contact", handoff.person_id).version == agreement
    assert promise("first_contact", handoff.person_id).due_at == DUE


def test_a_lead_is_returned_with_a_reason_of_its_own_version(newer, handoff, bob):
    with pytest.raises(UnknownReason):
        return_lead(handoff, bob, "too-far", "", NOW + 2 * HOUR)
    return_lead(handoff, bob, "no-fit", "", NOW + 2 * HOUR)
    assert Return.objects.get().reason == "no-fit"
