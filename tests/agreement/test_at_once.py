"""Two who write, ask or sign at once take turns; the second sees what the first did."""

import pytest

from tests.conftest import NOW, SIGNED
from tests.test_two_at_once import beside
from tilth.agreement.comments import comment
from tilth.agreement.drafts import Closed, Stale, discard, open_draft, propose, save, withdraw
from tilth.agreement.models import Draft, DraftChange, OpenComments, Settled, Signature, Version, running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def draft(agreement, ann) -> Draft:
    return open_draft(agreement.document | {"name": "Ours"}, ann, NOW, agreement)


@pytest.fixture
def half_signed(preset, ann) -> Version:
    version = Version.write(preset, ann, SIGNED)
    version.sign(ann, "marketing", NOW)
    return version


def test_of_two_saves_at_once_one_is_told_of_the_other(draft, ann, bob):
    one, other = draft.document | {"name": "One"}, draft.document | {"name": "Other"}
    why = beside(lambda: save(draft, one, 0, ann, NOW), lambda: save(draft, other, 0, bob, NOW))
    assert isinstance(why, Stale)
    assert Draft.objects.get().document["name"] == "One"
    assert DraftChange.objects.count() == 1


def test_a_draft_is_proposed_once(draft, ann, bob):
    assert isinstance(beside(lambda: propose(draft, 0, ann, NOW), lambda: propose(draft, 0, bob, NOW)), Closed)
    assert Version.objects.count() == 2


def test_a_draft_that_is_being_proposed_is_not_thrown_away(draft, ann, bob):
    assert isinstance(beside(lambda: propose(draft, 0, ann, NOW), lambda: discard(draft, bob, NOW)), Closed)


def test_nobody_signs_over_a_question_that_is_being_asked(half_signed, ann, bob):
    why = beside(lambda: comment(half_signed, "", "Wait.", ann, NOW), lambda: half_signed.sign(bob, "sales", NOW))
    assert isinstance(why, OpenComments)
    assert running(NOW) is None


def test_nobody_asks_about_what_is_being_signed(half_signed, ann, bob):
    why = beside(lambda: half_signed.sign(bob, "sales", NOW), lambda: comment(half_signed, "", "Wait.", ann, NOW))
    assert isinstance(why, Settled)
    assert running(NOW) == half_signed


def test_a_version_that_is_being_signed_is_not_withdrawn(half_signed, ann, bob):
    assert isinstance(
        beside(lambda: half_signed.sign(bob, "sales", NOW), lambda: withdraw(half_signed, ann, NOW)), Settled
    )
    assert Signature.objects.count() == 2


def test_a_signature_that_is_being_taken_back_does_not_count(half_signed, ann, bob):
    why = beside(
        lambda: half_signed.withdraw_signature("marketing", ann, NOW), lambda: half_signed.sign(bob, "sales", NOW)
    )
    assert why is None
    assert [s.team for s in Signature.objects.all()] == ["sales"]
    assert running(NOW) is None
