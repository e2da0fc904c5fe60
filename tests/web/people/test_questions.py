"""What a person's page asks the database: as much for a long story as for a short one."""

from collections import Counter
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import NOW
from tilth.handoff.verbs import accept
from tilth.touches.models import Evidence, Team
from tilth.touches.record import offer, record

MOST = 64


def asked(client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in found.captured_queries]


def told(person, bob, n: int) -> None:
    """n calls of Bob, and n downloads of as many pieces of content."""
    for at in (NOW - timedelta(hours=k) for k in range(1, n + 1)):
        record("call", at, NOW, person=person, team=Team.SALES, member=bob, evidence=Evidence.DECLARED)
        piece = offer(f"piece-{at:%d%H}", NOW)
        record("download", at, NOW, person=person, offer=piece, evidence=Evidence.OBSERVED)


def test_a_long_story_asks_no_more_than_a_short_one(handed, bob, client_of):
    accept(handed, bob, NOW)
    client, address = client_of(bob), f"/people/{handed.person_id}/"
    told(handed.person, bob, 2)
    client.get(address)
    short = asked(client, address)
    told(handed.person, bob, 30)
    assert len(asked(client, address)) == len(short)
    assert len(short) <= MOST, len(short)


def test_nothing_is_asked_twice_but_how_many_wait_which_the_menu_says_too(handed, bob, client_of):
    accept(handed, bob, NOW)
    client, address = client_of(bob), f"/people/{handed.person_id}/"
    client.get(address)
    twice = [query for query, n in Counter(asked(client, address)).items() if n > 1]
    assert len(twice) == 1
    assert twice[0].startswith('SELECT COUNT(*) AS "__count" FROM "handoff_holding"')
