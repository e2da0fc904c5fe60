"""The whole loop in a real browser: an empty Tilth, an agreement signed by both, leads from a file and from the site,
one handed to sales and won, one returned with a reason, and the goal that shows what came of it."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from tilth import conveyor
from tilth.agreement.models import running
from tilth.capture.models import Source
from tilth.deals.models import Won
from tilth.demo import doors
from tilth.handoff.models import Handoff, Return
from tilth.plan.models import Goal
from tilth.qualify.models import Standing

pytestmark = pytest.mark.browser

FAIR = """Voornaam;Achternaam;E-mail;Telefoon;Functie;Bedrijf;Land;Medewerkers;Datum;Bron
Wim;Lansbergen;wim@lansbergenpaprika.example;+31 10 555 01 43;Directeur;Lansbergen Paprika;NL;85;02-03-2026;Gorinchem
Marieke;Poot;marieke@pootpotplanten.example;+31 10 555 01 44;Hoofd teelt;Poot Potplanten;NL;60;02-03-2026;Gorinchem
"""


@pytest.fixture
def file(tmp_path: Path):
    path = tmp_path / "beurs.csv"
    path.write_text(FAIR)
    with override_settings(HOME=tmp_path):
        yield path


def asks_for_demo(site: Source, email: str, first: str, last: str, phone: str, now: datetime) -> None:
    """Somebody fills in the form on our site; the site's own client sends it."""
    traits = {
        "email": email, "firstName": first, "lastName": last, "phone": phone, "title": "Operations manager",
        "company": {"name": f"{last} Tomaten", "industry": "Horticulture", "employee_count": 120},
        "address": {"country": "NL"},
    }  # fmt: skip
    campaign = {"campaign": {"source": "google", "medium": "cpc", "name": "night-heating"}}
    events = [
        {"type": "identify", "userId": email, "traits": traits, "messageId": f"i-{email}"},
        {"type": "track", "userId": email, "event": "Form Submitted", "properties": {"offer": "demo"},
         "context": campaign, "messageId": f"t-{email}"},
    ]  # fmt: skip
    doors.deliver(site, [e | {"timestamp": now.isoformat()} for e in events], now)
    conveyor.run_dry(now)


def the_teams_agree(anns: Any, bobs: Any, carlas: Any) -> None:
    anns.goto("/agreement/")
    anns.get_by_role("button", name="Start with the preset").first.click()
    anns.get_by_role("link", name="Sign for marketing").click()
    anns.get_by_role("button", name="Sign as Ann de Wit").click()
    bobs.goto("/agreement/")
    bobs.get_by_role("link", name="Sign for sales").click()
    bobs.get_by_role("button", name="Sign as Bob Jansen").click()
    bobs.wait_for_load_state()
    carlas.goto("/plan/new/")
    today = timezone.now().date()
    carlas.get_by_label("Goal", exact=True).fill("1.000.000,00")
    carlas.get_by_text("Days, profit, hours").click()
    carlas.get_by_label("From").fill(today.replace(day=1).isoformat())
    carlas.get_by_label("Up to and including").fill(today.replace(year=today.year + 1, day=1).isoformat())
    carlas.get_by_role("button", name="Propose to both teams").click()
    carlas.get_by_role("heading", name="Our goal").wait_for()


def marketing_takes_in_a_file(anns: Any, file: Path) -> None:
    anns.goto("/imports/")
    anns.get_by_label("File").set_input_files(file)
    anns.get_by_role("button", name="Send it and look").click()
    anns.get_by_role("button", name="Take the rows in").click()
    anns.get_by_text("Looking through the whole file first").wait_for()
    conveyor.run_dry(timezone.now())
    anns.goto("/people/")
    anns.get_by_role("link", name="Wim Lansbergen").wait_for()


def sales_works_the_lead(bobs: Any) -> None:
    bobs.goto("/")
    row = bobs.locator(".q", has_text="Anouk Zonneveld")
    assert "Asked for a demo" in row.inner_text()
    row.get_by_role("button", name="Log call").click()
    row.get_by_role("button", name="Reached", exact=True).click()
    row.get_by_role("button", name="Accept").click()
    row.get_by_role("button", name="Qualified").click()
    row.get_by_role("link", name="Open deal").click()
    bobs.get_by_label("What they may buy").fill("Night heating")
    bobs.get_by_label("Amount").fill("40.000,00")
    bobs.get_by_role("button", name="Open the deal").click()
    bobs.get_by_text("40,000").first.wait_for()


def sales_wins_the_deal(bobs: Any) -> None:
    bobs.goto("/deals/")
    bobs.get_by_role("link", name="Night heating").click()
    bobs.get_by_role("button", name="Won").click()
    bobs.locator("#toasts").get_by_text("won").wait_for()


def sales_returns_the_other(bobs: Any) -> None:
    bobs.goto("/")
    row = bobs.locator(".q", has_text="Kees Keijzer")
    row.get_by_role("link", name="Return").click()
    dialog = bobs.locator("#dialog")
    dialog.get_by_label("Does not fit").check()
    dialog.get_by_label("What it rests on").select_option("company.industry")
    dialog.get_by_label("What did you see or hear?").fill("Grows for his own table")
    dialog.get_by_role("button", name="Return").click()
    bobs.get_by_text("Your queue is empty").wait_for()


def test_one_lead_goes_all_the_way_round(page_of, ann, bob, carla, file):
    anns, bobs, carlas = page_of(ann), page_of(bob), page_of(carla)
    the_teams_agree(anns, bobs, carlas)
    assert running(timezone.now()) is not None
    assert Goal.objects.get().amount == 1_000_000_00

    marketing_takes_in_a_file(anns, file)
    assert not Handoff.objects.exists()  # who was met at a fair once only starts to ripen

    site = Source.objects.create(name="kasbouw.example", write_key=doors.KEY, at=timezone.now())
    asks_for_demo(site, "anouk@zonneveldtomaten.example", "Anouk", "Zonneveld", "+31105550142", timezone.now())
    asks_for_demo(site, "kees@keijzersla.example", "Kees", "Keijzer", "+31105550145", timezone.now())
    assert Handoff.objects.filter(owner=bob).count() == 2

    sales_works_the_lead(bobs)
    sales_wins_the_deal(bobs)
    assert Won.objects.get().amount == 40_000_00
    assert Standing.objects.get(person__first_name="Anouk").stage == "customer"

    sales_returns_the_other(bobs)
    assert Return.objects.get().note == "Grows for his own table"
    anns.goto("/")
    assert "Grows for his own table" in anns.locator("main").inner_text()

    for page in (anns, bobs):
        page.goto("/")
        assert "€40,000" in page.locator(".strip").inner_text()
    carlas.goto("/scoreboard/")
    board = carlas.locator("main").inner_text()
    assert "€40,000" in board
    assert "google" in board
    assert "Demo" in board
