"""8,000 marketing-qualified leads and 842 closed deals of a real firm; what came of them is published."""

from collections import Counter
from pathlib import Path

import pytest
from django.db.models import Count

from tests.capture.importing import counts, real, take_in
from tilth.deals.models import Deal, Flag, Won
from tilth.people.models import Person, PersonId
from tilth.qualify.models import Standing
from tilth.touches.models import Origin, Touch

pytestmark = [pytest.mark.data, pytest.mark.django_db]
BY_ORIGIN = {
    "organic_search": (2296, 271), "paid_search": (1586, 195), "social": (1350, 75), "unknown": (1099, 179),
    "direct_traffic": (499, 56), "email": (493, 15), "referral": (284, 24), "other": (150, 4), "display": (118, 6),
    "other_publicities": (65, 3), "": (60, 14),
}  # fmt: skip
LEADS, DEALS = "olist_marketing_qualified_leads_dataset.csv", "olist_closed_deals_dataset.csv"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _leads(name: str) -> tuple[int, int, int, int]:
    return counts(take_in(real("olist_funnel", name), mapping="olist-leads"))


def _deals(name: str) -> tuple[int, int, int, int]:
    return counts(take_in(real("olist_funnel", name), mapping="olist-deals"))


def _facts() -> dict[str, list]:
    """All that was learned, without our own numbers and moments of learning."""
    ids = dict(PersonId.objects.values_list("person", "value"))
    return {
        "people": sorted((ids[pk], str(sorted(custom.items()))) for pk, custom in Person.objects.values_list("pk", "custom")),
        "origins": sorted(
            (ids[o.pk], o.at, o.door, o.source, o.offer.key if o.offer else "")
            for o in Origin.objects.select_related("offer")
        ),
        "touches": sorted((ids[pk], *rest) for pk, *rest in Touch.objects.values_list("person", "at", "kind", "source")),
        "won": sorted(
            (ids[w.deal.person_id], w.deal.external_id, w.at, w.amount, w.deal.seller)
            for w in Won.objects.select_related("deal")
        ),
        "flags": sorted(Flag.objects.values_list("kind", "say")),
    }  # fmt: skip


def test_the_published_funnel_comes_out() -> None:
    assert _leads(LEADS) == (8000, 0, 0, 0)
    assert _deals(DEALS) == (842, 0, 0, 0)
    assert Person.objects.count() == Origin.objects.count() == 8000
    assert Won.objects.count() == Deal.objects.count() == 842
    assert round(100 * Won.objects.count() / Person.objects.count(), 3) == 10.525
    people = dict(Origin.objects.values_list("source").annotate(n=Count("pk")))
    won = Counter(Won.objects.values_list("deal__person__origin__source", flat=True))
    assert {source: (n, won[source]) for source, n in people.items()} == BY_ORIGIN


def test_a_deal_won_before_first_contact_is_flagged_and_kept() -> None:
    _leads(LEADS)
    row = take_in(real("olist_funnel", DEALS), mapping="olist-deals")
    assert row.flagged == 1
    flag = Flag.objects.get()
    assert (flag.kind, flag.say) == ("won before first contact", "won on 2018-03-06, first contact on 2018-03-08")
    assert flag.deal.won


def test_who_bought_is_a_customer_and_what_the_seller_declared_is_kept() -> None:
    _leads(LEADS)
    _deals(DEALS)
    assert Standing.objects.filter(stage="customer").count() == 842
    declared = Counter(
        p.custom["declared_monthly_revenue"] for p in Person.objects.filter(deals__isnull=False).only("custom")
    )
    assert declared[0] == 797
    assert max(declared) == 50_000_000
    assert Person.objects.filter(custom__has_company=True).count() == 58


def test_deals_that_come_before_their_leads_are_joined_later() -> None:
    row = take_in(real("olist_funnel", DEALS), mapping="olist-deals")
    assert counts(row) == (842, 0, 0, 0)
    assert Flag.objects.filter(kind="unknown lead").count() == 842
    _leads(LEADS)
    assert _deals("variants/closed_deals_bool_as_float.csv") == (0, 842, 0, 0)
    assert not Flag.objects.filter(kind="unknown lead").exists()
    assert Won.objects.filter(deal__person__isnull=False).count() == 842


@pytest.mark.parametrize(
    "name",
    ["mql_ddmmyyyy_crlf", "mql_noheader_NaN_literal", "mql_reordered_rows", "mql_spaces_instead_of_underscores"],
)  # fmt: skip
def test_the_same_leads_as_others_saved_them_say_nothing_new(name: str) -> None:
    _leads(LEADS)
    before = _facts()
    assert _leads(f"variants/{name}.csv") == (0, 0, 8000, 0)
    assert _facts() == before


def test_the_variants_alone_give_the_same_facts() -> None:
    _leads(LEADS)
    _deals(DEALS)
    before = _facts()
    Deal.objects.all().delete()
    Person.objects.all().delete()
    _leads("variants/mql_noheader_NaN_literal.csv")
    _deals("variants/closed_deals_spaces_instead_of_underscores.csv")
    assert _facts() == before
    assert _deals("variants/closed_deals_bool_as_float.csv") == (0, 0, 842, 0)
    assert _facts() == before


def test_importing_again_changes_nothing() -> None:
    _leads(LEADS)
    _deals(DEALS)
    before = _facts()
    assert _leads(LEADS) == (0, 0, 8000, 0)
    assert _deals(DEALS) == (0, 0, 842, 0)
    assert _facts() == before
