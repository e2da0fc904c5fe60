"""The list of deals, one deal, and opening, pricing, winning and losing it."""

import pytest

from tilth.deals.models import Deal, Flag, Lost, Won
from tilth.handoff.models import Handoff, Holding
from tilth.handoff.verbs import accept, hand_off
from tilth.people.models import Person
from tilth.team.models import Member


@pytest.fixture
def handoff(agreement, anouk: Person, bob: Member, now) -> Handoff:
    row = hand_off(anouk, now, by=bob, owner=bob).row
    accept(row, bob, now)
    return row


@pytest.fixture
def deal(handoff: Handoff, client_of, bob: Member) -> Deal:
    client_of(bob).post(f"/people/{handoff.person_id}/deals/", {"name": "Climate screens", "amount": "€ 40.000,00"})
    return Deal.objects.get()


def test_a_deal_is_opened_with_an_amount_as_people_type_it(deal, handoff) -> None:
    assert (deal.name, deal.amount, deal.currency, deal.handoff_id) == ("Climate screens", 4_000_000, "EUR", handoff.pk)


def test_what_was_typed_stays_when_the_amount_cannot_be_read(handoff, client_of, bob) -> None:
    answer = client_of(bob).post(
        f"/people/{handoff.person_id}/deals/", {"name": "Climate screens", "amount": "12.500.00"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "“12.500.00” is not a number" in page
    assert 'value="Climate screens"' in page
    assert not Deal.objects.exists()


def test_marketing_sees_deals_but_opens_none(deal, handoff, client_of, ann) -> None:
    assert "Climate screens" in client_of(ann).get("/deals/").content.decode()
    page = client_of(ann).get(f"/deals/{deal.pk}/").content.decode()
    assert "They bought" not in page
    assert client_of(ann).post(f"/people/{handoff.person_id}/deals/", {"name": "x"}).status_code == 404
    assert client_of(ann).post(f"/deals/{deal.pk}/won/", {"win-amount": "1"}).status_code == 404


def test_a_deal_is_priced_and_won_and_the_lead_is_let_go(deal, client_of, bob) -> None:
    client_of(bob).post(f"/deals/{deal.pk}/amount/", {"price-amount": "45,000"})
    assert Deal.objects.get().amount == 4_500_000
    answer = client_of(bob).post(f"/deals/{deal.pk}/won/", {"win-amount": "44.500"}, follow=True)
    assert Won.objects.get().amount == 4_450_000
    assert not Holding.objects.exists()
    page = answer.content.decode()
    assert "Won: €44,500" in page
    assert "Amount: €45,000, was €40,000" in page
    assert "Undo" in page


def test_a_deal_is_lost_for_a_reason_of_the_agreement(deal, client_of, bob) -> None:
    assert client_of(bob).post(f"/deals/{deal.pk}/lost/", {"lose-reason": "weather"}).status_code == 422
    assert not Lost.objects.exists()
    page = client_of(bob).post(
        f"/deals/{deal.pk}/lost/", {"lose-reason": "price", "lose-note": "a third cheaper"}, follow=True
    )
    assert Lost.objects.get().reason == "price"
    assert "Price “a third cheaper”" in " ".join(page.content.decode().split())


def test_a_closed_deal_has_no_verbs_left(deal, client_of, bob) -> None:
    client_of(bob).post(f"/deals/{deal.pk}/won/", {"win-amount": "1000"})
    assert "They bought" not in client_of(bob).get(f"/deals/{deal.pk}/").content.decode()
    answer = client_of(bob).post(f"/deals/{deal.pk}/lost/", {"lose-reason": "price"})
    assert answer.status_code == 422
    assert "This deal is closed." in answer.content.decode()
    assert not Lost.objects.exists()


def test_the_list_narrows_by_state_and_beginning(deal, client_of, ann, now) -> None:
    other = Deal.objects.create(name="Imported", currency="USD", amount=100, learned_at=now, seller="Darcel")
    Won.objects.create(deal=other, amount=100, at=now)
    Flag.objects.create(deal=other, kind="early", say="Won before the first contact", at=now)

    def names(query: str) -> set[str]:
        page = client_of(ann).get(f"/deals/{query}").content.decode()
        return {n for n in ("Climate screens", "Imported") if f">{n}</a>" in page}

    assert names("") == {"Climate screens", "Imported"}
    assert names("?state=open") == {"Climate screens"}
    assert names("?state=won") == {"Imported"}
    assert names("?state=flagged") == {"Imported"}
    assert names("?q=climate") == {"Climate screens"}
    assert names("?q=zonneveld") == {"Climate screens"}
    assert "No deal matches" in client_of(ann).get("/deals/?q=nothing").content.decode()
    assert "Won before the first contact" in client_of(ann).get(f"/deals/{other.pk}/").content.decode()


def test_the_list_goes_on_along_the_key(client_of, ann, now, django_assert_max_num_queries) -> None:
    Deal.objects.bulk_create(Deal(name=f"Deal {n:03}", currency="EUR", learned_at=now) for n in range(120))
    client = client_of(ann)
    with django_assert_max_num_queries(8):
        page = client.get("/deals/").content.decode()
    assert page.count("/deals/") > 50
    first_older = Deal.objects.order_by("-pk")[49].pk
    assert f"?before={first_older}" in page
    older = client_of(ann).get(f"/deals/?before={first_older}").content.decode()
    assert "Deal 069" in older
    assert "Deal 070" not in older


def test_a_lead_with_another_open_deal_is_not_said_to_be_back_with_marketing(deal, handoff, client_of, bob) -> None:
    client_of(bob).post(f"/people/{handoff.person_id}/deals/", {"name": "Night heating", "amount": "10000"})
    lose = lambda row: client_of(bob).post(f"/deals/{row.pk}/lost/", {"lose-reason": "price"}, follow=True)  # noqa: E731
    said = "The lead is back with marketing."
    assert said not in lose(deal).content.decode()
    assert said in lose(Deal.objects.get(name="Night heating")).content.decode()
