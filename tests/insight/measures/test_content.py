"""Six leads by hand: what counts as met, who is converted, who is touched, and what that says of a piece."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.insight.measures.lakes import lake_of, lead, outcome, touch, what, won
from tilth.core.qualify import What
from tilth.core.rates import Rate
from tilth.insight.engine import Engine
from tilth.insight.measures.cohort import cohort
from tilth.insight.measures.content import Quality, behind, foreign, qualities
from tilth.insight.measures.pieces import piece_of
from tilth.insight.period import Period

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo("UTC"))
WHATS = [
    what("page", url="https://kasbouw.example/prices/?utm_source=x"), what("form", offer="demo"),
    what("page", url="https://kasbouw.example/prices", human=False), what("webinar", offer="energy"),
]  # fmt: skip
PAGE, DEMO, SCANNER, WEBINAR = range(4)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """1 to 4 came by the e-book, 5 and 6 by the demo; 1 and 2 became an SQL, 1 bought; 2 was returned."""
    people = [lead(p, 0, offer="ebook" if p < 5 else "demo") for p in range(1, 7)]
    touches = [
        touch(1, 5, PAGE), touch(1, 5, DEMO), touch(2, 12, PAGE), touch(3, 5, SCANNER), touch(4, 50, PAGE),
        touch(4, 60, PAGE), touch(5, 5, PAGE, team="sales"), touch(6, 0, WEBINAR),
    ]  # fmt: skip
    outcomes = [outcome(p, 8, "handoff") for p in (1, 2)] + [outcome(p, 10, "sql") for p in (1, 2)]
    outcomes += [outcome(2, 20, "returned", reason="no-fit"), outcome(1, 20, "won")]
    deals = [won(1, 20, 100_000), won(1, 40, 300_000, deal=9), won(4, 20, 500_000, "USD")]
    return lake_of(tmp_path, people=people, touches=touches, whats=WHATS, outcomes=outcomes, deals=deals)


def found(engine: Engine, of: str, outcome: str = "sql") -> dict[str, Quality]:
    rows, _every = qualities(engine, cohort(engine, YEAR, "offer", None), of, outcome, "EUR")
    return {one.piece: one for one in rows}


def test_only_what_a_person_did_before_the_outcome_touched_them(engine: Engine) -> None:
    (prices,) = found(engine, "pages").values()
    assert (prices.piece, prices.converted.rate, prices.touched.rate) == ("/prices", Rate(0, 0), Rate(1, 2))
    assert (prices.seen, prices.unseen) == (Rate(1, 2), Rate(1, 4))
    assert prices.low < 0 < prices.high


def test_a_lead_is_converted_by_one_piece_and_touched_by_the_others(engine: Engine) -> None:
    pieces = found(engine, "offers")
    assert (pieces["ebook"].converted.rate, pieces["ebook"].touched.rate) == (Rate(2, 4), Rate(0, 0))
    assert (pieces["demo"].converted.rate, pieces["demo"].touched.rate) == (Rate(0, 2), Rate(1, 1))
    (webinar,) = found(engine, "webinars").values()
    assert (webinar.piece, webinar.converted.rate) == ("energy", Rate(0, 1))


def test_of_returned_the_denominator_is_who_was_handed_off(engine: Engine) -> None:
    pieces = found(engine, "offers", "returned")
    assert pieces["ebook"].converted.rate == Rate(1, 2)
    assert pieces["ebook"].reason == "no-fit"
    assert pieces["demo"].reason == ""


def test_what_they_bought_counts_in_one_currency(engine: Engine) -> None:
    ebook = found(engine, "offers")["ebook"].converted
    assert (ebook.deals, ebook.mean, round(ebook.spread)) == (2, 200_000, 141_421)
    assert foreign(engine, cohort(engine, YEAR, "offer", None), "EUR") == 1


def test_few_cases_do_not_outrank_many(tmp_path: Path) -> None:
    people = [lead(p, 0, offer="rare" if p < 2 else "book") for p in range(102)]
    engine = lake_of(tmp_path, people=people, outcomes=[outcome(p, 3, "sql") for p in (0, 1, *range(10, 40))])
    pieces = found(engine, "offers")
    rare, book = pieces["rare"].converted, pieces["book"].converted
    assert (rare.rate, book.rate) == (Rate(2, 2), Rate(30, 100))
    assert rare.pooled.low < book.pooled.low


def test_the_people_behind_are_those_counted(engine: Engine) -> None:
    people = cohort(engine, YEAR, "offer", None)
    for of in ("offers", "pages", "webinars"):
        for outcome_ in ("mql", "sql", "customer", "returned"):
            for one in qualities(engine, people, of, outcome_, "EUR")[0]:
                both = [(one.converted, True), (one.touched, False)]
                for group, converted in both:
                    assert len(behind(engine, people, of, outcome_, one.piece, converted)) == group.rate.n


@pytest.mark.parametrize(
    ("what", "of", "piece"),
    [
        (What("page", "", "", "https://a.example/"), "pages", "/"),
        (What("page", "", "", "http://[broken"), "pages", ""),
        (What("mail_click", "", "", "https://a.example/x"), "pages", ""),
        (What("webinar", "", "Energy", ""), "webinars", "Energy"),
        (What("download", "book", "", ""), "webinars", ""),
    ],
)
def test_what_a_piece_is(what: What, of: str, piece: str) -> None:
    assert piece_of(what, of) == piece


def test_an_empty_lake_says_nothing(tmp_path: Path) -> None:
    engine = lake_of(tmp_path)
    assert qualities(engine, cohort(engine, YEAR, "offer", None), "offers", "sql", "EUR") == ([], Rate(0, 0))
