"""Both teams sign exactly one version for one moment; until then it can be withdrawn."""

from datetime import timedelta

import pytest

from tests.conftest import NOW, SIGNED
from tilth.agreement.comments import close, comment
from tilth.agreement.drafts import open_draft, propose, withdraw
from tilth.agreement.models import (
    Comment,
    Draft,
    NotThen,
    NotYours,
    OpenComments,
    Settled,
    Signature,
    Version,
    running,
)
from tilth.journal.models import Entry

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MONDAY = NOW + 6 * DAY


@pytest.fixture
def version(preset, ann) -> Version:
    return Version.write(preset, ann, SIGNED)


def test_a_version_takes_effect_at_the_chosen_moment(version, ann, bob):
    version.sign(ann, "marketing", NOW, MONDAY)
    assert version.takes_effect_at is None
    version.sign(bob, "sales", NOW + DAY, MONDAY)
    assert version.takes_effect_at == MONDAY
    assert running(MONDAY - MINUTE) is None
    assert running(MONDAY) == version


def test_without_a_moment_it_takes_effect_with_the_second_signature(version, ann, bob):
    version.sign(bob, "sales", NOW)
    version.sign(ann, "marketing", NOW + DAY)
    assert Version.objects.get().takes_effect_at == NOW + DAY


def test_a_moment_that_passed_before_the_second_signed_means_at_once(version, ann, bob):
    version.sign(ann, "marketing", NOW, NOW + DAY)
    version.sign(bob, "sales", NOW + 2 * DAY, NOW + DAY)
    assert version.takes_effect_at == NOW + 2 * DAY


def test_nobody_chooses_the_past_or_the_far_future(version, ann):
    with pytest.raises(NotThen, match="has passed"):
        version.sign(ann, "marketing", NOW, NOW - MINUTE)
    with pytest.raises(NotThen, match="more than a year"):
        version.sign(ann, "marketing", NOW, NOW + 400 * DAY)
    assert not Signature.objects.exists()


def test_the_second_signs_for_the_moment_that_the_first_chose(version, ann, bob):
    version.sign(ann, "marketing", NOW, MONDAY)
    with pytest.raises(NotThen, match="Ann de Wit signed for another moment"):
        version.sign(bob, "sales", NOW)
    assert Signature.objects.count() == 1


def test_a_signature_says_who_what_and_when(version, ann):
    row = version.sign(ann, "marketing", NOW, MONDAY)
    assert (row.name, row.role, row.fingerprint, row.at, row.effect_at) == (
        "Ann de Wit", "marketing", version.fingerprint, NOW, MONDAY,
    )  # fmt: skip


def test_signing_twice_for_a_team_is_one_signature(version, ann):
    assert version.sign(ann, "marketing", NOW, MONDAY) == version.sign(ann, "marketing", NOW + DAY, MONDAY)
    assert Signature.objects.count() == 1


def test_nobody_signs_for_the_other_team(version, ann):
    with pytest.raises(NotYours):
        version.sign(ann, "sales", NOW)
    with pytest.raises(NotYours):
        version.sign(ann, "service", NOW)


def test_an_open_comment_blocks_both_signatures(version, ann, bob):
    version.sign(ann, "marketing", NOW)
    asked = Comment.objects.get(pk=comment(version, "sla.sales.calls", "Five is much.", bob, NOW).subject_id)
    with pytest.raises(OpenComments, match="One comment is open"):
        version.sign(bob, "sales", NOW)
    close(asked, ann, NOW)
    version.sign(bob, "sales", NOW)
    assert running(NOW) == version


def test_a_signature_can_be_taken_back_until_the_other_team_signs(version, ann, bob):
    version.sign(ann, "marketing", NOW, MONDAY)
    with pytest.raises(NotYours):
        version.withdraw_signature("marketing", bob, NOW)
    version.withdraw_signature("marketing", ann, NOW)
    assert not Signature.objects.exists()
    version.sign(bob, "sales", NOW)
    version.sign(ann, "marketing", NOW)
    with pytest.raises(Settled, match="never changes"):
        version.withdraw_signature("marketing", ann, NOW)
    verbs = Entry.objects.filter(subject="version").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["wrote", "signed", "withdrew signature", "signed", "signed", "agreed"]


def test_a_withdrawn_version_is_a_draft_again_with_its_comments(agreement, ann, bob):
    agreement.refresh_from_db()
    draft = open_draft(agreement.document | {"name": "Ours"}, ann, NOW, agreement)
    version = propose(draft, 0, ann, NOW)
    comment(version, "name", "Whose?", bob, NOW)
    assert withdraw(version, bob, NOW) == draft
    assert Draft.objects.get().is_open
    assert draft.comments.get().text == "Whose?"
    version.refresh_from_db()
    with pytest.raises(Settled, match="Version 2 was withdrawn"):
        version.sign(ann, "marketing", NOW)
    assert propose(draft, 0, ann, NOW).number == 3


def test_a_version_that_came_as_text_becomes_a_draft_too(version, ann, bob):
    version.refresh_from_db()
    asked = comment(version, "", "Why not in Dutch?", bob, NOW)
    draft = withdraw(version, ann, NOW)
    assert (draft.document, draft.based_on) == (version.document, version)
    assert draft.comments.get().pk == asked.subject_id


def test_what_both_signed_is_not_withdrawn(agreement, ann):
    with pytest.raises(Settled, match="signed by both"):
        withdraw(agreement, ann, NOW)


def test_a_later_version_waits_while_the_earlier_one_runs(agreement, preset, ann, bob):
    newer = Version.write(preset | {"name": "Next year"}, ann, NOW)
    newer.sign(ann, "marketing", NOW, MONDAY)
    newer.sign(bob, "sales", NOW, MONDAY)
    assert running(NOW) == agreement
    assert running(MONDAY) == newer
