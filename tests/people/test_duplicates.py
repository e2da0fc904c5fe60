"""Who was kept twice is found and proposed; who was told apart is not asked about again."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Q

from tests.conftest import NOW
from tilth.deals.merging import merge, split
from tilth.deals.verbs import undo
from tilth.people import duplicates
from tilth.people.known import Told, keep
from tilth.people.models import Duplicate, Learned, Mark, Person
from tilth.team.models import Member

SOON = NOW + timedelta(minutes=1)


def somebody(address: str, first: str = "", last: str = "", at: Any = NOW, **told: Any) -> Person:
    return keep(Told(emails=[address], person={"first_name": first, "last_name": last}, **told), at, "form")[0]


@pytest.fixture
def twin(anouk: Person) -> Person:
    return somebody("anouk.z@gmail.com", "Anouk", "Zonneveld", phones=["+31105550142"])


def proposed() -> list[tuple[int | None, int | None]]:
    return [(d.person_id, d.other_id) for d in Duplicate.objects.filter(dismissed_at=None, person__isnull=False)]


def test_who_was_kept_twice_is_proposed_with_the_reasons(anouk: Person, twin: Person) -> None:
    assert duplicates.catch_up(SOON) == Learned.objects.count()
    row = Duplicate.objects.get()
    assert (row.person, row.other, row.reasons) == (anouk, twin, ["same_name", "same_phone"])
    assert duplicates.catch_up(SOON) == 0


def test_what_was_just_written_may_still_be_overtaken(anouk: Person, twin: Person) -> None:
    assert duplicates.catch_up(NOW) == 0
    assert duplicates.catch_up(SOON) > 0


def test_who_is_told_apart_stays_so(anouk: Person, twin: Person, ann: Member) -> None:
    duplicates.catch_up(SOON)
    entry = duplicates.dismiss(Duplicate.objects.get(), ann, SOON)
    assert duplicates.dismiss(Duplicate.objects.get(), ann, SOON) is None
    keep(Told(emails=["anouk.z@gmail.com"], person={"title": "Owner"}), SOON, "form")
    duplicates.catch_up(SOON + timedelta(minutes=1))
    assert proposed() == []
    assert entry is not None
    undo(entry, ann, SOON)
    assert proposed() == [(anouk.pk, twin.pk)]


def test_who_turns_out_to_be_another_is_proposed_no_more(anouk: Person, twin: Person) -> None:
    duplicates.catch_up(SOON)
    keep(Told(emails=["anouk.z@gmail.com"], person={"first_name": "Peter"}), SOON, "form")
    duplicates.catch_up(SOON + timedelta(minutes=1))
    assert proposed() == []


def test_a_mark_that_many_share_is_passed_over(db: None) -> None:
    people = [somebody(f"jan{n}@firm{n}.example", "Jan", "Jansen", phones=["+31105550100"]) for n in range(14)]
    duplicates.catch_up(SOON)
    assert Mark.objects.filter(person__in=people).count() > 14
    assert proposed() == []


def test_companies_are_proposed_too(anouk: Person) -> None:
    keep(Told(ids=[("crm", "1")], company={"name": "Zonneveld Tomaten B.V.", "city": "Bleiswijk"}), NOW, "a file")
    duplicates.catch_up(SOON)
    row = Duplicate.objects.get(company__isnull=False)
    assert (row.company, row.reasons) == (anouk.company, ["same_firm", "no_domain", "same_city"])


def test_a_merge_takes_what_was_proposed_along_and_brings_it_back(anouk: Person, twin: Person, ann: Member) -> None:
    third = somebody("anouk.zonneveld@other.example", "Anouk", "Zonneveld", phones=["+31105550142"])
    duplicates.catch_up(SOON)
    before = set(proposed())
    assert before == {(anouk.pk, twin.pk), (anouk.pk, third.pk), (twin.pk, third.pk)}
    done = merge(anouk, twin, ann, SOON)
    assert set(proposed()) == {(anouk.pk, third.pk)}
    assert not Duplicate.objects.filter(Q(person=twin.pk) | Q(other=twin.pk)).exists()
    split(done.row, ann, SOON)
    assert set(proposed()) == before
