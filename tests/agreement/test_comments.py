"""Both teams ask about clauses, answer, and close what is settled."""

from datetime import timedelta

import pytest

from tests.conftest import NOW
from tilth.agreement.comments import Unsaid, answer, close, comment, reopen, threads
from tilth.agreement.drafts import Closed, discard, open_draft, propose
from tilth.agreement.models import Closing, Comment, Draft, Settled, open_comments
from tilth.deals.verbs import undo

MINUTE = timedelta(minutes=1)


@pytest.fixture
def draft(agreement, ann) -> Draft:
    return open_draft(agreement.document | {"name": "Ours"}, ann, NOW, agreement)


@pytest.fixture
def asked(draft, bob) -> Comment:
    comment(draft, "fit.rules[size].points", "Why 20?", bob, NOW)
    return Comment.objects.get()


def test_a_comment_goes_with_the_draft_to_the_version(draft, asked, ann):
    version = propose(draft, 0, ann, NOW)
    assert list(open_comments(version)) == [asked]
    assert [t.comment for t in threads(version)] == [asked]


def test_a_comment_on_the_version_is_there_in_the_draft(draft, ann, bob):
    version = propose(draft, 0, ann, NOW)
    comment(version, "", "Good.", bob, NOW)
    assert [t.comment.text for t in threads(draft)] == ["Good."]


def test_an_answer_belongs_to_what_it_answers(draft, asked, ann, bob):
    answer(asked, "Because it fits.", ann, NOW + MINUTE)
    answer(Comment.objects.get(text="Because it fits."), "I see.", bob, NOW + 2 * MINUTE)
    (thread,) = threads(draft)
    assert [a.text for a in thread.answers] == ["Because it fits.", "I see."]


def test_closing_is_a_row_that_says_who_and_when(draft, asked, ann):
    close(asked, ann, NOW)
    assert close(asked, ann, NOW + MINUTE) is None
    assert (Closing.objects.get().by, Closing.objects.get().at) == (ann, NOW)
    assert not open_comments(propose(draft, 0, ann, NOW)).exists()


def test_an_answer_opens_it_again_and_so_does_reopening(draft, asked, ann, bob):
    close(asked, ann, NOW)
    answer(asked, "Not yet.", bob, NOW)
    assert not Closing.objects.exists()
    close(asked, ann, NOW)
    reopen(asked, bob, NOW)
    assert not Closing.objects.exists()
    assert reopen(asked, bob, NOW) is None


def test_open_comments_stand_first(draft, asked, ann):
    comment(draft, "name", "Nice.", ann, NOW + MINUTE)
    close(asked, ann, NOW)
    assert [t.comment.text for t in threads(draft)] == ["Nice.", "Why 20?"]


def test_commenting_and_closing_can_be_undone(draft, ann, bob):
    entry = comment(draft, "name", "Oops", bob, NOW)
    undo(entry, bob, NOW + MINUTE)
    assert not Comment.objects.exists()
    comment(draft, "name", "Why?", bob, NOW)
    closed = close(Comment.objects.get(), ann, NOW)
    undo(closed, ann, NOW + MINUTE)
    assert not Closing.objects.exists()


def test_nothing_is_said_about_what_is_settled(draft, asked, agreement, ann, bob):
    closed = close(asked, ann, NOW)
    with pytest.raises(Settled, match="signed by both"):
        comment(agreement, "", "Too late", bob, NOW)
    version = propose(draft, 0, ann, NOW)
    version.sign(ann, "marketing", NOW)
    version.sign(bob, "sales", NOW)
    for late in (
        lambda: comment(draft, "", "Too late", bob, NOW),
        lambda: answer(asked, "Too late", bob, NOW),
        lambda: reopen(asked, bob, NOW),
        lambda: undo(closed, ann, NOW),
    ):
        with pytest.raises(Settled):
            late()


def test_nothing_is_said_about_a_draft_that_was_thrown_away(draft, bob):
    discard(draft, bob, NOW)
    with pytest.raises(Closed):
        comment(draft, "", "Pity", bob, NOW)


@pytest.mark.parametrize("text", ["", "  \n", "\0", "x" * 2_001])
def test_a_comment_says_something(draft, bob, text):
    with pytest.raises(Unsaid):
        comment(draft, "", text, bob, NOW)
