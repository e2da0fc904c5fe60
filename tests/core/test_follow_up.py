"""The follow-up standard: a floor, and a ceiling above which nothing is done once more."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tilth.agreement import presets
from tilth.core.agreement import read
from tilth.core.follow_up import Contact, Effort, above, contact, effort, lacking, met, one_too_many

PROMISE = read(presets.load("b2b-software")).sales  # calls 3 to 5, mails 2 to 4, documents 0 to 3, hours 0.5 to 4
SINCE = datetime(2026, 6, 16, 8, 40, tzinfo=UTC)
KINDS = st.sampled_from(("call", "mail", "meeting"))


def made(*kinds: str) -> list[Contact]:
    return [Contact(SINCE + timedelta(hours=n), f"touch {n}", kind) for n, kind in enumerate(kinds)]


def test_a_sixth_call_under_a_maximum_of_five_is_one_too_many():
    five = effort(made(*["call"] * 5))
    assert one_too_many(PROMISE, effort(made(*["call"] * 4)), made("call")[0]) is None
    assert one_too_many(PROMISE, five, made("call")[0]) == ("calls", 5)
    assert one_too_many(PROMISE, five, made("mail")[0]) is None
    assert one_too_many(PROMISE, five, made("meeting")[0]) is None


def test_documents_and_hours_have_a_ceiling_too():
    assert one_too_many(PROMISE, Effort(documents=3), Contact(SINCE, "", "mail", documents=1)) == ("documents", 3)
    assert one_too_many(PROMISE, Effort(hours=3.5), Contact(SINCE, "", "meeting", minutes=30)) is None
    assert one_too_many(PROMISE, Effort(hours=3.5), Contact(SINCE, "", "meeting", minutes=31)) == ("hours", 4)


def test_what_another_system_brought_above_the_ceiling_is_shown():
    seven = effort(made(*["call"] * 7))
    assert above(PROMISE, seven) == {"calls": 5}
    assert one_too_many(PROMISE, seven, made("mail")[0]) is None


def test_the_floor_is_met_by_the_last_that_it_asked_for():
    five = made("call", "mail", "call", "mail", "call", "call")
    assert met(PROMISE, five[:4]) is None
    assert met(PROMISE, five) == five[4]
    assert lacking(PROMISE, effort(five[:3])) == {"calls": 1, "mails": 1}


def test_an_answer_is_enough_for_a_verdict_and_for_the_floor():
    tried = made("call")[0]
    spoke = contact(SINCE + timedelta(hours=9), "touch 9", "call", {"outcome": "reached"})
    assert met(PROMISE, [tried, spoke]) == spoke
    met_them = contact(SINCE, "touch 1", "meeting", {})
    assert met(PROMISE, [met_them]) == met_them


def test_hours_are_a_floor_where_somebody_counts_them():
    tried = made("call", "mail", "call", "mail", "call")
    assert lacking(PROMISE, effort(tried)) == {}
    assert lacking(PROMISE, effort([*tried[1:], Contact(SINCE, "", "call", minutes=12)])) == {"hours": 0.3}


def test_what_is_no_number_counts_for_nothing():
    for said in ("many", None, "-4", "nan", "inf", [], {"n": 3}):
        assert contact(SINCE, "", "mail", {"documents": said, "minutes": said}) == Contact(SINCE, "", "mail")
    assert contact(SINCE, "", "mail", {"documents": "2", "minutes": 1e9}).minutes == 24 * 60


@given(st.lists(KINDS, max_size=20))
def test_who_is_refused_in_time_never_comes_above_the_ceiling(kinds: list[str]):
    done: list[Contact] = []
    for one in made(*kinds):
        if one_too_many(PROMISE, effort(done), one) is None:
            done.append(one)
    assert above(PROMISE, effort(done)) == {}
