"""The page of one person: where they stand and why, what may be done, and everything that happened."""

import re
from datetime import timedelta

import pytest

from tests.conftest import NOW
from tilth import conveyor
from tilth.agreement.models import Version
from tilth.handoff.verbs import accept, log_contact, qualified, return_lead
from tilth.people.models import Email, Learned, Person
from tilth.qualify.models import Stage, Standing, move
from tilth.team.models import Absence, Role
from tilth.touches.models import Evidence, Team, Touch
from tilth.touches.record import offer, record


def page(client, person, query=""):
    answer = client.get(f"/people/{person.pk}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def words(html):
    """The page as it is read: no tags, single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_it_says_who_why_and_what_is_due(sales, handed, anouk):
    said = words(page(sales, anouk))
    assert "Operations manager, Zonneveld Tomaten" in said
    assert "Nothing missing for handoff" in said
    assert "3 h 50 min left first call before" in said
    assert "Next step First call" in said
    assert "whose turn it was" in said
    assert "€5,760" in said
    assert "1 of 1 in your queue" in said


def test_the_reasons_stand_there_and_sum_to_the_score(sales, handed, anouk):
    html = page(sales, anouk)
    standing = Standing.objects.get(person=anouk)
    for table, total in re.findall(r'<table class="sum">(.*?)<tfoot><tr><td>([^<]*)</td>', html, re.DOTALL):
        points = [float(p.replace("−", "-")) for p in re.findall(r"<td>([+−\d.]+)</td>", table)]
        assert sum(points) == pytest.approx(float(total), abs=0.05 * len(points))
    assert f"Fit {standing.grade}" in html
    assert f"Interest {standing.level}" in html


def test_verbs_are_for_the_owner_and_others_are_told_who(client_of, cast, handed, anouk):
    assert "Log call" in page(client_of(cast[Role.SALES]), anouk)
    assert "Log call" in page(client_of(cast[Role.MANAGER]), anouk)
    said = words(page(client_of(cast[Role.MARKETING]), anouk))
    assert "Bob Jansen has this lead. Bob Jansen or a manager may accept, qualify or return it." in said
    assert "Log call" not in said


def test_marketing_may_hand_off_who_nobody_has(client_of, ann, agreement, anouk, clock):
    conveyor.run_dry(NOW)
    assert "Hand off now" in page(client_of(ann), anouk)


def test_what_is_missing_for_handoff_is_named(client_of, ann, agreement, anouk, clock):
    anouk.phones.all().delete()
    assert "Missing for handoff: phone" in words(page(client_of(ann), anouk))


def test_the_timeline_mixes_all_teams_newest_first(sales, handed, anouk, bob, ann):
    log_contact(anouk, ann, "mail", NOW - timedelta(days=2), note="Sent the brochure", at=NOW - timedelta(days=2))
    log_contact(anouk, bob, "call", NOW, outcome="reached", note="Wants three compartments")
    said = words(page(sales, anouk))
    order = [
        "Wants three compartments",
        "Handed off to Bob Jansen",
        "Became MQL",
        "Sent a form: Demo",
        "Sent the brochure",
    ]
    found = [said.index(text) for text in order]
    assert found == sorted(found)


def test_a_lane_can_be_shown_alone(sales, handed, anouk, bob):
    log_contact(anouk, bob, "call", NOW, note="Wants three compartments")
    alone = words(page(sales, anouk, "?lane=sales"))
    assert "Wants three compartments" in alone
    assert "Sent a form: Demo" not in alone


def test_what_a_machine_did_is_grey_and_says_why(sales, handed, anouk):
    record("mail_click", NOW, NOW, person=anouk, evidence=Evidence.MACHINE)
    html = page(sales, anouk)
    assert "tl-e her machine" in html
    assert "a machine, not a person: counts for nothing" in html


def test_the_same_thing_in_a_row_is_one_line(sales, anouk, agreement, clock):
    for minute in range(3):
        record("page", NOW - timedelta(minutes=minute), NOW, person=anouk, url="https://kasbouw.example/prices?x=1")
    assert "Looked at a page: /prices, 3×" in words(page(sales, anouk))


def test_older_pages_follow_without_gap_or_repetition(sales, anouk, agreement, clock):
    same_instant = NOW - timedelta(hours=1)
    for n in range(60):
        record("note", same_instant, NOW, person=anouk, team=Team.SALES, properties={"note": f"word-{n:02}-"})
    seen, query = [], ""
    while True:
        html = page(sales, anouk, query)
        seen += re.findall(r"word-\d\d-", html)
        older = re.search(r'href="(\?[^"]*before=[^"#]*)', html)
        if not older:
            break
        query = older[1].replace("&amp;", "&")
    assert sorted(seen) == [f"word-{n:02}-" for n in range(60)]
    assert len(set(seen)) == 60


def test_a_broken_cursor_is_the_first_page(sales, handed, anouk):
    assert "Sent a form" in page(sales, anouk, "?before=nonsense")


def test_logging_a_note_stays_on_the_page(sales, handed, anouk):
    url = f"/people/{anouk.pk}/"
    told = {"kind": "note", "note": "Board decides in July"}
    answer = sales.post(f"{url}contacts/", told, headers={"Referer": f"http://testserver{url}"}, follow=True)
    assert "Board decides in July" in answer.content.decode()
    assert "Anouk Zonneveld: note kept" in answer.content.decode()


def test_logging_a_call_from_the_queue_asks_how_it_went(sales, handed, anouk, from_row):
    part = sales.post(f"/people/{anouk.pk}/contacts/", {"kind": "call"}, headers=from_row(anouk)).content.decode()
    touch = Touch.objects.get(kind="call")
    assert "1/5" in part
    assert "How did it go?" in part
    assert "first call before" not in part  # the clock stopped
    sales.post(f"/touches/{touch.pk}/outcome/", {"outcome": "no answer"}, headers=from_row(anouk))
    touch.refresh_from_db()
    assert touch.properties == {"outcome": "no answer"}


def test_a_kind_that_is_none_is_refused_in_words(sales, handed, anouk):
    answer = sales.post(f"/people/{anouk.pk}/contacts/", {"kind": "dance"}, follow=True)
    assert "is not a kind of contact" in answer.content.decode()


def test_editing_adds_a_fact_with_a_name(sales, handed, anouk, bob):
    told = {"first_name": "Anouk", "last_name": "Zonneveld", "title": "Director", "email": "anouk@zonneveld.example"}
    answer = sales.post(f"/people/{anouk.pk}/edit/", told, follow=True)
    assert "Director" in answer.content.decode()
    fact = Learned.objects.filter(person=anouk).order_by("-id").first()
    assert (fact.origin, fact.by, fact.values["title"]) == ("typed in", bob, "Director")
    assert anouk.emails.count() == 2


def test_an_address_of_somebody_else_is_refused(sales, handed, anouk, agreement):
    other = Person.objects.create(first_name="Piet", last_name="Hoogendoorn", at=NOW)
    Email.objects.create(person=other, address="piet@zonneveldtomaten.example")
    answer = sales.post(f"/people/{anouk.pk}/edit/", {"email": "piet@zonneveldtomaten.example"})
    assert answer.status_code == 422
    assert "This is the address of Piet Hoogendoorn." in answer.content.decode()


def test_nobody_by_that_number_is_a_page_that_is_not_there(sales, agreement):
    assert sales.get("/people/999999/").status_code == 404


def test_an_address_that_is_none_breaks_no_page(sales, handed, anouk):
    record("page", NOW, NOW, person=anouk, url="https://[kasbouw")
    assert "Looked at a page: https://[kasbouw" in words(page(sales, anouk))


@pytest.mark.parametrize(
    "before", ["0001-01-01T00:00:00+23:00~1~1", "9999-12-31T23:59:59-23:00~1~1", "today~1~1", "~~"]
)
def test_a_cursor_that_means_nothing_shows_the_newest(sales, handed, anouk, before):
    assert "Handed off to Bob Jansen" in page(sales, anouk, f"?before={before.replace('+', '%2B')}")


def test_a_note_is_kept_without_the_nul_that_no_database_keeps(sales, handed, anouk):
    sales.post(f"/people/{anouk.pk}/contacts/", {"kind": "note", "note": "Wants\0 a visit"})
    assert Touch.objects.get(kind="note").properties["note"] == "Wants a visit"


def test_filling_in_a_person_leaves_the_country_of_their_company(sales, handed, anouk):
    anouk.country = "BE"
    anouk.save()
    form = {"first_name": "Anouk", "phone": "+31105550199", "company": "Zonneveld Tomaten", "country": "BE"}
    assert sales.post(f"/people/{anouk.pk}/edit/", form).status_code == 302
    anouk.company.refresh_from_db()
    assert anouk.company.country == "NL"


def test_a_call_asks_how_it_went_for_ten_minutes_or_until_somebody_says(sales, handed, anouk, clock):
    sales.post(f"/people/{anouk.pk}/contacts/", {"kind": "call"}, headers={"referer": "http://testserver/"})
    assert "How did it go?" in words(page(sales, anouk))
    assert "How did it go?" in words(sales.get("/").content.decode())
    clock.forward(minutes=11)
    assert "How did it go?" not in words(page(sales, anouk))
    clock.forward(minutes=-11)
    sales.post(f"/touches/{Touch.objects.get(kind='call').pk}/outcome/", {"outcome": "no answer"})
    said = words(page(sales, anouk))
    assert "How did it go?" not in said
    assert "no answer" in said


def test_a_number_is_readable_and_dialled_as_it_is(sales, handed, anouk):
    assert '<a href="tel:+31105550142">' in page(sales, anouk)
    assert "+31 10 555 0142" in words(page(sales, anouk))


def test_who_only_orients_is_marketings_to_look_after(client_of, ann, anouk, agreement, clock):
    for days in (1, 2):
        record("page", NOW - timedelta(days=days), NOW, person=anouk, url="/prices")
    conveyor.catch_up_on(anouk.pk, NOW)
    said = words(page(client_of(ann), anouk))
    assert "Whose turn Marketing Bring the right people to what helps them Then: Subscriber." in said
    assert "Not ripe yet: only orients. A raised hand is ripe at once." in said
    assert "Buyer’s journey Awareness Consideration Decision No offer of the last 180 days says how far." in said
    assert "Fit, who they are An industry we know well" in said


def way(html):
    """The band under the stem: whose turn it is, and the journey."""
    return html.split('class="facts way"')[1].split("</dl>")[0]


def test_it_is_sales_turn_once_they_have_the_lead_and_marketings_again_after(
    client_of, sales, handed, anouk, bob, clock
):
    band = way(page(sales, anouk))
    assert "Sales Accept or return within the agreed hours, always with a reason Then: SQL." in words(band)
    assert 'aria-current="step"><b>Decision</b>' in band
    assert band.count('class="done"') == 2
    return_lead(handed, bob, "not-ready", "", clock.at)
    conveyor.run_dry(clock.at)
    band = words(way(page(sales, anouk)))
    assert "Marketing Learn who it is, answer with the next useful piece Then: Handed off." in band


def test_an_accepted_lead_is_to_be_qualified_not_accepted_once_more(sales, handed, anouk, bob, clock):
    accept(handed, bob, clock.at)
    band = words(way(page(sales, anouk)))
    assert "Sales Find out whether it is ready to buy, or hand it back with a reason Then: SQL." in band
    assert "Accept or return" not in band


def test_after_sql_comes_customer_and_after_that_service(sales, handed, anouk, bob, clock):
    accept(handed, bob, clock.at)
    qualified(handed, bob, clock.at)
    conveyor.run_dry(clock.at)
    assert "Sales Work the opportunity to a decision Then: Customer." in words(way(page(sales, anouk)))
    move(anouk.pk, Stage.CUSTOMER, clock.at, None, "won")
    assert "Service Keep what was promised, listen, pass on what is asked" in words(way(page(sales, anouk)))


def test_who_found_nobody_available_is_the_managers_turn_and_an_alarm_when_it_lasts(
    client_of, carla, bob, agreement, anouk, clock
):
    at = clock.at - timedelta(days=7)
    Absence.objects.create(member=bob, first=at.date(), last=clock.at.date())
    record("form", at, at, person=anouk, offer=offer("demo", at), evidence=Evidence.DECLARED)
    conveyor.run_dry(at)
    said = words(page(client_of(carla), anouk))
    assert "Whose turn The manager Give it an owner: nobody in sales was available Then: Handed off." in said
    assert "Nobody in sales is free Alarm: waits 42 working hours ripe since 9 June" in said


def test_who_is_excluded_is_never_handed_off(client_of, ann, bob, anouk, preset, clock):
    rival = {"id": "rival", "say": "A competitor", "when": {"field": "company.industry", "in": ["Horticulture"]}}
    preset["fit"]["exclude"] = [rival]
    del preset["journey"], preset["ripeness"]
    version = Version.write(preset, ann, NOW - timedelta(days=9))
    version.sign(ann, "marketing", NOW - timedelta(days=9))
    version.sign(bob, "sales", NOW - timedelta(days=9))
    conveyor.catch_up_on(anouk.pk, NOW)
    band = words(way(page(client_of(ann), anouk)))
    assert "Marketing Never handed off: A competitor." in band
    assert "journey" not in band


def test_without_an_agreement_nobody_is_said_to_be_next(client_of, ann, anouk, clock):
    conveyor.catch_up_on(anouk.pk, NOW)
    assert "Whose turn" not in page(client_of(ann), anouk)
