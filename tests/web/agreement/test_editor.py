"""Writing the agreement in sentences: every control is kept, sound or not, alone or with somebody else."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tilth.agreement import drafts, presets
from tilth.agreement.models import Draft, Version
from tilth.core.blanks import blanks
from tilth.touches.record import offer
from tilth.web.agreement.keeping import known_here

HTMX = {"HX-Request": "true"}


@pytest.fixture
def draft(agreement: Version, ann, bob, now) -> Draft:
    offer("demo", now)
    return drafts.open_draft(agreement.document, ann, now, agreement)


@pytest.fixture
def send(client_of, draft) -> Callable[..., Any]:
    """What a browser sends of the whole form as it was at `revision`, with some texts changed: `send(ann, {...})`."""

    def send(who: Any, texts: dict[str, Any], do: str = "save", revision: int | None = None, htmx: bool = False) -> Any:
        draft.refresh_from_db()
        revision = draft.revision if revision is None else revision
        shown = blanks(drafts.base_at(draft, revision), known_here())
        sent: dict[str, Any] = {n: ["", *b.texts] for n, b in shown.items()} | texts
        headers = HTMX if htmx else {}
        answer = client_of(who).post(
            f"/agreement/drafts/{draft.pk}/", {"revision": revision, "do": do, **sent}, headers=headers
        )
        draft.refresh_from_db()
        return answer

    return send


def points(draft: Draft) -> dict[str, Any]:
    return {r["id"]: r["points"] for r in draft.document["fit"]["rules"]}


def test_writing_a_new_version_begins_with_the_running_one_and_goes_on_with_what_is_open(
    client_of, ann, bob, dirk, agreement
) -> None:
    page = client_of(ann).get("/agreement/").content.decode()
    assert 'action="/agreement/drafts/"' in page
    first = client_of(ann).post("/agreement/drafts/")
    assert Draft.objects.get().document == Version.objects.get().document
    assert client_of(bob).post("/agreement/drafts/")["Location"] == first["Location"]
    client_of(bob).post("/agreement/drafts/", {"from": "b2b-software"})
    assert Draft.objects.count() == 2
    assert client_of(bob).get("/agreement/drafts/").content.decode().count("Write on") == 2
    assert client_of(dirk).get(first["Location"]).status_code == 404


def test_the_page_says_the_document_in_sentences(client_of, ann, draft) -> None:
    page = client_of(ann).get(f"/agreement/drafts/{draft.pk}/").content.decode()
    assert 'name="fit.rules[0].points" aria-label="Points"' in page
    assert "0 sentences changed" in page
    for part in (
        "Fit: who they are",
        "Never a lead",
        "Ideal customers",
        "Journey and ripeness",
        "Who gets a lead",
        "Glossary",
    ):
        assert f">{part}</h2>" in page


@pytest.mark.parametrize("name", presets.names())
def test_what_a_preset_says_of_time_the_way_back_and_telling_stands_in_its_controls(client_of, ann, db, name) -> None:
    there = client_of(ann).post("/agreement/drafts/", {"from": name})["Location"]
    page = client_of(ann).get(there).content.decode()
    controls = blanks(Draft.objects.get().document, known_here())
    sales = ("remind_hours", "escalate_hours", "reassign_hours", "late_moves")
    asked = [f"sla.sales.{clause}" for clause in sales] + [
        "sla.review.reviewer",
        "sla.review.within_hours",
        "sla.review.blind",
    ]
    asked += ["recycling.rounds", "recycling.rest_days", "release.by_capacity"]
    asked += [n for n in controls if n.startswith(("release.hours", "tell."))]
    for control in asked:
        assert f'name="{control}"' in page, control
    empty = {control for control in asked if not any(controls[control].texts)}
    assert empty - {"sla.review.blind"} == {"sla.sales.reassign_hours", "sla.review.reviewer"}


def test_a_pool_for_any_lead_asks_for_no_comparison(client_of, send, ann, draft) -> None:
    page = client_of(ann).get(f"/agreement/drafts/{draft.pk}/").content.decode()
    assert '<input type="hidden" name="routing.pools[0].when:test" value="">' in page
    send(ann, {}, "add routing.pools")
    send(
        ann,
        {
            "routing.pools[0].when:field": "company.country",
            "routing.pools[0].when:value": "DE",
            "routing.pools[0].members:bob@kasbouw.example": "2",
        },
    )
    first, last = draft.document["routing"]["pools"]
    assert (first["when"], first["members"]) == ({"field": "company.country", "in": ["DE"]}, {"bob@kasbouw.example": 2})
    assert "when" not in last


def test_an_untouched_form_changes_nothing(send, ann, draft) -> None:
    answer = send(ann, {})
    assert answer["Location"] == f"/agreement/drafts/{draft.pk}/"
    assert draft.revision == 0
    assert draft.changes.count() == 0


def test_what_was_changed_is_marked_with_what_it_was(client_of, send, ann, draft) -> None:
    send(ann, {"fit.rules[0].points": "21,5", "matrix.C[2]": "review", "sla.marketing.good_fit": "70 %"})
    assert points(draft)["size"] == 21.5
    page = client_of(ann).get(f"/agreement/drafts/{draft.pk}/").content.decode()
    assert "was: 20</small>" in page
    assert "was: Keep ripening" in page
    assert "was: 60%" in page
    assert "3 sentences changed" in page


def test_what_is_wrong_is_kept_and_said_at_its_control_and_on_top(client_of, send, ann, draft) -> None:
    send(ann, {"fit.rules[1].points": "many <b>"})
    assert points(draft)["size-near"] == "many <b>"
    page = client_of(ann).get(f"/agreement/drafts/{draft.pk}/").content.decode()
    assert "One thing to mend before it can be signed; everything is kept" in page
    assert 'href="#fit.rules_5b1_5d.points">Fit: 20 to 49 employees</a>' in page
    assert 'value="many &lt;b&gt;"' in page
    assert 'aria-invalid="true" aria-describedby="why-fit.rules_5b1_5d"' in page
    assert 'id="why-fit.rules_5b1_5d"' in page


def test_sentences_come_go_and_come_back(client_of, send, ann, draft) -> None:
    assert send(ann, {"fit.rules[0].points": "7"}, "add fit.exclude")["Location"].endswith("#part-exclude")
    assert points(draft)["size"] == 7  # what was typed beside the button is kept too
    n, rival = len(draft.document["fit"]["exclude"]) - 1, draft.document["fit"]["exclude"][-1]
    at = f"fit.exclude[{n}]"
    send(
        ann, {f"{at}.say": "A rival", f"{at}.when:field": "company.domain", f"{at}.when:value": "rival.example"}
    )  # fmt: skip
    assert draft.document["fit"]["exclude"][-1] == {
        "id": rival["id"], "say": "A rival", "when": {"field": "company.domain", "in": ["rival.example"]},
    }  # fmt: skip
    send(ann, {}, "remove fit.rules[1]")
    assert "size-near" not in points(draft)
    page = client_of(ann).get(f"/agreement/drafts/{draft.pk}/").content.decode()
    assert "<s>20 to 49 employees</s>" in page
    send(ann, {}, "back fit.rules[size-near]")
    assert points(draft)["size-near"] == 10
    send(ann, {}, "down return_reasons[0]")
    assert [r["id"] for r in draft.document["return_reasons"][:2]] == ["no-fit", "not-ready"]
    send(ann, {}, "add glossary")
    assert draft.document["glossary"][""] == ""
    assert (
        "has a meaning without a term" in client_of(ann).get(f"/agreement/drafts/{draft.pk}/").content.decode().lower()
    )


def test_undo_takes_the_last_change_back_and_keeps_what_was_typed(send, ann, draft) -> None:
    send(ann, {}, "remove fit.rules[0]")
    send(ann, {"fit.rules[0].points": "11"}, "undo")
    assert points(draft)["size"] == 20
    assert points(draft)["size-near"] == 11


def test_two_people_write_at_once_and_both_are_kept(send, ann, bob, draft) -> None:
    send(bob, {"interest.rules[0].points": "50", "matrix.A[0]": "review"})
    answer = send(ann, {"fit.rules[0].points": "30", "matrix.A[1]": "review"}, revision=0)
    assert answer.status_code == 302
    assert (points(draft)["size"], draft.document["interest"]["rules"][0]["points"]) == (30, 50)
    assert draft.document["matrix"]["A"][:2] == ["review", "review"]
    page = answer.client.get(answer["Location"]).content.decode()
    assert "Bob Jansen changed 2 things meanwhile: Asked for a demo: <s>45</s> → <b>50</b> points;" in page


def test_the_same_place_is_asked_about_and_nothing_typed_is_lost(send, ann, bob, draft) -> None:
    send(bob, {"fit.rules[0].points": "25", "fit.rules[0].say": "Mid-sized"})
    answer = send(ann, {"fit.rules[0].points": "30", "fit.rules[1].points": "12"}, revision=0)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Bob Jansen changed 2 things meanwhile" in page
    assert "Bob Jansen wrote “25” here while you wrote “30”." in page
    assert 'value="30"' in page
    assert (points(draft)["size"], points(draft)["size-near"]) == (25, 12)
    held = {"fit.rules[0].points": "30", "held": "fit.rules[0].points"}
    again = send(ann, {**held, "fit.rules[2].points": "22"})  # saving something else decides nothing
    assert (again.status_code, points(draft)["size"], points(draft)["industry"]) == (409, 25, 22)
    assert 'value="30"' in again.content.decode()
    assert send(ann, held, "theirs fit.rules[0].points").status_code == 302
    assert points(draft)["size"] == 25
    assert send(ann, held, "mine fit.rules[0].points").status_code == 302
    assert points(draft)["size"] == 30


def test_a_sentence_that_somebody_else_removed_stays_when_it_was_changed(send, ann, bob, draft) -> None:
    send(bob, {}, "remove fit.rules[0]")
    send(ann, {"fit.rules[0].points": "30", "fit.rules[1].points": "12"}, revision=0)
    assert (points(draft)["size"], points(draft)["size-near"]) == (30, 12)


def test_an_older_page_of_the_same_hand_does_not_ask(send, ann, draft) -> None:
    send(ann, {"fit.rules[0].points": "25"})
    assert send(ann, {"fit.rules[0].points": "30"}, revision=0).status_code == 302
    assert points(draft)["size"] == 30


def test_with_script_only_what_is_out_of_date_comes_back(send, ann, bob, draft) -> None:
    page = send(ann, {"fit.rules[0].points": "30"}, htmx=True).content.decode()
    assert '<input type="hidden" name="revision" value="1">' in page
    assert 'id="row-fit.rules_5b0_5d" class="edited" hx-swap-oob="true"' in page
    assert page.count('id="row-') == 1
    assert 'id="part-fit"' not in page
    page = send(ann, {}, "remove fit.rules[0]", htmx=True).content.decode()
    assert 'id="part-fit" aria-labelledby="title-fit" hx-swap-oob="true"' in page
    assert 'id="part-interest"' not in page
    send(bob, {"interest.rules[0].points": "50"})
    page = send(ann, {"fit.rules[0].points": "13"}, revision=2, htmx=True).content.decode()
    assert 'id="row-interest.rules_5b0_5d"' in page
    assert "Bob Jansen changed 1 thing meanwhile: Asked for a demo: " in page


def test_a_sound_draft_becomes_a_version_and_an_unsound_one_says_why_not(client_of, send, ann, draft) -> None:
    answer = send(ann, {"fit.grades.A": "5"}, "propose")
    assert answer["Location"].endswith("#errors")
    assert Version.objects.count() == 1
    answer = send(ann, {"fit.grades.A": "50"}, "propose")
    assert answer["Location"] == "/agreement/2/"
    assert Version.objects.get(number=2).terms.grades["A"] == 50
    assert client_of(ann).get(f"/agreement/drafts/{draft.pk}/")["Location"] == "/agreement/2/"
    assert send(ann, {"fit.grades.A": "60"}, htmx=True)["HX-Redirect"] == "/agreement/2/"
    assert Version.objects.get(number=2).terms.grades["A"] == 50


def test_what_others_changed_meanwhile_is_looked_at_before_it_is_proposed(send, ann, bob, draft) -> None:
    send(bob, {"fit.grades.A": "50"})
    answer = send(ann, {"fit.grades.B": "30"}, "propose", revision=0)
    assert "Look at what changed meanwhile" in answer.client.get(answer["Location"]).content.decode()
    assert Version.objects.count() == 1
    assert send(ann, {}, "propose")["Location"] == "/agreement/2/"


def test_undo_leaves_alone_what_somebody_else_changed_last(send, ann, bob, draft) -> None:
    send(bob, {"fit.grades.A": "50"})
    send(ann, {}, "undo")
    assert draft.document["fit"]["grades"]["A"] == 50


def test_a_draft_that_was_thrown_away_can_be_taken_back(client_of, ann, draft) -> None:
    client = client_of(ann)
    page = client.post(f"/agreement/drafts/{draft.pk}/discard/", follow=True).content.decode()
    assert "The draft is thrown away." in page
    assert list(drafts.open_drafts()) == []
    assert "This draft was thrown away." in client.get(f"/agreement/drafts/{draft.pk}/", follow=True).content.decode()
    client.post(re.findall(r'action="(/journal/\d+/undo/)"', page)[0])
    assert list(drafts.open_drafts()) == [draft]


def test_yaml_goes_in_and_out_and_may_be_unsound(client_of, ann, bob, draft, now) -> None:
    client, at = client_of(ann), f"/agreement/drafts/{draft.pk}/yaml/"
    text = client.get(f"/agreement/drafts/{draft.pk}.yaml").content.decode()
    assert (
        client.post(at, {"text": text.replace("leads: 50", "leads: lots"), "revision": 0})["Location"]
        == f"/agreement/drafts/{draft.pk}/"
    )
    draft.refresh_from_db()
    assert draft.document["sla"]["marketing"]["leads"] == "lots"
    answer = client.post(at, {"text": "a: [1", "revision": 1})
    assert answer.status_code == 422
    assert "a: [1" in answer.content.decode()
    answer = client.post(at, {"text": "- a list", "revision": 1})
    assert answer.status_code == 422
    changed = {**draft.document, "name": "Bob’s"}
    drafts.save(draft, changed, 1, bob, now)
    answer = client.post(at, {"text": text.replace("name: B2B software", "name: Ann's"), "revision": 1})
    assert "Bob Jansen changed the same places meanwhile" in answer.content.decode()
    assert (
        client.post(at, {"text": text.replace("name: B2B software", "name: Ann's"), "revision": 2}).status_code == 302
    )
    draft.refresh_from_db()
    assert draft.document["name"] == "Ann's"


def test_odd_requests_do_no_harm(client_of, ann, draft) -> None:
    client: Client = client_of(ann)
    for sent in ({}, {"revision": "x", "do": "remove sla"}, {"revision": "9" * 40, "do": "up fit.rules[x]"}, {"do": "back fit.rules[none]"},
                 {"held": "nothing", "do": "mine nothing"}, {"do": "add schema", "revision": "-1"}, {"do": "undo"}):  # fmt: skip
        assert client.post(f"/agreement/drafts/{draft.pk}/", sent).status_code in (302, 409)
    draft.refresh_from_db()
    assert draft.revision == 0
    assert client.get("/agreement/drafts/99/").status_code == 404


def test_a_person_is_seen_under_both_and_who_would_move_is_counted(client_of, send, handed, ann, draft) -> None:
    people = f"/agreement/drafts/{draft.pk}/people/"
    page = client_of(ann).get(f"{people}?find=zonne").content.decode()
    assert "Anouk Zonneveld" in page
    assert "Nobody would stand elsewhere." in page
    send(ann, {"fit.grades.A": "99", "fit.rules[0].points": "2", "matrix.B[3]": "review"})
    page = client_of(ann).get(f"{people}?person={handed.person_id}", headers=HTMX).content.decode()
    assert "<html" not in page
    assert '<td class="num">+20</td><td class="num">+2</td>' in page
    assert "1 person would stand elsewhere</b>: 0 more would be handed off, 1 fewer." in page
    assert "A 4, hand off → B 4, review" in page
    assert "Looked at the only person there is." in page
    send(ann, {"fit.grades.A": "x"})
    assert "to mend first" in client_of(ann).get(people).content.decode()
