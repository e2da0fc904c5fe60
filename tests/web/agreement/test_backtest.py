"""The pages of a backtest: asked for, under way, and read; on a small history that came through the real doors."""

import copy
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from tests.conftest import NOW
from tilth import conveyor
from tilth.agreement import drafts
from tilth.agreement.models import Draft, Version
from tilth.core.rates import Rate
from tilth.deals.verbs import open_deal, win
from tilth.handoff.models import Handoff
from tilth.handoff.verbs import accept, qualified, return_lead
from tilth.insight import backtests
from tilth.insight.models import Backtest
from tilth.people.known import Told, keep
from tilth.people.models import Person
from tilth.touches.record import offer, record
from tilth.web.agreement.backtest.thresholds import Choice, Frontier

DAY = timedelta(days=1)
START = NOW - 60 * DAY
FIRM = {"industry": "Horticulture", "employees": 120, "country": "NL"}
ONLY_A = {"A": ["hand_off"] * 4, "B": ["nurture"] * 4, "C": ["nurture"] * 4, "D": ["nurture"] * 4}


@pytest.fixture(autouse=True)
def home(transactional_db: None, stopped_clock: Any, tmp_path: Any, settings: Any) -> None:
    """A lake of this test's own; it reads what is really committed."""
    settings.HOME = tmp_path


@pytest.fixture
def comes(agreement: Version, bob: Any) -> Callable[..., Person]:
    """Somebody asks for a demo on some day after START and is handed off; without a firm we know little of them."""

    def comes(name: str, day: float, of: str = "demo", firm: bool = True, source: str = "search") -> Person:
        at = START + day * DAY
        told = Told(
            emails=[f"{name}@{name}.example"], phones=["+31105550142"], company=FIRM | {"name": f"{name} BV"} if firm else {},
            person={"first_name": name.title(), "last_name": "Zonneveld", "title": "Owner"},
        )  # fmt: skip
        person = keep(told, at, "form")[0]
        record("form", at, at, person=person, offer=offer(of, at), source=source)
        conveyor.run(at)
        return person

    return comes


@pytest.fixture
def history(comes: Callable[..., Person], bob: Any) -> dict[str, Person]:
    """Anouk and Dora bought, Cees was returned, Bart is still with Bob. Of Cees and Dora no firm was known."""
    people = {
        "anouk": comes("anouk", 1), "bart": comes("bart", 12, of="quote"),
        "cees": comes("cees", 2, firm=False), "dora": comes("dora", 3, firm=False, source="fair"),
    }  # fmt: skip
    for name in ("anouk", "dora"):
        handoff = Handoff.objects.get(person=people[name])
        at = START + 20 * DAY
        accept(handoff, bob, at)
        qualified(handoff, bob, at)
        win(open_deal(people[name], bob, "Climate", 3_000_000, "EUR", at).row, bob, at + DAY)
    return_lead(Handoff.objects.get(person=people["cees"]), bob, "no-fit", "", START + 5 * DAY)
    return people


def draft_of(version: Version, by: Any, **changes: Any) -> Draft:
    return drafts.open_draft(copy.deepcopy(version.document) | changes, by, NOW, version)


@pytest.fixture
def draft(agreement: Version, ann: Any) -> Draft:
    """Hands off only who fits best: it would have missed Dora."""
    return draft_of(agreement, ann, matrix=ONLY_A)


def replay() -> None:
    while backtests.catch_up(NOW):
        pass


def address(draft: Draft, rest: str = "") -> str:
    return f"/agreement/drafts/{draft.pk}/backtest/{rest}"


def text_of(answer: Any) -> str:
    """What one reads of a page."""
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def asked(client: Client, draft: Draft) -> Client:
    assert client.post(address(draft)).status_code == 302
    replay()
    return client


def people_behind(client: Client, draft: Draft, query: str) -> list[str]:
    page = client.get(address(draft, f"people/?{query}"))
    assert page.status_code == 200
    return re.findall(r'<a href="/people/\d+/">(\w+) Zonneveld', page.content.decode())


def test_a_draft_is_asked_for_and_its_course_is_told(client_of, ann, draft, history) -> None:
    anns = client_of(ann)
    assert "Not replayed yet" in text_of(anns.get(address(draft)))
    anns.post(address(draft))
    page = anns.get(address(draft))
    assert "Waits for its turn" in text_of(page)
    assert 'hx-trigger="every 1s"' in page.content.decode()
    assert "Look again" in text_of(page)
    Backtest.objects.update(state="running", people=4, replayed=3)
    part = anns.get(address(draft), headers={"HX-Request": "true", "HX-Target": "course"})
    assert "3 of 4 people" in text_of(part)
    assert "<html" not in part.content.decode()


def test_when_it_is_done_the_part_that_asks_gets_the_figures(client_of, ann, draft, history) -> None:
    anns = asked(client_of(ann), draft)
    part = anns.get(address(draft), headers={"HX-Request": "true", "HX-Target": "course"})
    assert part["HX-Retarget"] == "#backtest"
    assert "1 more customer missed" in text_of(part)
    assert "every 1s" not in part.content.decode()


def test_it_can_be_stopped_and_asked_for_again(client_of, ann, draft, history) -> None:
    anns = client_of(ann)
    anns.post(address(draft))
    assert "Stopped" in text_of(anns.post(address(draft, "stop/"), follow=True))
    assert Backtest.objects.get().state == "stopped"
    anns.post(address(draft))
    replay()
    assert "Replayed as the draft is now" in text_of(anns.get(address(draft)))


def test_what_broke_says_why_and_can_be_asked_for_again(client_of, ann, draft, history) -> None:
    Backtest.objects.create(
        draft=draft, document=draft.document, fingerprint="x", asked_at=NOW, state="failed", why="OSError: disk full"
    )
    text = text_of(client_of(ann).get(address(draft)))
    assert "It broke off" in text
    assert "disk full" in text
    assert "Replay it again" in text


def test_an_unsound_draft_names_its_faults_and_leads_to_the_editor(client_of, ann, agreement) -> None:
    broken = draft_of(agreement, ann, ripeness={"touches": -1})
    anns = client_of(ann)
    page = anns.post(address(broken), follow=True)
    assert "One thing to mend before this draft can be replayed" in text_of(page)
    assert f'href="/agreement/drafts/{broken.pk}/#errors"' in page.content.decode()
    assert not Backtest.objects.exists()


def test_the_figures_stand_beside_each_other_with_what_they_are_of(client_of, ann, draft, history) -> None:
    text = text_of(asked(client_of(ann), draft).get(address(draft)))
    assert "2 fewer leads (50%), " in text
    assert "1 more customer missed. Sales gets" in text
    assert "1 fewer lead that it returned comes again." in text
    assert "4 in all" in text
    assert "too few, 28 more needed" in text  # of two customers no share is said
    assert "2 of 2" in text
    assert "1 of 2" in text
    assert "Dora Zonneveld" in text  # missed, by name
    assert "€30,000" in text
    assert "Replayed as it was known then: 4 people, 4 touches" in text
    assert "Set beside version 1" in text
    assert "Too few outcomes for a curve" in text


def test_every_number_leads_to_its_people(client_of, ann, draft, history) -> None:
    anns = asked(client_of(ann), draft)
    page = anns.get(address(draft)).content.decode()
    links = {unescape(link) for link in re.findall(rf'href="({address(draft)}people/[^"]*)"', page)}
    kinds = {re.search(r"kind=(\w+)", link)[1] for link in links}
    assert kinds >= {"handed", "good_fit", "qualified", "caught_sql", "caught_won", "with_both", "again", "unknown", "late",
                     "open", "only", "cell", "moved"}  # fmt: skip
    for link in links:
        assert anns.get(link).status_code == 200, link
    assert people_behind(anns, draft, "kind=handed&side=draft") == ["Bart", "Anouk"]
    assert people_behind(anns, draft, "kind=handed&side=running") == ["Bart", "Dora", "Cees", "Anouk"]
    assert people_behind(anns, draft, "kind=only&side=running") == ["Dora", "Cees"]
    assert people_behind(anns, draft, "kind=missed_won&side=draft") == ["Dora"]
    assert people_behind(anns, draft, "kind=caught_won&side=draft") == ["Anouk"]
    assert people_behind(anns, draft, "kind=again&side=running") == ["Cees"]
    assert people_behind(anns, draft, "kind=open&side=draft") == ["Bart"]
    assert people_behind(anns, draft, "kind=good_fit&side=draft") == ["Bart", "Anouk"]
    won = text_of(anns.get(address(draft, "people/?kind=missed_won&side=draft")))
    assert "€30,000" in won
    assert "Now under version 1" in won


def test_it_is_narrowed_by_what_the_address_says(client_of, ann, draft, history) -> None:
    anns = asked(client_of(ann), draft)
    page = anns.get(address(draft, "?source=fair&weeks=13"))
    assert '<option value="fair" selected>fair (1)' in page.content.decode()
    assert '<option value="13" selected>' in page.content.decode()
    assert "1 fewer lead (100%)" in text_of(page)
    assert "kind=handed&amp;side=draft&amp;source=fair&amp;weeks=13" in page.content.decode()
    assert people_behind(anns, draft, "kind=handed&side=running&source=fair") == ["Dora"]
    assert people_behind(anns, draft, "kind=handed&side=running&offer=quote") == ["Bart"]
    assert people_behind(anns, draft, "kind=handed&side=running&segment=core") == ["Bart", "Anouk"]
    assert "Nobody fits all of this" in text_of(anns.get(address(draft, "?source=fair&offer=quote")))
    assert "last 52 weeks" in text_of(anns.get(address(draft, "?weeks=9999")))


@pytest.mark.parametrize("query", ["", "kind=secrets", "kind=handed&side=other", "kind=cell", "kind=cell&cell=Z9"])
def test_a_number_that_is_none_has_no_people(client_of, ann, draft, history, query) -> None:
    anns = asked(client_of(ann), draft)
    assert anns.get(address(draft, f"people/?{query}")).status_code == 404


def test_many_people_come_page_by_page(client_of, ann, draft, comes, monkeypatch) -> None:
    monkeypatch.setattr("tilth.web.agreement.backtest.people.PAGE", 2)
    for n, name in enumerate(("ada", "bea", "cor", "dik", "eva")):
        comes(name, n + 1)
    anns = asked(client_of(ann), draft)
    assert people_behind(anns, draft, "kind=handed&side=draft&source=search") == ["Eva", "Dik"]
    assert people_behind(anns, draft, "kind=handed&side=draft&source=search&page=3") == ["Ada"]
    second = anns.get(address(draft, "people/?kind=handed&side=draft&source=search&page=2")).content.decode()
    assert "source=search&amp;page=3" in second
    assert "3 to 4 of 5" in second
    assert people_behind(anns, draft, "kind=handed&side=draft&page=99") == []


def test_somebody_who_is_gone_since_is_said_to_be(client_of, ann, draft, history) -> None:
    anns = asked(client_of(ann), draft)
    Backtest.objects.update(asked_at=NOW)
    Person.objects.filter(pk=history["bart"].pk).delete()
    assert "somebody who is gone since" in text_of(anns.get(address(draft, "people/?kind=handed&side=draft")))


def test_the_draft_that_changed_since_keeps_its_last_result_and_says_so(client_of, ann, draft, history) -> None:
    anns = asked(client_of(ann), draft)
    drafts.save(draft, copy.deepcopy(draft.document) | {"name": "Other"}, draft.revision, ann, NOW)
    text = text_of(anns.get(address(draft)))
    assert "The draft or the running version changed since" in text
    assert "1 more customer missed" in text
    anns.post(address(draft))
    assert "1 more customer missed" in text_of(anns.get(address(draft)))  # while the next one waits


def test_a_result_whose_file_is_gone_can_be_asked_for_again(client_of, ann, draft, history, tmp_path) -> None:
    anns = asked(client_of(ann), draft)
    (tmp_path / "lake" / f"backtest-{Backtest.objects.get().pk}.npz").unlink()
    text = text_of(anns.get(address(draft)))
    assert "The result is not kept any more" in text
    assert "Replay it again" in text
    anns.post(address(draft))
    replay()
    assert "1 more customer missed" in text_of(anns.get(address(draft)))


def test_other_thresholds_are_put_into_the_draft_and_taken_out_by_choosing_again(
    client_of, ann, draft, history
) -> None:
    anns = asked(client_of(ann), draft)
    row = Backtest.objects.get()
    sent = {"backtest": row.pk, "factor": "0.7", "revision": draft.revision}
    assert "The draft has these thresholds now" in text_of(anns.post(address(draft, "thresholds/"), sent, follow=True))
    draft.refresh_from_db()
    assert draft.document["interest"]["levels"] == {"2": 5.6, "3": 15.4, "4": 28}
    assert draft.backtests.filter(state="waiting").count() == 1  # it is replayed with them
    anns.post(address(draft, "thresholds/"), sent | {"factor": "1", "revision": draft.revision})
    draft.refresh_from_db()
    assert draft.document["interest"]["levels"] == {"2": 8, "3": 22, "4": 40}


def test_thresholds_do_not_write_over_what_somebody_else_saved(client_of, ann, bob, draft, history) -> None:
    anns = asked(client_of(ann), draft)
    seen = draft.revision
    drafts.save(draft, copy.deepcopy(draft.document) | {"name": "Bob’s"}, seen, bob, NOW)
    sent = {"backtest": Backtest.objects.get().pk, "factor": "0.7", "revision": seen}
    page = anns.post(address(draft, "thresholds/"), sent, follow=True)
    assert "Bob Jansen changed this draft while you were writing" in text_of(page)
    draft.refresh_from_db()
    assert draft.document["interest"]["levels"] == {"2": 8, "3": 22, "4": 40}


@pytest.mark.parametrize("sent", [{}, {"backtest": "1x"}, {"backtest": "999"}, {"factor": "3"}, {"factor": "nan"}])
def test_a_point_that_is_none_changes_nothing(client_of, ann, draft, history, sent) -> None:
    anns = asked(client_of(ann), draft)
    sent = {"backtest": Backtest.objects.get().pk, "factor": "0.123", "revision": 0} | sent
    assert "not kept any more" in text_of(anns.post(address(draft, "thresholds/"), sent, follow=True))
    draft.refresh_from_db()
    assert draft.revision == 0


def test_the_curve_leaves_out_what_is_too_few_and_marks_both(agreement) -> None:
    choices = [
        Choice(factor, (("2", 8 * factor),), a_week, Rate(hits, n))
        for factor, a_week, hits, n in ((2.0, 1.0, 4, 5), (1.0, 12.0, 60, 100), (0.5, 30.0, 80, 200))
    ]
    drawn = str(Frontier(choices, (12.0, Rate(60, 100)), (14.0, Rate(66, 110)), "version 1", 1).chart())
    assert drawn.count('class="hit"') == 2
    assert 'class="point"' in drawn
    assert 'class="other"' in drawn
    assert "12.0 leads a week, 60% become SQL, of 100 (2 from 8)" in drawn
    assert Frontier(choices[:2], (12.0, Rate(60, 100)), None, "", 1).chart() == ""


def test_the_short_of_it_stands_beside_the_editor(client_of, ann, draft, history) -> None:
    anns, htmx = client_of(ann), {"HX-Request": "true", "HX-Target": "brief"}
    assert address(draft, "brief/") in anns.get(f"/agreement/drafts/{draft.pk}/").content.decode()
    assert "Replay it" in text_of(anns.get(address(draft, "brief/"), headers=htmx))
    part = anns.post(address(draft), headers=htmx)  # as the editor does when the draft was kept
    assert "Waits for its turn" in text_of(part)
    assert "every 1s" in part.content.decode()
    replay()
    part = anns.get(address(draft, "brief/"), headers=htmx)
    assert "1 more customer missed" in text_of(part)
    assert part.content.decode().count('<th scope="row">') == 5
    assert anns.get(address(draft, "brief/"))["Location"] == address(draft)


def test_without_a_running_version_the_draft_stands_alone(client_of, ann, preset) -> None:
    draft = drafts.open_draft(preset, ann, NOW)
    text = text_of(asked(client_of(ann), draft).get(address(draft)))
    assert "No version runs yet" in text or "Nobody fits" in text
    assert "Difference" not in text


def test_who_signs_is_led_to_what_it_would_have_done(client_of, ann, bob, draft, history) -> None:
    anns = asked(client_of(ann), draft)
    drafts.propose(draft, draft.revision, ann, NOW)
    assert address(draft) in client_of(bob).get("/agreement/2/").content.decode()
    page = anns.get(address(draft))
    assert "1 more customer missed" in text_of(page)
    assert "Put into the draft" not in text_of(page)  # a version never changes
    assert 'href="/agreement/2/"' in page.content.decode()


def test_nobody_but_those_who_write_it_sees_it(client_of, dirk, draft) -> None:
    for rest in ("", "brief/", "people/?kind=handed"):
        assert client_of(dirk).get(address(draft, rest)).status_code == 404
