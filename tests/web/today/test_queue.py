"""How a queue is read: in the order of an oracle, page by page, and by its index however long it is."""

from datetime import timedelta
from random import Random

import pytest
from django.db import connection

from tests.conftest import NOW, SIGNED
from tilth import conveyor
from tilth.agreement.models import Version
from tilth.core.handoff import cost_of_waiting, rank
from tilth.handoff import ranking
from tilth.handoff.models import Handoff, Holding, Joining
from tilth.people.models import Person
from tilth.promises.models import Obligation
from tilth.web import queue

FADES = 72


@pytest.fixture
def held(agreement, bob, carla):
    """Fifty-five leads of Bob: some late, some in a deal, some with equal keys; and some of somebody else."""
    random = Random(7)
    for n in range(70):
        person = Person.objects.create(first_name=f"P{n}", at=NOW)
        at = NOW - timedelta(hours=random.choice([1, 5, 30, 200]))
        value, owner = random.choice([0, 100_00, 5_760_00, 9_000_00]), carla if n % 14 == 0 else bob
        handoff = Handoff.objects.create(
            person=person, owner=owner, version=agreement, at=at, grade="A", level=4, value=value,
            why={"interest": []}, routing={},
        )  # fmt: skip
        Holding.objects.create(
            person=person, handoff=handoff, owner=owner, since=at, open_deals=int(n % 7 == 3),
            rank=rank(value, at, FADES), fades_hours=FADES,
        )  # fmt: skip
        for kind, hours in (("first_contact", random.randint(-30, 30)), ("verdict", random.randint(-5, 60))):
            Obligation.objects.create(
                kind=kind, debtor="sales", member=owner, handoff=handoff, version=agreement, since=at,
                due_at=NOW + timedelta(hours=hours), open=random.random() < 0.6,
            )  # fmt: skip


def expected(member, now):
    """The ids of whom a member has, by a full sort of what each costs at this moment."""

    def place(holding):
        h = holding.handoff
        late = h.obligations.filter(open=True, due_at__lt=now).exists()
        return not late, -round(cost_of_waiting(max(h.value, 1), h.at, now, FADES), 6), -holding.pk

    rows = Holding.objects.filter(owner=member, open_deals=0).select_related("handoff")
    return [row.pk for row in sorted(rows, key=place)]


def paged(member, now, passing=timedelta()):
    """The ids of all pages, one after the other; between two of them some time passes."""
    out, after = [], None
    while True:
        page = queue.queue(member, now, after)
        out += [lead.person.pk for lead in page.leads]
        if page.more is None:
            return out
        after, now = queue.Place.read(str(page.more)), now + passing


def test_the_pages_of_a_queue_are_a_full_sort_by_late_and_by_cost(held, bob):
    order = expected(bob, NOW)
    assert len(order) == 55
    assert paged(bob, NOW) == order


def test_a_month_later_the_order_has_not_changed_but_for_what_is_late(held, bob):
    later = NOW + timedelta(days=30)
    assert paged(bob, later) == expected(bob, later)


def test_what_falls_due_while_somebody_pages_is_shown_once_and_nobody_is_left_out(held, bob):
    assert paged(bob, NOW, passing=timedelta(hours=9)) == expected(bob, NOW)


def test_each_lead_knows_its_place_and_who_comes_next(held, bob):
    order = expected(bob, NOW)
    for n, person in enumerate(order):
        found = queue.neighbours(bob, person, NOW)
        assert (found.place, found.count) == (n + 1, 55)
        assert (found.next and found.next.pk) == (order[n + 1] if n + 1 < len(order) else None)


def test_who_is_not_in_the_queue_has_no_place_in_it(held, bob, carla):
    other = Holding.objects.filter(owner=carla).first()
    assert queue.neighbours(bob, other.pk, NOW) is None


@pytest.mark.parametrize("text", ["", "no", "1_2_3", "1_1_x_4", "1e999_1_1.0_5", "nan_0_1.0_5", "1_0_1.0_"])
def test_what_is_no_place_begins_at_the_first(text):
    assert queue.Place.read(text) is None


def test_a_place_is_read_as_it_was_written():
    place = queue.Place(NOW + timedelta(microseconds=123_457), True, rank(5_760_00, NOW, FADES), 9)
    assert queue.Place.read(str(place)) == place


def test_who_only_went_quiet_is_not_late(held, bob):
    order = expected(bob, NOW)
    Obligation.objects.create(
        kind="status", debtor="sales", member=bob, handoff=Handoff.objects.get(person=order[-1]), since=NOW,
        version=Handoff.objects.get(person=order[-1]).version, due_at=NOW - timedelta(days=2),
    )  # fmt: skip
    assert paged(bob, NOW) == order


def test_the_page_goes_on_where_it_ended(held, sales, clock, bob):
    order, page = expected(bob, NOW), sales.get("/")
    assert [lead.person.pk for lead in page.context["leads"]] == order[:20]
    url = f"/?after={page.context['more']}"
    assert url.removeprefix("/") in page.content.decode()
    second = sales.get(url)
    assert [lead.person.pk for lead in second.context["leads"]] == order[20:40]
    assert "From the first on" in second.content.decode()
    part = sales.get(url, headers={"HX-Request": "true", "HX-Target": "more"}).content.decode()
    assert "<title>" not in part
    assert f'id="q-{order[20]}"' in part
    assert f'id="q-{order[19]}"' not in part
    last = sales.get(f"/?after={second.context['more']}")
    assert last.context["more"] is None
    assert [lead.person.pk for lead in last.context["leads"]] == order[40:]


def test_a_page_is_read_by_the_index_that_keeps_its_order(held, bob):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL scans a table of this size; benchmarks/queues.py looks at a large one")
    plan = queue._in_full(queue._waiting(bob)).order_by("-rank", "-person")[:5].explain()
    assert "holding_in_queue" in plan
    assert "TEMP B-TREE" not in plan


def other_half_life(preset, by, second, at, hours):
    preset["expected"]["fades_hours"] = hours
    version = Version.write(preset, by, at)
    version.sign(by, "marketing", at)
    version.sign(second, "sales", at)
    return version


def test_another_half_life_lays_every_queue_anew_in_one_step(held, preset, ann, bob):
    other_half_life(preset, ann, bob, SIGNED + timedelta(days=1), 24)
    assert ranking.catch_up(NOW) == 70
    assert ranking.catch_up(NOW) == 0
    for row in Holding.objects.select_related("handoff"):
        assert (row.fades_hours, row.rank) == (24, rank(row.handoff.value, row.handoff.at, 24))


def test_a_lead_that_somebody_joined_keeps_the_place_that_this_gave_it(held, preset, ann, bob):
    row = Holding.objects.select_related("handoff").filter(owner=bob).first()
    for hours in (3, 2):
        joins = Person.objects.create(first_name="Joins", at=NOW)
        Joining.objects.create(handoff=row.handoff, person=joins, at=NOW - timedelta(hours=hours))
    other_half_life(preset, ann, bob, SIGNED + timedelta(days=1), 24)
    ranking.catch_up(NOW)
    row.refresh_from_db()
    assert row.rank == rank(row.handoff.value, NOW - timedelta(hours=2), 24)


def test_holdings_that_are_worked_out_anew_keep_their_places(held):
    before = list(Holding.objects.order_by("pk").values_list("pk", "rank", "fades_hours"))
    conveyor.REBUILDS["holdings"](NOW)
    assert list(Holding.objects.order_by("pk").values_list("pk", "rank", "fades_hours")) == before
