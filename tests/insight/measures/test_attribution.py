"""Who gets credit: small lakes by hand, sums that hold for any lake, and the real journeys."""

import csv
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.insight.lakes import micros
from tests.insight.measures.lakes import lake_of
from tilth.core.attribution import MARKOV
from tilth.insight.engine import Engine
from tilth.insight.measures import attribution, travelled
from tilth.insight.measures.attribution import ALL, Attribution, Found
from tilth.insight.measures.travelled import Span

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
SPAN = Span(micros(BEGIN), micros(BEGIN + timedelta(days=100)), 90)
WHATS = [
    {"id": 0, "kind": "page", "url": "https://kasbouw.example/prices?plan=pro", "human": True},
    {"id": 1, "kind": "page", "url": "https://kasbouw.example/prices", "human": False},
    {"id": 2, "kind": "call", "human": True},
    {"id": 3, "kind": "download", "offer": "E-book", "human": True},
    {"id": 4, "kind": "note", "human": True},
]
PAGE, MACHINE, CALL, EBOOK, NOTE = range(5)


def day(n: float) -> datetime:
    return (BEGIN + timedelta(days=n)).replace(tzinfo=None)


def touch(
    person: int, at: float, medium: str = "", what: int = PAGE, team: str = "person", **more: Any
) -> dict[str, Any]:
    return {"person": person, "at": day(at), "what": what, "medium": medium, "team": team, **more}


def deal(
    person: int | None, at: float | None, revenue: int = 100, won: bool | None = True, **more: Any
) -> dict[str, Any]:
    told = {"person": person, "opened_at": day(0), "learned_at": day(0), "currency": "EUR", "won": won if at else None}
    return {**told, "closed_at": day(at) if at else None, "revenue": revenue if at and won else None, **more}


def one(n: int, company: int | None = None, lead: float | None = 0) -> dict[str, Any]:
    return {"person": n, "at": day(0), "lead_at": day(lead) if lead is not None else None, "company": company}


def lake(
    folder: Path, touches: list[dict[str, Any]], deals: list[dict[str, Any]], people: list[dict[str, Any]],
    groups: list[dict[str, Any]] | None = None,
) -> Engine:  # fmt: skip
    return lake_of(
        folder, people=people, whats=WHATS, groups=groups or [],
        touches=({**t, "id": n} for n, t in enumerate(touches)), deals=({"deal": n + 1, **d} for n, d in enumerate(deals)),
    )  # fmt: skip


def credit(found: Found, model: str) -> dict[str, int]:
    return {name: worth for name, worth in zip(found.names, found.credit[model], strict=True) if worth}


@pytest.fixture
def found(tmp_path: Path) -> Callable[..., Found]:
    """The figures of a small lake."""

    def work(*rows: Any, drawn: str = MARKOV, span: Span = SPAN, **asked: Any) -> Found:
        return Attribution(lake(tmp_path / "lake", *rows), span, "EUR", **asked).found(drawn)

    return work


JOURNEY = [touch(1, 1, "organic"), touch(1, 2, "email"), touch(1, 3, "email"), touch(1, 4, what=CALL, team="sales")]


def test_each_model_divides_one_deal(found: Callable[..., Found]) -> None:
    got = found(JOURNEY, [deal(1, 5, 1_200)], [one(1)])
    assert credit(got, "first") == {"organic": 1_200}
    assert credit(got, "last") == {"(call)": 1_200}
    assert credit(got, "linear") == {"organic": 300, "email": 600, "(call)": 300}
    assert credit(got, "position") == {"organic": 480, "email": 240, "(call)": 480}
    assert credit(got, "shapley") == {"organic": 400, "email": 400, "(call)": 400}
    assert (got.revenue, got.won, got.without, got.nobody, got.foreign) == (1_200, 1, 0, 0, {})


def test_without_what_sales_did(found: Callable[..., Found]) -> None:
    got = found(JOURNEY, [deal(1, 5, 1_000)], [one(1)], marketing=True)
    assert credit(got, "last") == {"email": 1_000}


def test_what_a_machine_did_a_note_and_what_came_afterwards_get_nothing(found: Callable[..., Found]) -> None:
    other = [touch(1, 2, "cpc", MACHINE), touch(1, 3, "cpc", NOTE), touch(1, 6, "cpc")]
    got = found([touch(1, 1, "organic"), *other], [deal(1, 5)], [one(1)])
    assert all(credit(got, model) == {"organic": 100} for model in ALL)
    assert got.without == 0


@pytest.mark.parametrize(("window", "name"), [(30, "email"), (90, "organic")])
def test_only_what_lies_in_the_window_counts(found: Callable[..., Found], window: int, name: str) -> None:
    got = found(
        [touch(1, 1, "organic"), touch(1, 50, "email")], [deal(1, 60)], [one(1)], span=SPAN._replace(days=window)
    )
    assert credit(got, "first") == {name: 100}


def test_where_nothing_was_seen_the_deal_has_a_row_of_its_own(found: Callable[..., Found]) -> None:
    got = found([touch(1, 1, "email")], [deal(1, 5, 70), deal(2, 6, 20), deal(None, 7, 10)], [one(1), one(2)])
    assert all(sum(got.credit[model]) == 100 for model in ALL)
    assert all(credit(got, model) == {"email": 70, "(nothing)": 30} for model in ALL)
    assert (dict(zip(got.names, got.deals, strict=True)), got.nobody) == ({"email": 1, "(nothing)": 2}, 1)


def test_a_deal_takes_along_what_led_to_it_also_from_before_the_span_and_in_other_money(
    found: Callable[..., Found],
) -> None:
    touches = [touch(1, -9, "cpc"), touch(1, 1, "social"), touch(1, 3, "email")]
    got = found(touches, [deal(1, -1), deal(1, 2, currency="USD"), deal(1, 5, 40)], [one(1, lead=-9)])
    assert credit(got, "linear") == {"email": 40}
    assert got.foreign == {"USD": 1}


def test_leads_who_bought_nothing_are_journeys_too(found: Callable[..., Found]) -> None:
    touches = [touch(n, n, "cpc" if n > 1 else "email") for n in range(1, 7)] + [
        touch(2, -40, "cpc"),
        touch(1, 9, "cpc"),
    ]
    people = [one(1), one(2, lead=-50), one(3), one(4, lead=None), one(5), one(6, lead=200)]
    got = found(touches, [deal(1, 8, 100), deal(3, 9, won=False), deal(5, 9, won=False), deal(5, None)], people)
    assert (got.without, got.lost) == (3, 1)
    assert credit(got, MARKOV) == {"email": 100}
    assert got.names == ["cpc", "email"] or got.names == ["email", "cpc"]


def test_by_offer_and_content_only_what_has_one_counts(found: Callable[..., Found]) -> None:
    touches = [touch(1, 1), touch(1, 2, what=EBOOK), touch(1, 3, what=CALL)]
    rows = (touches, [deal(1, 5)], [one(1)])
    assert credit(found(*rows, by="offer"), "last") == {"E-book": 100}


def test_content_is_a_page_or_an_offer(found: Callable[..., Found]) -> None:
    touches = [touch(1, 1), touch(1, 2, what=EBOOK), touch(1, 3, what=CALL)]
    assert credit(found(touches, [deal(1, 5)], [one(1)], by="content"), "linear") == {"/prices": 50, "E-book": 50}


def test_by_campaign_and_source_as_they_were_written(found: Callable[..., Found]) -> None:
    touches = [
        touch(1, 1, campaign="Fair"),
        touch(1, 2, source="Unknown", campaign="fair"),
        touch(1, 3, source="google"),
    ]
    assert credit(found(touches, [deal(1, 5)], [one(1)], by="campaign"), "linear") == {"Fair": 50, "fair": 50}


TEAM = (
    [touch(1, 1, "organic"), touch(2, 2, "email"), touch(3, 3, "social")],
    [one(1, 7), one(2, 7), one(3, 7)],
    [{"group": 4, "person": 1, "company": 7, "role": ""}, {"group": 4, "person": 2, "company": 7, "role": ""}],
)


@pytest.mark.parametrize(
    ("unit", "linear"),
    [
        ("people", {"organic": 120}),
        ("groups", {"organic": 60, "email": 60}),
        ("companies", {"organic": 40, "email": 40, "social": 40}),
    ],
)
def test_those_who_decide_together_share_a_journey(
    found: Callable[..., Found], unit: str, linear: dict[str, int]
) -> None:
    touches, people, groups = TEAM
    got = found(touches, [deal(1, 5, 120, company=7)], people, groups, unit=unit)
    assert credit(got, "linear") == linear
    assert got.without == {"people": 2, "groups": 1, "companies": 0}[unit]


@pytest.mark.parametrize(
    ("unit", "groups", "linear"),
    [
        ("people", TEAM[2], {"(nothing)": 120}),
        ("groups", TEAM[2], {"organic": 60, "email": 60}),
        ("groups", [], {"organic": 40, "email": 40, "social": 40}),
        ("companies", [], {"organic": 40, "email": 40, "social": 40}),
    ],
)
def test_a_deal_of_nobody_is_its_groups_or_its_companys(
    found: Callable[..., Found], unit: str, groups: list[dict[str, Any]], linear: dict[str, int]
) -> None:
    got = found(TEAM[0], [deal(None, 5, 120, company=7)], TEAM[1], groups, unit=unit)
    assert credit(got, "linear") == linear
    assert got.without == (3 if unit == "people" else 1 if groups else 0)


def test_a_member_of_two_groups_was_met_by_both(found: Callable[..., Found]) -> None:
    groups = [{"group": g, "person": p, "company": 7, "role": ""} for g, p in [(4, 1), (4, 2), (5, 2), (5, 3)]]
    got = found(TEAM[0], [deal(1, 5), deal(3, 6)], TEAM[1], groups, unit="groups")
    assert credit(got, "linear") == {"organic": 50, "email": 100, "social": 50}


def test_beyond_so_many_rows_the_least_used_stand_together(
    found: Callable[..., Found], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(attribution.MOST, 1, 2)
    touches = [
        touch(2, 1, "a"),
        touch(1, 1, "b"),
        touch(1, 2, "c"),
        touch(1, 3, "d"),
        touch(1, 4, "d"),
        touch(1, 5, "c"),
    ]
    got = found(touches, [deal(1, 8, 500)], [one(1), one(2)])
    assert credit(got, "linear") == {"c": 200, "d": 200, "(others)": 100}
    assert got.rest == 1


def test_the_people_behind_add_up_to_the_deals(tmp_path: Path) -> None:
    touches = [touch(1, 1, "organic"), touch(1, 2, "email"), touch(2, 1, "email"), touch(4, 1, "email")]
    deals = [deal(1, 5), deal(2, 6), deal(3, 7)]
    asked = Attribution(lake(tmp_path, touches, deals, [one(n) for n in range(1, 5)]), SPAN, "EUR")
    assert (asked.buyers("email", ""), asked.buyers("organic", ""), asked.buyers("(nothing)", "")) == ([2, 1], [1], [3])
    assert (asked.buyers("email", "first"), asked.buyers("email", "last")) == ([2], [2, 1])
    assert asked.buyers("no such row", "") == []


def test_behind_a_deal_of_nobody_stand_those_who_decided(tmp_path: Path) -> None:
    asked = Attribution(
        lake(tmp_path, TEAM[0], [deal(None, 5, company=7)], TEAM[1], TEAM[2]), SPAN, "EUR", unit="groups"
    )
    assert asked.buyers("email", "linear") == [1, 2]


def test_from_enough_deals_there_are_intervals_and_the_same_again(found: Callable[..., Found]) -> None:
    people = [one(n) for n in range(1, 41)]
    touches = [touch(n, 1, "email" if n % 3 else "cpc") for n in range(1, 41)]
    got = found(touches, [deal(n, 5) for n in range(1, 41)], people, drawn="last")
    assert got.low is not None
    assert got.high is not None
    for low, value, high in zip(got.low, got.credit["last"], got.high, strict=True):
        assert 0 < low < value < high < got.revenue
    few = found(touches, [deal(n, 5) for n in range(1, 20)], people, drawn="last")
    assert (few.low, few.high) == (None, None)


def test_nothing_at_all(found: Callable[..., Found]) -> None:
    got = found([], [], [])
    assert (got.names, got.revenue, got.won) == ([], 0, 0)


some_touches = st.lists(
    st.tuples(st.integers(1, 8), st.integers(-20, 110), st.sampled_from(["", "a", "b", "c"]), st.integers(0, 4)),
    max_size=30,
)
some_deals = st.lists(
    st.tuples(
        st.none() | st.integers(1, 9), st.integers(-10, 110), st.integers(0, 999), st.none() | st.integers(1, 3),
        st.sampled_from(["EUR", "USD"]),
    ),
    max_size=8,
)  # fmt: skip
some_groups = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 8)), max_size=6, unique=True)


@settings(deadline=None, max_examples=40)
@given(touches=some_touches, deals=some_deals, groups=some_groups, unit=st.sampled_from(["people", "groups", "companies"]), order=st.integers(1, 3))  # fmt: skip
def test_under_every_model_the_rows_add_up_to_the_revenue(
    touches: Any, deals: Any, groups: Any, unit: str, order: int
) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(travelled, "PEOPLE", 3)
        patch.setattr(travelled, "TOUCHES", 7)
        engine = lake(
            Path(folder), [touch(p, at, medium, what) for p, at, medium, what in touches],
            [deal(p, at or 1, revenue, company=c, currency=money) for p, at, revenue, c, money in deals],
            [one(n, n % 4 or None) for n in range(1, 9)],
            [{"group": g, "person": p, "company": p % 4 or 1, "role": ""} for g, p in groups],
        )  # fmt: skip
        asked = Attribution(engine, SPAN, "EUR", unit=unit, order=order)
        got = asked.found(MARKOV)
    counted = [d for d in deals if d[4] == "EUR" and 0 <= (d[1] or 1) < 100]
    assert (got.won, got.revenue) == (len(counted), sum(d[2] for d in counted))
    assert all(sum(worth) == got.revenue and min(worth, default=0) >= 0 for worth in got.credit.values())
    assert max(got.deals, default=0) <= got.won <= sum(got.deals)


@pytest.mark.skipif("TILTH_DATA" not in os.environ, reason="TILTH_DATA is not set: no real journeys to attribute")
def test_the_real_journeys_come_out_as_recomputed(tmp_path: Path) -> None:
    """The 88,387 journeys as people in a lake: 19,785 who bought, 68,602 who did not."""
    folder = Path(os.environ["TILTH_DATA"]) / "attribution_pathdata"
    with (folder / "Data.csv").open() as file:
        engine, worth = real(tmp_path, list(csv.DictReader(file)))
    asked = Attribution(engine, SPAN, "EUR")
    got = asked.found(MARKOV)
    assert (got.won, got.without, got.revenue) == (19_785, 68_602, worth)
    assert all(sum(credited) == worth for credited in got.credit.values())
    with (folder / "exact_recomputed_by_scout.csv").open() as file:
        exact = {row[""]: row for row in csv.DictReader(file)}
    assert set(got.names) == set(exact)
    columns = {"first": "first_conv", "last": "last_conv", "linear": "linear_conv", MARKOV: "markov1_with_null"}
    for model, column in (columns | {"shapley": "linear_unique_eq_shapley_conv"}).items():
        conversions = dict(zip(asked.credited.names, asked.credits.of(model)[0], strict=False))
        assert [conversions[name] for name in exact] == pytest.approx(
            [float(e[column]) for e in exact.values()], abs=1e-5
        )
    for model in ("first", "last", "linear"):
        credited = dict(zip(got.names, got.credit[model], strict=True))
        for name, row in exact.items():
            assert credited[name] / 1_000_000 == pytest.approx(float(row[f"{model}_value"]), abs=1e-5)


def real(folder: Path, rows: list[dict[str, str]]) -> tuple[Engine, int]:
    """A person for each journey of a path, touched once a minute; and the worth of all, in millionths, shared among buyers."""
    names = sorted({name for row in rows for name in row["path"].split(" > ")})
    paths = [[names.index(name) for name in row["path"].split(" > ")] for row in rows]
    won = np.array([int(row["total_conversions"]) for row in rows])
    times = won + np.array([int(row["total_null"]) for row in rows])
    lengths = np.array([len(path) for path in paths])
    row = np.repeat(np.arange(len(rows)), times)
    length = lengths[row]
    person = np.repeat(np.arange(1, len(row) + 1), length)
    step = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    channel = np.concatenate(paths)[np.repeat((np.cumsum(lengths) - lengths)[row], length) + step]
    worth = np.array([round(float(r["total_conversion_value"]) * 1_000_000) for r in rows])
    nth = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
    buyer = np.flatnonzero(nth < won[row])
    revenue = worth[row[buyer]] // won[row[buyer]] + (nth[buyer] < worth[row[buyer]] % won[row[buyer]])
    met = zip(person.tolist(), (SPAN.start + 60_000_000 * step).tolist(), channel.tolist(), strict=True)
    sold = zip((buyer + 1).tolist(), revenue.tolist(), strict=True)
    engine = lake_of(
        folder, whats=WHATS, people=(one(n + 1) for n in range(len(row))),
        touches=({"person": p, "at": at, "id": n, "what": PAGE, "learned_at": at, "medium": names[c]} for n, (p, at, c) in enumerate(met)),
        deals=({"deal": p, **deal(p, 1, worth)} for p, worth in sold),
    )  # fmt: skip
    return engine, int(worth.sum())
