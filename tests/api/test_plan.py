"""The plan for programs: the one in force, and any document, worked out as the page and the terminal do."""

import json
from datetime import UTC, datetime

import pytest

from tilth.plan.models import Goal

YEAR = {"first": "2027-01-01", "last": "2027-12-31"}
T2 = {"goal": "1000000", "value": "100000", **YEAR, "points": [{"name": "Leads", "to_sql": "1/3", "to_won": "1/3"}]}


def post(client, document, **more):
    body = document if isinstance(document, str) else json.dumps(document)
    return client.post("/api/plan/", body, content_type="application/json", **more)


def test_strangers_are_told_to_show_a_token(client, db):
    assert client.get("/api/plan/").status_code == 401
    assert post(client, T2).status_code == 401


def test_a_document_is_worked_out_and_not_stored(client_of, ann, agreement):
    answer = post(client_of(ann), T2)
    assert answer.status_code == 200
    told = answer.json()
    assert told["together"]["leads"]["exact"] == "90"
    assert told["together"]["value_of_a_lead"] == "11111.11"
    assert 0 <= told["chance"] <= 1
    assert not Goal.objects.exists()


@pytest.mark.parametrize(
    ("document", "status", "says"),
    [
        ("[]", 400, "JSON object"),
        ("{", 400, "JSON object"),
        (T2 | {"goal": "0"}, 422, "goal"),
        (T2 | {"currency": "USD"}, 422, "currency"),
        (T2 | {"points": [{"name": "x", "to_won": "3"}]}, 422, "points.0.to_won"),
    ],
)
def test_what_is_wrong_is_named(client_of, ann, agreement, document, status, says):
    answer = post(client_of(ann), document)
    assert answer.status_code == status
    told = answer.json()
    assert says in (told["message"] if status == 400 else told["errors"])


def test_the_plan_in_force(client_of, ann, carla, agreement, now):
    client = client_of(ann)
    assert client.get("/api/plan/").json()["goal"] is None
    first = datetime.now(UTC).date().replace(month=1, day=1)
    Goal.objects.create(
        amount=240_000_00, currency="EUR", first=first, last=first.replace(month=12, day=31), set_by=carla, set_at=now
    )
    told = client.get("/api/plan/").json()
    assert (told["goal"], told["together"]["customers"]["value"], told["signed"]) == ("240000.00", 10.0, [])
    assert told["points"][0]["inputs"]["to_sql"]["source"] == "usual"
