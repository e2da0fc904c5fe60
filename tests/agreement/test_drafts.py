"""A draft is written by both teams, loses nobody's work, and becomes a version."""

import json
from copy import deepcopy
from datetime import timedelta

import pytest

from tests.conftest import NOW
from tilth.agreement.drafts import (
    Closed,
    NothingNew,
    Stale,
    Unkeepable,
    base_at,
    discard,
    open_draft,
    open_drafts,
    propose,
    save,
)
from tilth.agreement.models import Draft, DraftChange, Version
from tilth.core.clauses.reader import Unsound
from tilth.deals.verbs import undo
from tilth.journal.models import Entry

MINUTE = timedelta(minutes=1)


@pytest.fixture
def draft(agreement, ann) -> Draft:
    agreement.refresh_from_db()
    return open_draft(agreement.document, ann, NOW, agreement)


def with_leads(document, leads):
    new = deepcopy(document)
    new["sla"]["marketing"]["leads"] = leads
    return new


def test_a_draft_begins_as_what_it_is_based_on(draft, agreement):
    assert (draft.document, draft.name, draft.revision) == (agreement.document, "B2B software", 0)
    assert list(open_drafts()) == [draft]


def test_a_save_keeps_what_changed_by_whom_and_when(draft, bob):
    stored = save(draft, with_leads(draft.document, 40), 0, bob, NOW + MINUTE)
    assert (stored.revision, stored.edited_by, stored.edited_at) == (1, bob, NOW + MINUTE)
    row = DraftChange.objects.get()
    assert row.changes == [{"path": "sla.marketing.leads", "was": 50, "now": 40}]
    assert (row.by, row.at, row.before) == (bob, NOW + MINUTE, draft.document)


def test_the_same_document_again_is_no_change(draft, bob):
    reordered = dict(reversed(draft.document.items()))
    assert save(draft, reordered, 0, bob, NOW).revision == 0
    assert not DraftChange.objects.exists()


def test_an_unsound_document_is_kept_and_takes_its_name_along(draft, ann):
    stored = save(draft, {"name": "Half written", "matrix": "?"}, 0, ann, NOW)
    assert Draft.objects.get().document == {"name": "Half written", "matrix": "?"}
    assert stored.name == "Half written"
    assert save(stored, {"matrix": "?"}, 1, ann, NOW).name == "Half written"


def test_the_second_of_two_writers_is_told_what_the_first_changed(draft, ann, bob):
    save(draft, with_leads(draft.document, 40), 0, bob, NOW)
    with pytest.raises(Stale, match="Bob Jansen changed this draft") as caught:
        save(draft, draft.document | {"name": "Ours"}, 0, ann, NOW)
    assert [c.changes for c in caught.value.changes] == [[{"path": "sla.marketing.leads", "was": 50, "now": 40}]]
    assert caught.value.base == draft.document
    assert caught.value.draft.revision == 1
    assert Draft.objects.get().document["name"] == "B2B software"


def test_every_earlier_revision_can_be_read(draft, ann):
    one = save(draft, with_leads(draft.document, 40), 0, ann, NOW)
    two = save(one, with_leads(draft.document, 30), 1, ann, NOW)
    assert [base_at(two, n)["sla"]["marketing"]["leads"] for n in (0, 1, 2, 99)] == [50, 40, 30, 30]


def test_a_sound_draft_becomes_a_version_and_is_closed(draft, ann, bob):
    stored = save(draft, with_leads(draft.document, 40), 0, bob, NOW)
    version = propose(stored, 1, ann, NOW)
    assert (version.number, version.terms.marketing.leads, version.draft) == (2, 40, draft)
    assert version.takes_effect_at is None
    assert not open_drafts().exists()
    with pytest.raises(Closed, match="a version by now"):
        save(stored, with_leads(draft.document, 41), 1, ann, NOW)


def test_an_unsound_draft_is_not_proposed_and_stays(draft, ann):
    stored = save(draft, draft.document | {"currency": "euro"}, 0, ann, NOW)
    with pytest.raises(Unsound, match="currency"):
        propose(stored, 1, ann, NOW)
    assert Draft.objects.get().is_open
    assert Version.objects.count() == 1


def test_nobody_proposes_what_they_have_not_seen(draft, ann, bob):
    save(draft, with_leads(draft.document, 40), 0, bob, NOW)
    with pytest.raises(Stale):
        propose(draft, 0, ann, NOW)


def test_a_draft_that_changes_nothing_is_no_version(draft, ann, agreement):
    with pytest.raises(NothingNew) as caught:
        propose(draft, 0, ann, NOW)
    assert caught.value.version == agreement


def test_a_discarded_draft_can_be_taken_back_by_undo(draft, ann):
    entry = discard(draft, ann, NOW)
    assert not open_drafts().exists()
    with pytest.raises(Closed, match="thrown away"):
        save(draft, {}, 0, ann, NOW)
    undo(entry, ann, NOW + MINUTE)
    assert list(open_drafts()) == [draft]
    assert list(Entry.objects.order_by("pk").values_list("verb", flat=True))[-2:] == ["discarded draft", "undid"]


@pytest.mark.parametrize(
    "document",
    [None, [], "text", {"a": float("nan")}, {"a": "\0"}, {"a": "\ud800"}, {"a": "x" * 200_001}, {"a": {1, 2}}],
)
def test_what_no_database_keeps_is_refused(draft, ann, document):
    with pytest.raises(Unkeepable):
        save(draft, document, 0, ann, NOW)


def test_a_document_without_a_ground_is_refused(draft, ann):
    deep = json.loads('{"a":' * 500 + "1" + "}" * 500)
    with pytest.raises(Unkeepable):
        save(draft, deep, 0, ann, NOW)
