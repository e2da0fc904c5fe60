"""Everything about one person as one file."""

import json
import re
import zipfile
from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.privacy.conftest import MAIL
from tilth.capture.models import Received
from tilth.journal.models import Entry
from tilth.privacy import takeouts
from tilth.privacy.models import Takeout, folder


def finished(person, now=NOW) -> Takeout:
    row = takeouts.ask(person, None, now)
    while takeouts.catch_up(now):
        pass
    row.refresh_from_db()
    assert row.finished_at
    return row


def content(row: Takeout) -> tuple[dict, str]:
    with zipfile.ZipFile(row.path) as file:
        assert file.testzip() is None
        return json.loads(file.read("data.json")), file.read("index.html").decode()


def test_it_holds_every_room_the_deliveries_and_a_page_to_read(quirine):
    data, page = content(finished(quirine))
    tables = data["tables"]
    assert [row["address"] for row in tables["people.email"]] == [MAIL]
    assert {"note": "orchids", "form": "demo"} in [row["properties"] for row in tables["touches.touch"]]
    assert tables["consent.consent"][0]["text"] == "Mail me about orchids."
    assert tables["deals.deal"][0]["name"] == "Greenhouse for Quirine Vandersloot"
    assert tables["handoff.acceptance"][0]["member"] == {"team": "sales"}
    assert tables["promises.obligation"]
    assert [line["what"] for line in data["journal"]].count("logged call") == 1
    assert [told["event"]["type"] for told in data["deliveries"]] == ["page", "identify", "track"]
    assert data["person"]["first_name"] == "Quirine"
    for words in ("Quirine Vandersloot", MAIL, "Mail me about orchids.", "u-q-4711", "Marketing by e-mail: given"):
        assert words in page


def test_nothing_of_anybody_else_is_in_it(quirine):
    data, page = content(finished(quirine))
    for text in (json.dumps(data), page):
        said = text.lower().replace("handed off by bob jansen", "")
        assert not re.search(r"\b(ilse|bob)\b", said)  # as words: secrets in links are random letters


def test_what_somebody_wrote_runs_nowhere(quirine, send):
    send({"type": "track", "event": "<script>alert(1)</script>", "userId": "u-q-4711", "properties": {"a": "<img src=x onerror=alert(1)>"}})  # fmt: skip
    _data, page = content(finished(quirine))
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_search_goes_on_where_it_was(quirine, send, monkeypatch):
    monkeypatch.setattr(takeouts, "SECONDS", -1.0)  # one delivery a call
    row = takeouts.ask(quirine, None, NOW)
    steps = 0
    while not Takeout.objects.get(pk=row.pk).finished_at:
        before = Takeout.objects.get(pk=row.pk)
        takeouts._search(
            Takeout.objects.get(pk=row.pk)
        ) if before.place < before.until else None  # and died before it was written down
        steps += takeouts.catch_up(NOW)
    assert steps >= Received.objects.count()
    assert [told["event"]["type"] for told in content(Takeout.objects.get())[0]["deliveries"]] == [
        "page",
        "identify",
        "track",
    ]


def test_asking_again_while_one_is_made_makes_no_second_one(quirine):
    assert takeouts.ask(quirine, None, NOW) == takeouts.ask(quirine, None, NOW)
    assert Entry.objects.filter(verb="asked for everything about", person_id=quirine.pk).count() == 1


def test_after_a_week_it_is_gone(quirine):
    path = finished(quirine).path
    takeouts.catch_up(NOW + timedelta(days=6))
    assert path.exists()
    takeouts.catch_up(NOW + timedelta(days=8))
    assert not path.exists()
    assert not Takeout.objects.exists()


@pytest.mark.parametrize("left", ["0.zip", "0.events"])
def test_files_that_nobody_has_a_row_for_go(db, left):
    (folder() / left).touch()
    takeouts.clear()
    assert not (folder() / left).exists()
