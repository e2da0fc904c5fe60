"""One person in two companies."""

from datetime import date

import pytest

from tests.conftest import NOW
from tilth.deals.verbs import Refused, undo
from tilth.people.known import Told, keep
from tilth.people.models import Company, Learned, News, Person, Position
from tilth.people.positions import add_position, current, end_position, make_main
from tilth.team.models import Member


@pytest.fixture
def adviser(anouk: Person, ann: Member) -> Position:
    """Anouk advises a rose grower, too."""
    add_position(anouk, "Groenveld Rozen", ann, NOW, title="Adviser")
    return Position.objects.get()


def test_a_second_company_is_found_or_made(anouk: Person, ann: Member) -> None:
    known = keep(Told(emails=["jan@groenveld.example"], company={"name": "Groenveld"}), NOW, "form")[0].company
    entry = add_position(anouk, "", ann, NOW, domain="www.groenveld.example", title="Adviser", since=date(2026, 1, 1))
    assert entry is not None
    (row,) = current(anouk)
    assert (row.company, row.title, row.since) == (known, "Adviser", date(2026, 1, 1))
    assert known is not None
    assert [p.person for p in current(known)] == [anouk]
    anouk.refresh_from_db()
    assert str(anouk.company) == "Zonneveld Tomaten"


def test_what_is_known_already_is_not_added(anouk: Person, adviser: Position, ann: Member) -> None:
    assert add_position(anouk, "Groenveld Rozen", ann, NOW) is None
    assert add_position(anouk, "Zonneveld Tomaten", ann, NOW, domain="zonneveldtomaten.example") is None
    assert add_position(anouk, "", ann, NOW) is None


def test_a_position_ends_and_is_undone(anouk: Person, adviser: Position, ann: Member) -> None:
    entry = end_position(adviser, ann, NOW, date(2026, 6, 16))
    assert end_position(adviser, ann, NOW, date(2026, 6, 17)) is None
    assert list(current(anouk)) == []
    assert make_main(adviser, ann, NOW) is None
    assert entry is not None
    undo(entry, ann, NOW)
    assert list(current(anouk)) == [adviser]


def test_another_position_becomes_the_main_one(anouk: Person, adviser: Position, ann: Member) -> None:
    News.objects.all().delete()
    entry = make_main(adviser, ann, NOW)
    anouk.refresh_from_db()
    assert (str(anouk.company), anouk.title) == ("Groenveld Rozen", "Adviser")
    assert [(str(p.company), p.title) for p in current(anouk)] == [("Zonneveld Tomaten", "Operations manager")]
    last = Learned.objects.order_by("-pk")[0]
    assert (last.joined, last.values) == (anouk.company, {"company": "Groenveld Rozen", "title": "Adviser"})
    assert News.objects.get().person == anouk
    assert entry is not None
    undo(entry, ann, NOW)
    anouk.refresh_from_db()
    assert (str(anouk.company), anouk.title) == ("Zonneveld Tomaten", "Operations manager")
    assert [(str(p.company), p.title) for p in current(anouk)] == [("Groenveld Rozen", "Adviser")]


def test_who_had_no_company_has_one_then(ann: Member) -> None:
    person = keep(Told(emails=["x@gmail.com"]), NOW, "form")[0]
    add_position(person, "Groenveld", ann, NOW)
    entry = make_main(Position.objects.get(), ann, NOW)
    person.refresh_from_db()
    assert (person.company, Position.objects.count()) == (Company.objects.get(), 0)
    assert entry is not None
    with pytest.raises(Refused, match="cannot be undone"):
        undo(entry, ann, NOW)
