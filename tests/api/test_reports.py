"""Reports for programs: by whom, how fast, and what is answered."""

from datetime import timedelta

import pytest
from django.test import Client

from tests.conftest import NOW
from tests.web.insight.conftest import FAKES
from tilth.api import reports
from tilth.api.pace import Pace
from tilth.insight.models import Kept
from tilth.insight.report import Asked, as_json
from tilth.insight.reports import REPORTS
from tilth.journal.models import Entry
from tilth.team import tokens
from tilth.team.models import Member, Token

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fakes(monkeypatch):
    for name in list(REPORTS):
        monkeypatch.delitem(REPORTS, name)
    for report in FAKES:
        monkeypatch.setitem(REPORTS, report.name, report)
    monkeypatch.setattr(reports, "PACE", Pace())


def worked_out() -> None:
    for row in Kept.objects.filter(result__isnull=True):
        result = REPORTS[row.report].work(Asked(row.chosen, None, NOW, None, None))  # type: ignore[arg-type]
        Kept.objects.filter(pk=row.pk).update(result=as_json(result), as_of=NOW, generation=7)


@pytest.fixture
def program(ann) -> Client:
    _row, secret = tokens.make(ann, "sheet", NOW)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def test_a_report_is_awaited_then_told_with_every_bound(program):
    waits = program.get("/api/reports/fake/?by=offer")
    assert (waits.status_code, waits["Retry-After"]) == (202, "2")
    worked_out()
    told = program.get("/api/reports/fake/?by=offer").json()
    assert (told["question"], told["answer"]) == ("Which source brings customers?", "Best is fair, by offer.")
    assert told["rows"][0]["rate"] == {"value": 0.3, "low": 0.23, "high": 0.38, "n": 100, "lacks": 0}
    assert told["rows"][1]["rate"]["lacks"] == 28
    assert told["rows"][0]["value"]["value"] == 300_000
    assert (told["currency"], told["lake"], told["version"], told["as_of"]) == ("EUR", 7, None, NOW.isoformat())
    assert [c["name"] for c in told["columns"]] == ["source", "leads", "rate", "value"]
    assert told["together"]["leads"]["value"] == 102


def test_the_list_says_what_can_be_chosen(program):
    rows = program.get("/api/reports/").json()["reports"]
    assert [row["name"] for row in rows] == ["fake", "weeks"]
    assert rows[0]["filters"][0] == {"name": "by", "title": "Cut by", "options": ["source", "offer"]}
    assert rows[0]["address"].endswith("/api/reports/fake/")


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("by=moon", "It can be: source, offer."),
        ("colour=red", "It can by: period, by, owner."),
        ("period=soon", "12-months, quarter, year, all"),
        ("owner=a%00b", "NUL"),
    ],
)
def test_a_wrong_question_is_answered_with_what_can_be_chosen(program, query, why):
    answer = program.get(f"/api/reports/fake/?{query}")
    assert answer.status_code == 400
    assert why in answer.json()["message"]
    assert not Kept.objects.exists()


def test_what_broke_says_so(program):
    program.get("/api/reports/fake/")
    Kept.objects.update(why="ValueError: no such column")
    answer = program.get("/api/reports/fake/")
    assert (answer.status_code, answer.json()["code"]) == (503, "failed")
    assert program.get("/api/reports/nothing/").status_code == 404


def test_only_members_and_their_tokens_are_let_in(client_of, ann, charlie, program):
    assert client_of(ann).get("/api/reports/").status_code == 200
    assert charlie.get("/api/reports/").status_code == 401
    assert charlie.get("/api/reports/", headers={"Authorization": "Bearer tilth_wrong"}).status_code == 401
    assert client_of(ann).get("/api/reports/", headers={"Authorization": "Bearer x"}).status_code == 401
    assert charlie.get("/api/reports/", headers={"Authorization": "Basic YTpi"}).status_code == 401
    assert program.post("/api/reports/fake/").status_code == 405
    assert program.get("/people/").status_code == 302
    Member.objects.filter(pk=ann.pk).update(is_active=False)
    assert program.get("/api/reports/").status_code == 401


def test_who_asks_too_fast_is_asked_to_wait(program, monkeypatch):
    monkeypatch.setattr(reports.time, "monotonic", lambda: 100.0)
    answers = [program.get("/api/reports/") for _ in range(52)]
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert int(answers[-1]["Retry-After"]) >= 1


def test_a_token_is_shown_once_kept_as_a_fingerprint_and_ended(client_of, ann, bob, charlie):
    client = client_of(ann)
    assert "No token yet" in client.get("/me/tokens/").content.decode()
    page = client.post("/me/tokens/", {"name": "sheet"}).content.decode()
    secret = page.split('value="tilth_')[1].split('"')[0]
    row = Token.objects.get()
    assert secret not in row.secret_hash
    assert secret not in client.get("/me/tokens/").content.decode()
    headers = {"Authorization": f"Bearer tilth_{secret}"}
    assert charlie.get("/api/reports/", headers=headers).status_code == 200
    assert Token.objects.get().used_at
    client_of(bob).post(f"/me/tokens/{row.pk}/end/")
    assert charlie.get("/api/reports/", headers=headers).status_code == 200
    client.post(f"/me/tokens/{row.pk}/end/")
    assert charlie.get("/api/reports/", headers=headers).status_code == 401
    assert list(Entry.objects.filter(subject="token").values_list("verb", flat=True)) == ["made token", "ended token"]


def test_a_member_has_only_so_many_tokens(client_of, ann):
    for n in range(tokens.MOST):
        tokens.make(ann, str(n), NOW + timedelta(minutes=n))
    assert client_of(ann).post("/me/tokens/", {"name": "one more"}).status_code == 422
    assert Token.objects.count() == tokens.MOST
