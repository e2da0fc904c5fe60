"""Writing an agreement in Chromium: with script every change is kept at once, without it every button is a submit."""

import pytest

from tests.house.test_in_the_browser import STICKS_OUT
from tilth.agreement import drafts
from tilth.agreement.models import Draft, Version
from tilth.touches.record import offer

pytestmark = pytest.mark.browser
expect = pytest.importorskip("playwright.sync_api").expect
FIRST = "fit.rules[0].points"


@pytest.fixture
def draft(agreement, ann, bob, now, transactional_db) -> Draft:
    offer("demo", now)
    offer("guide", now)
    return drafts.open_draft(agreement.document, ann, now, agreement)


def field(page, name: str):
    return page.locator(f'[name="{name}"]').last


def test_a_version_is_written_without_a_save_button(page_of, ann, agreement, draft) -> None:
    page = page_of(ann)
    page.goto("/agreement/")
    page.get_by_role("button", name="Write a new version").click()
    field(page, FIRST).fill("24,5")
    field(page, FIRST).press("Tab")
    row = page.locator("#part-fit li").first
    row.get_by_text("was: 20").wait_for()
    assert field(page, FIRST).input_value() == "24.5"
    page.get_by_text("1 sentence changed").wait_for()
    expect(field(page, "fit.rules[0].when:field")).to_be_focused()  # where Tab led, also after the swap

    page.get_by_role("button", name="Add an exclusion").click()
    expect(field(page, "fit.exclude[2].say")).to_be_focused()
    page.keyboard.type("A rival")
    field(page, "fit.exclude[2].when:field").select_option("company.domain")
    field(page, "fit.exclude[2].when:value").fill("rival.example, other.example")
    field(page, "fit.exclude[2].when:value").press("Enter")
    page.locator("#part-exclude").get_by_text("new").wait_for()

    pick = page.locator("#part-interest details.pick").first
    pick.locator("summary").click()
    pick.get_by_label("chat").check()
    pick.get_by_label("webinar").check()
    page.locator("#part-interest li").first.get_by_text("was: form").wait_for()
    assert pick.evaluate("e => e.open")  # the list that was open stays so
    page.keyboard.press("Escape")
    assert not pick.evaluate("e => e.open")

    slider = page.get_by_label("Where A begins")
    slider.focus()
    slider.press("ArrowRight")
    page.locator("#part-matrix s", has_text="45").wait_for()
    page.get_by_role("button", name="Propose for signing").click()
    page.wait_for_url("**/agreement/2/")
    terms = Version.objects.get(number=2).terms
    assert terms.fit_rules[0].points == 24.5
    assert terms.exclusions[-1].value == ("rival.example", "other.example")
    assert terms.interest_rules[0].kinds == {"form", "chat", "webinar"}
    assert terms.grades["A"] > 45


def test_what_is_typed_while_a_save_is_under_way_stays(page_of, ann, draft) -> None:
    page = page_of(ann)
    page.goto(f"/agreement/drafts/{draft.pk}/")
    page.route("**/agreement/drafts/*/", lambda route: (page.wait_for_timeout(400), route.continue_()))
    field(page, FIRST).fill("30")
    with page.expect_request(lambda request: request.method == "POST"):
        field(page, FIRST).press("Tab")
    field(page, "fit.rules[0].say").fill("Mid-sized")
    page.locator("#part-fit li").first.get_by_text("was: 20").wait_for()
    assert field(page, "fit.rules[0].say").input_value() == "Mid-sized"
    page.get_by_text("was: 20 and 50 to 500 employees").wait_for()
    draft.refresh_from_db()
    assert draft.document["fit"]["rules"][0] | {"when": 0} == {
        "id": "size",
        "say": "Mid-sized",
        "points": 30,
        "when": 0,
    }


def test_a_fault_is_shown_where_it_is_mended(page_of, ann, draft) -> None:
    page = page_of(ann)
    page.goto(f"/agreement/drafts/{draft.pk}/")
    field(page, FIRST).fill("many")
    field(page, FIRST).press("Tab")
    page.get_by_role("link", name="Fit: 50 to 500 employees").wait_for()
    assert field(page, FIRST).get_attribute("aria-invalid") == "true"
    page.locator("#beside").get_by_text("One thing is to mend first").wait_for()
    field(page, FIRST).fill("2")
    field(page, FIRST).press("Tab")
    page.locator("#beside").get_by_text("Looked at").or_(page.locator("#beside").get_by_text("Nobody")).first.wait_for()
    assert page.locator("#errors").count() == 0
    assert field(page, FIRST).get_attribute("aria-invalid") is None


def test_two_people_write_at_once_in_two_browsers(page_of, ann, bob, draft) -> None:
    anns, bobs = page_of(ann), page_of(bob)
    for page in (anns, bobs):
        page.goto(f"/agreement/drafts/{draft.pk}/")
    field(bobs, FIRST).fill("25")
    field(bobs, FIRST).press("Tab")
    bobs.get_by_text("was: 20").first.wait_for()
    field(anns, "fit.rules[1].points").fill("12")
    field(anns, "fit.rules[1].points").press("Tab")
    anns.get_by_text("Bob Jansen changed 1 thing meanwhile").wait_for()
    assert field(anns, FIRST).input_value() == "25"
    field(bobs, "fit.rules[2].points").fill("21")
    field(bobs, "fit.rules[2].points").press("Tab")
    bobs.get_by_text("Ann de Wit changed 1 thing meanwhile").wait_for()
    field(anns, "fit.rules[2].points").fill("22")
    field(anns, "fit.rules[2].points").press("Tab")
    anns.get_by_text("Bob Jansen wrote “21” here while you wrote “22”").wait_for()
    assert field(anns, "fit.rules[2].points").input_value() == "22"
    anns.get_by_role("button", name="Use mine").click()
    anns.get_by_text("Bob Jansen wrote").wait_for(state="detached")
    draft.refresh_from_db()
    assert [r["points"] for r in draft.document["fit"]["rules"][:3]] == [25, 12, 22]


def test_without_script_every_button_is_a_submit(page_of, ann, draft) -> None:
    page = page_of(ann, java_script_enabled=False)
    page.goto(f"/agreement/drafts/{draft.pk}/")
    assert not page.get_by_label("Where A begins").is_visible()
    field(page, FIRST).fill("30")
    page.get_by_role("button", name="Add a segment").click()  # keeps what was typed elsewhere
    assert page.url.endswith("#part-segments")
    assert field(page, FIRST).input_value() == "30"
    field(page, "segments[2].say").fill("Growers")
    field(page, "segments[2].when:value").fill("Horticulture")
    page.locator("#part-segments").get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Remove 20 to 49 employees").click()
    page.get_by_role("button", name="Put back").click()
    page.get_by_role("button", name="Undo").click()
    assert page.get_by_role("button", name="Put back").is_visible()
    field(page, FIRST).fill("31")
    field(page, FIRST).press("Enter")
    page.get_by_role("button", name="Propose for signing").click()
    terms = Version.objects.get(number=2).terms
    assert terms.segments[-1].say == "Growers"
    assert [r.points for r in terms.fit_rules[:2]] == [31, 20]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_of_a_phone(page_of, ann, draft, scheme) -> None:
    page = page_of(ann, viewport={"width": 390, "height": 844}, color_scheme=scheme)
    for path in ("", "yaml/", "people/"):
        page.goto(f"/agreement/drafts/{draft.pk}/{path}")
        page.wait_for_load_state("networkidle")
        assert page.evaluate(STICKS_OUT) == []
    page.goto(f"/agreement/drafts/{draft.pk}/")
    page.locator("details.pick summary").first.click()
    assert page.evaluate(STICKS_OUT) == []
    small = page.eval_on_selector_all(
        "#draft-form :is(button, select, input:not([type=hidden], [type=checkbox], [type=range]), summary)",
        "all => all.filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 43.5 && e.tabIndex >= 0).map(e => e.outerHTML.slice(0, 90))",
    )
    assert small == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_accessible(page_of, ann, bob, draft, scheme) -> None:
    from axe_playwright_python.sync_playwright import Axe

    document = draft.document | {"currency": "euro"}
    drafts.save(draft, document, 0, bob, draft.opened_at)
    page = page_of(ann, color_scheme=scheme)
    for path in ("", "yaml/", "people/"):
        page.goto(f"/agreement/drafts/{draft.pk}/{path}")
        page.wait_for_load_state("networkidle")
        found = Axe().run(page).response["violations"]
        assert [(v["id"], [n["html"][:150] for n in v["nodes"][:5]]) for v in found] == []
