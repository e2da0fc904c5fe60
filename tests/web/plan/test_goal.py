"""The plan's pages: three numbers, the way back from the goal, scenarios, signatures, and what follows while somebody types."""

from datetime import date, timedelta

import pytest

from tests.plan.test_past import RESULT
from tilth.agreement.models import Draft
from tilth.core.planning import Past
from tilth.insight.models import Kept
from tilth.insight.report import as_json
from tilth.plan import contingency, versions
from tilth.plan.models import Contingency, Fired, Goal, GoalSignature, Outlook, Remark

pytestmark = pytest.mark.usefixtures("stopped_clock")
YEAR = {"basis": "revenue", "first": "2026-01-01", "last": "2026-12-31"}
THIRDS = {"points.0.name": "Leads", "points.0.to_sql": "1/3", "points.0.to_won": "1/3"}
POINTS = [
    {"name": "Demo request", "to_sql": "1/2", "to_won": "1/4", "hours": "6", "share": "1"},
    {"name": "E-book", "to_sql": "10%", "to_won": "20%", "hours": "1", "share": "4"},
]


@pytest.fixture
def goal(carla, now) -> Goal:
    return Goal.objects.create(
        amount=100_000_000, currency="EUR", first=date(2026, 1, 1), last=date(2026, 12, 31), set_by=carla, set_at=now
    )


@pytest.fixture
def scenario(ann, now) -> Goal:
    document = {"goal": "1,000,000", "value": "40,000", "hours": "60", **YEAR, "points": POINTS}
    return versions.begin(document, Past(), ann, now, "More demos")


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


# The goal


def test_without_a_goal_the_page_says_what_one_is(client_of, ann, dirk) -> None:
    assert "Set the goal" in text(client_of(ann).get("/plan/"))
    assert "Marketing, sales or a manager sets it." in text(client_of(dirk).get("/plan/"))
    assert client_of(dirk).get("/plan/new/").status_code == 404


@pytest.mark.parametrize("typed", ["1.000.000", "1,000,000.00", "€ 1 000 000,00", "1000000"])
def test_an_amount_is_read_as_people_type_it(client_of, ann, agreement, typed) -> None:
    client_of(ann).post("/plan/new/", {"goal": typed, "propose": "yes", **YEAR})
    row = Goal.objects.get()
    assert (row.amount, row.currency, row.first, row.last) == (100_000_000, "EUR", date(2026, 1, 1), date(2026, 12, 31))
    assert not row.scenario


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"goal": "0"}, "Write what you want to earn, an amount above zero."),
        ({"goal": "a lot"}, "“a lot” is not a number"),
        ({"goal": "-5"}, "-5 is below zero"),
        ({"goal": "£ 500"}, "“£ 500” is not in EUR"),
        ({"goal": "5", "last": "2025-12-31"}, "Write a day after the first one."),
        ({"goal": "5", "first": "2025-01-01", "last": "2025-12-31"}, "This period is over."),
        ({"goal": "5", "points.0.sale_rate": "0%"}, "nobody would ever get through"),
        ({"goal": "5", "points.0.sale_rate": "120%"}, "more than 100%"),
        ({"goal": "5", "basis": "profit", "margin": "-10%"}, "a share above 0, at most 100%"),
        ({"goal": "5", "hours": "0"}, "With 0 nothing comes of the plan."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(client_of, ann, agreement, typed, said) -> None:
    answer = client_of(ann).post("/plan/new/", YEAR | typed)
    assert answer.status_code == 422
    assert said in text(answer)
    assert f'value="{typed["goal"]}"' in text(answer)
    assert not Goal.objects.exists()


def test_both_teams_sign_and_nobody_for_the_other(client_of, ann, bob, goal) -> None:
    client_of(ann).post(f"/plan/{goal.pk}/signatures/sales/")
    assert not GoalSignature.objects.exists()
    client_of(ann).post(f"/plan/{goal.pk}/signatures/marketing/")
    client_of(bob).post(f"/plan/{goal.pk}/signatures/sales/")
    assert set(GoalSignature.objects.values_list("team", "name")) == {
        ("marketing", "Ann de Wit"),
        ("sales", "Bob Jansen"),
    }
    assert "Signed by both" in text(client_of(ann).get("/plan/"))
    assert client_of(ann).post(f"/plan/{goal.pk}/signatures/service/").status_code == 404


# What follows


def follows(client, **typed) -> str:
    return text(client.post("/plan/new/follows/", {**YEAR, **typed}))


def test_t1_from_10000_to_500_leads(client_of, ann, agreement) -> None:
    page = follows(client_of(ann), goal="10.000", value="1.000", **{"points.0.sale_rate": "2%"})
    assert '<b class="mid">10</b>' in page
    assert '<b class="mid">500</b>' in page


def test_t2_and_t3_from_a_million_to_ninety_leads_through_two_thirds(client_of, ann, bob, agreement) -> None:
    """R3 and R4: 1,000,000 / 100,000 through 1/3 and 1/3 is 90 leads, each worth 11,111."""
    typed = {"goal": "1.000.000", "value": "100.000", **THIRDS}
    page = follows(client_of(ann), **typed)
    assert ['<b class="mid">10</b>' in page, '<b class="mid">30</b>' in page, '<b class="mid">90</b>' in page] == [
        True
    ] * 3
    client_of(ann).post("/plan/new/", {**YEAR, **typed, "propose": "yes"})
    assert "<b>€11,111</b>" in text(client_of(bob).get("/plan/"))


def test_nothing_is_rounded_between_the_steps(client_of, ann, agreement) -> None:
    typed = THIRDS | {"points.0.to_sql": "33%", "points.0.to_won": "0,33"}
    page = follows(client_of(ann), goal="1.000.000", value="100.000", **typed)
    assert '<b class="mid">92</b>' in page
    assert "Exactly 91.83 leads; shown as 92." in page


def test_what_is_wrong_while_typing_is_named_and_nothing_is_stored(client_of, ann, agreement) -> None:
    page = follows(client_of(ann), goal="1.000.000", **{"points.0.to_sql": "120%"})
    assert "Lead to SQL" in page
    assert "more than 100%" in page
    assert not Goal.objects.exists()


def test_before_anything_is_typed_nothing_is_wrong(client_of, ann, agreement) -> None:
    assert follows(client_of(ann), goal="") == ""


def test_a_scenario_says_what_follows_with_its_chance(client_of, ann, agreement, scenario) -> None:
    typed = {**YEAR, "goal": "800.000", "value": "40000", **THIRDS}
    page = text(client_of(ann).post(f"/plan/{scenario.pk}/follows/", typed))
    assert "chance of €1,000,000" in page
    assert "5,000 simulated periods" in page
    assert Goal.objects.get().amount == 100_000_000


def test_the_chance_stands_beside_what_would_help(client_of, ann, agreement, scenario) -> None:
    page = text(client_of(ann).get(f"/plan/{scenario.pk}/chance/"))
    assert "What would help" in page
    assert "Two weeks faster from lead to sale" in page
    assert "One more marketer, with" in page
    short = text(client_of(ann).get(f"/plan/{scenario.pk}/chance/?short"))
    assert short.endswith("%")
    assert f'id="chance">{short}<' in page


def test_sliders_say_what_another_mix_brings(client_of, ann, agreement, scenario) -> None:
    url = f"/plan/{scenario.pk}/mix/"
    none = text(client_of(ann).post(url, {"week.0": "0", "week.1": "0"}))
    assert '<b class="mid">0%</b>' in none
    many = text(client_of(ann).post(url, {"week.0": "20", "week.1": "not a number"}))
    assert "Sales hours, of 59" in many


# Versions


def test_a_scenario_is_written_saved_and_proposed(client_of, ann, bob, agreement, scenario) -> None:
    client = client_of(ann)
    page = text(client.get(f"/plan/{scenario.pk}/"))
    assert 'name="points.0.to_sql" value="1/2"' in page
    client.post(f"/plan/{scenario.pk}/", {"revision": "0", "goal": "900.000", "value": "40000", **YEAR, **THIRDS})
    assert Goal.objects.get().amount == 90_000_000
    late = client_of(bob).post(f"/plan/{scenario.pk}/", {"revision": "0", "goal": "1", "value": "1", **YEAR, **THIRDS})
    assert late.status_code == 409
    assert 'value="1"' in text(late)  # what was typed is still there
    client.post(f"/plan/{scenario.pk}/propose/")
    assert not Goal.objects.get().scenario


def test_what_is_wrong_in_a_scenario_stands_at_its_field(client_of, ann, agreement, scenario) -> None:
    answer = client_of(ann).post(
        f"/plan/{scenario.pk}/", {"revision": "0", "goal": "x", **YEAR, "points.0.name": "A", "points.0.hours": "two"}
    )
    assert answer.status_code == 422
    page = text(answer)
    assert 'href="#f-goal"' in page
    assert 'href="#f-points.0.hours">A: Hours a lead</a>' in page
    assert Goal.objects.get().amount == 100_000_000


def test_a_copy_is_laid_beside_what_it_was_made_of(client_of, ann, agreement, scenario) -> None:
    client = client_of(ann)
    client.post(f"/plan/{scenario.pk}/copy/", {"why": "Fewer e-books"})
    copy = Goal.objects.exclude(pk=scenario.pk).get()
    client.post(
        f"/plan/{copy.pk}/",
        {"revision": "0", "goal": "1.200.000", "value": "40000", **YEAR, **THIRDS, "why": "Fewer e-books"},
    )
    page = text(client.get(f"/plan/{scenario.pk}/beside/{copy.pk}/"))
    for said in (
        "Fewer e-books",
        "€1,200,000",
        "1.200.000",
        "Leads: Lead to SQL</th><td>–</td><td><b>1/3</b>",
        "E-book: Lead to SQL</th><td>10%</td>",
    ):
        assert said in page
    assert "{" not in page[page.index("What differs") : page.index("</main>")]


def test_thrown_away_and_brought_back(client_of, ann, agreement, scenario) -> None:
    client = client_of(ann)
    client.post(f"/plan/{scenario.pk}/throw-away/")
    assert "Bring back" in text(client.get(f"/plan/{scenario.pk}/"))
    client.post(f"/plan/{scenario.pk}/bring-back/")
    assert "Throw away" in text(client.get(f"/plan/{scenario.pk}/"))


def test_a_remark_blocks_signing_until_it_is_closed(client_of, ann, bob, goal) -> None:
    client_of(bob).post(f"/plan/{goal.pk}/remarks/", {"text": "Is that what we see?"})
    page = text(client_of(ann).get("/plan/"))
    assert "Is that what we see?" in page
    client_of(ann).post(f"/plan/{goal.pk}/signatures/marketing/")
    assert not GoalSignature.objects.exists()
    client_of(ann).post(f"/plan/{goal.pk}/remarks/{Remark.objects.get().pk}/close/")
    client_of(ann).post(f"/plan/{goal.pk}/signatures/marketing/")
    assert GoalSignature.objects.exists()


def test_what_both_owe_goes_into_a_draft_of_the_agreement(client_of, ann, agreement, scenario) -> None:
    answer = client_of(ann).post(f"/plan/{scenario.pk}/agreement/")
    draft = Draft.objects.get()
    assert answer["Location"] == f"/agreement/drafts/{draft.pk}/"
    assert draft.document["sla"]["sales"]["room_hours"] == 60
    assert draft.document["sla"]["marketing"]["leads"] > 5
    assert draft.based_on == agreement


def test_a_plan_can_be_taken_along(client_of, ann, agreement, scenario) -> None:
    client = client_of(ann)
    book = client.get(f"/plan/{scenario.pk}.xlsx")
    assert book.content[:2] == b"PK"
    assert 'filename="plan-more-demos.xlsx"' in book["Content-Disposition"]
    paper = client.get(f"/plan/{scenario.pk}.pdf", follow=True)
    assert paper.content[:4] == b"%PDF" or "No PDF can be made here" in text(paper)


def test_a_rate_of_our_history_says_how_sure_it_is(client_of, ann, agreement, goal, now) -> None:
    client = client_of(ann)
    client.get("/plan/")  # asks for what history says
    Kept.objects.filter(report="inputs").update(result=as_json(RESULT), as_of=now)
    page = text(client.get("/plan/"))
    assert '50.0%</span><small class="quiet">45% to 55%, n = 100</small>' in page
    assert '40.0%</span><small class="quiet">36% to 44%, n = 100, of all points</small>' in page  # of a new one


def test_dirk_sees_the_plan_and_changes_nothing(client_of, dirk, agreement, scenario, goal) -> None:
    client = client_of(dirk)
    assert client.get("/plan/").status_code == 200
    for url in ("copy", "propose", "throw-away", "agreement"):
        assert client.post(f"/plan/{scenario.pk}/{url}/").status_code == 404
    assert client.post(f"/plan/{scenario.pk}/", {"goal": "1"}).status_code == 404


@pytest.mark.browser
def test_on_a_phone_no_step_covers_another(page_of, ann, agreement, scenario) -> None:
    page = page_of(ann, viewport={"width": 390, "height": 844})
    page.goto(f"/plan/{scenario.pk}/")
    boxes = [part.bounding_box() for part in page.locator("#follows .chain :is(.op, b)").all()]
    assert len(boxes) == 9
    for n, a in enumerate(boxes):
        for b in boxes[:n]:
            apart = a["x"] >= b["x"] + b["width"] or b["x"] >= a["x"] + a["width"]
            assert apart or a["y"] >= b["y"] + b["height"] or b["y"] >= a["y"] + a["height"]


def test_the_page_says_how_the_chance_moved_and_why(client_of, ann, agreement, goal, now) -> None:
    for day, chance, because in (
        (14, 0.62, {}),
        (15, 0.6, {"rates": -0.02}),
        (16, 0.57, {"happened": -0.04, "rates": 0.01}),
    ):
        Outlook.objects.create(
            goal=goal, day=date(2026, 6, day), at=now, chance=chance, low=1, middle=2, high=3, won=0, because=because
        )
    page = text(client_of(ann).get("/plan/"))
    assert "62% → 57% since Sunday 14 June, because: what was won and what came in −4 pp, how many buy −1 pp." in page
    assert "Chance of the goal: 62% on 14 June, 57% on 16 June." in page


def test_a_plan_b_is_agreed_comes_true_and_is_answered(client_of, ann, dirk, agreement, goal, now) -> None:
    client, url = client_of(ann), f"/plan/{goal.pk}/plan-b/"
    told = {
        "figure": "chance",
        "side": "under",
        "bound": "50%",
        "weeks": "1",
        "then": "Move the budget",
        "owner": ann.pk,
    }
    client.post(url, told | {"bound": "half"})
    assert not Contingency.objects.exists()
    assert "is not a number" in text(client.get("/plan/"))
    client.post(url, told)
    rule = Contingency.objects.get()
    assert (rule.bound, rule.weeks, rule.owner) == (50, 1, ann)
    later = now + timedelta(days=7)
    assert contingency.catch_up(now) == 0  # the week in which it was made is not over
    Outlook.objects.create(goal=goal, day=later.date(), at=later, chance=0.3, low=1, middle=2, high=3, won=0)
    contingency.catch_up(later)
    page = text(client.get("/plan/"))
    assert "came true on 23 June, at 30%" in page
    client.post(f"{url}fired/{Fired.objects.get().pk}/", {"answer": "Done on Monday"})
    assert "Done on Monday" in text(client_of(dirk).get("/plan/"))
    assert client_of(dirk).post(url, told).status_code == 404
    client.post(f"{url}{rule.pk}/end/")
    assert "Nothing is agreed for bad times yet." in text(client.get("/plan/"))


def test_both_teams_see_the_same_chance_on_their_first_page(client_of, ann, bob, agreement, goal, now) -> None:
    Outlook.objects.create(
        goal=goal, day=now.date(), at=now, chance=0.57, low=80_000_000, middle=90_000_000, high=1_10_000_000, won=0
    )
    for member in (ann, bob):
        page = text(client_of(member).get("/"))
        assert "<b>57%</b> chance of the goal; likely €800K to €1.1M." in page
