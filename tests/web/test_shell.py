"""What stands around every page: headers, menu, icons, words, and the pages for trouble."""

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.test import RequestFactory
from django.utils import timezone

import tilth.web
from tilth.team.models import Role
from tilth.web import icons, trouble, words

WEB = Path(tilth.web.__file__).parent
VENDOR = WEB / "static" / "vendor"
NOW = datetime(2026, 6, 16, 8, 40, tzinfo=UTC)


def test_pages_allow_nothing_inline_and_no_eval(charlie, db):
    answer = charlie.get("/sign-in/")
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Frame-Options"] == "DENY"
    config = json.loads(re.search(r"htmx-config\" content='([^']*)'", answer.content.decode())[1])
    assert config["allowEval"] is False
    assert config["includeIndicatorStyles"] is False


@pytest.mark.parametrize("role", Role)
def test_every_line_of_the_menu_opens(role, cast, client_of, agreement):
    client = client_of(cast[role])
    menu = client.get("/me/").content.decode().split('class="navbar-nav"')[1].split("</ul>")[0]
    links = re.findall(r'href="([^"]+)"', menu)
    assert "/" in links
    for link in links:
        assert client.get(link, follow=True).status_code == 200, link


def test_every_vendored_file_is_the_one_that_is_on_record():
    rows = json.loads((VENDOR / "vendor.json").read_text())
    for row in rows:
        content = (WEB / "static" / row["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == row["sha256"], row["file"]
        assert row["licence"]
    kept = {row["file"] for row in rows}
    there = {f"{p.parent.name}/{p.name}" for d in ("vendor", "fonts") for p in (WEB / "static" / d).iterdir()}
    assert {name for name in there if not name.endswith((".txt", "vendor.json"))} == kept


def test_every_icon_that_is_named_is_there():
    named = {n for t in (WEB / "templates").rglob("*.html") for n in re.findall(r'{% icon "([^"]+)"', t.read_text())}
    assert named <= set(icons.paths())


def test_a_page_that_breaks_says_what_is_safe_and_gives_a_code(caplog):
    answer = trouble.broken(RequestFactory().get("/deals/"))  # no session, no member
    code = re.search(r"T-[0-9A-F]{8}", answer.content.decode())[0]
    assert answer.status_code == 500
    assert f"{code} was shown for GET /deals/" in caplog.text


def test_what_is_not_there_is_said_to_strangers_and_members(charlie, client_of, bob):
    assert charlie.get("/nowhere/").status_code == 404
    assert "There is nothing for you at this address" in client_of(bob).get("/nowhere/").content.decode()


@pytest.mark.parametrize(
    ("minor", "currency", "said"),
    [(1_248_000, "EUR", "€12,480"), (-5_000, "USD", "−$50"), (1_234_567, "JPY", "¥1,234,567"), (None, "EUR", "")],
)
def test_money_is_said_without_cents(minor, currency, said):
    assert words.money(minor, currency) == said


def test_money_has_cents_where_sums_must_prove_themselves():
    assert words.money(123_456, "EUR", cents=True) == "€1,234.56"


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(hours=1, minutes=58), "1 h 58 min left"),
        (timedelta(hours=-2, minutes=-40), "2 h 40 min late"),
        (timedelta(hours=26), "26 h left"),
        (timedelta(minutes=12), "12 min left"),
    ],
)
def test_working_time_is_said_in_hours(length, said):
    assert words.left(length) == said


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=40), "40 min ago"),
        (timedelta(hours=2, minutes=59), "2 h ago"),
        (timedelta(days=3, hours=5), "3 d ago"),
        (timedelta(days=96), "12 March"),
    ],
)
def test_the_past_is_said_as_people_say_it(before, said):
    assert words.ago(NOW - before, NOW) == said


def test_days_are_those_of_the_agreements_zone():
    late = datetime(2026, 6, 15, 22, 30, tzinfo=UTC)  # half past midnight in Amsterdam
    with timezone.override(ZoneInfo("Europe/Amsterdam")):
        assert words.day(late, NOW) == "today"
    assert words.day(late, NOW) == "yesterday"


def test_shares_are_percentages():
    assert words.percent(0.106) == "11%"
    assert words.percent(0.106, 1) == "10.6%"
