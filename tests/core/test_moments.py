"""Dates in every order that files have them in."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.core.figures import Unreadable
from tilth.core.moments import Orders, day, moment

HERE = ZoneInfo("Europe/Amsterdam")
days = st.dates(date(1950, 1, 1), date(2100, 1, 1))
FORMS = {"dmy": "%d{0}%m{0}%Y", "mdy": "%m{0}%d{0}%Y", "ymd": "%Y{0}%m{0}%d"}


@given(st.lists(days, min_size=1, max_size=30), st.sampled_from(sorted(FORMS)), st.sampled_from("-/."))
def test_a_column_that_proves_its_order_is_read_in_it(column: list[date], order: str, mark: str) -> None:
    column = [*column, date(2018, 10, 31)]
    texts = [d.strftime(FORMS[order].format(mark)) for d in column]
    seen = Orders()
    for text in texts:
        seen.see(text)
    assert [day(text, seen.order) for text in texts] == column
    assert not seen.ambiguous


def test_dates_that_fit_both_orders_are_said_to_be_ambiguous() -> None:
    seen = Orders()
    for text in ("03-04-2018", "01/02/2018"):
        seen.see(text)
    assert seen.ambiguous
    assert seen.order == "dmy"


def test_a_date_that_its_column_does_not_explain_is_refused() -> None:
    seen = Orders()
    for text in ("13-01-2018", "14-01-2018", "01-15-2018"):
        seen.see(text)
    assert seen.order == "dmy"
    with pytest.raises(Unreadable, match="this column writes day-month-year"):
        moment("01-15-2018", HERE, seen.order)


@pytest.mark.parametrize(
    "text",
    ["31-02-2022", "zomer 2021", "2018-13-01", "99/99/9999", "1/2/3", "0001-01-01", "", "12", "2018-02-01 25:00"],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        moment(text, HERE)


@pytest.mark.parametrize(
    "text",
    [
        "2018-02-26 19:58:54", "26-02-2018 19:58:54", "2/26/18 7:58:54 PM", "2018-02-26T19:58:54", "2018-02-26T18:58:54Z",
        "2018-02-26 18:58:54+00:00", "2018-02-26 13:58:54 -0500", "26 feb 2018 19:58:54", "Feb 26, 2018 19:58:54",
        "26. Februar 2018 19:58:54 Uhr", "2018-02-26T19:58:54.000", "1519671534", "1519671534000", "20180226 19:58:54",
    ],
)  # fmt: skip
def test_one_moment_in_the_forms_that_files_have(text: str) -> None:
    order = "mdy" if text.startswith("2/26") else "dmy"
    assert moment(text, HERE, order).at == datetime(2018, 2, 26, 18, 58, 54, tzinfo=UTC)


def test_a_date_with_an_empty_time_is_a_whole_day() -> None:
    plain, tailed = moment("2018-02-01", HERE), moment("2018-02-01 00:00:00", HERE)
    assert plain == tailed
    assert plain.whole_day
    assert plain.at == datetime(2018, 1, 31, 23, tzinfo=UTC)


def test_a_day_begins_where_its_zone_begins_it_also_when_clocks_change_at_midnight() -> None:
    assert moment("2018-11-04", ZoneInfo("America/Sao_Paulo")).at == datetime(2018, 11, 4, 3, tzinfo=UTC)


@given(st.text(max_size=40), st.sampled_from(["", *FORMS]))
def test_no_text_breaks_the_reading_of_dates(text: str, order: str) -> None:
    try:
        assert moment(text, HERE, order).at.tzinfo is UTC
    except Unreadable:
        pass
