"""What strangers write runs nowhere: in every field of every way in, and then looked at on every page that shows it, in Chromium.

Any script that ran, any link that would, any blocked script or style (each is an error in the browser) fails the test.
"""

import csv
import json
import re
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.conftest import JOINED, NOW
from tests.house.test_in_the_browser import pages
from tilth import conveyor
from tilth.agreement.models import Version
from tilth.capture import files, imports
from tilth.capture.models import Received, Source
from tilth.core.forms import Field, Spec
from tilth.deals.verbs import lose, open_deal
from tilth.forms.models import Form, Submission
from tilth.forms.receiving import Sent, receive
from tilth.forms.stamps import stamp
from tilth.handoff.verbs import accept, hand_off, log_contact, return_lead
from tilth.notify import outbox
from tilth.people.models import Person
from tilth.team.models import Member, Role
from tilth.touches.models import Touch
from tilth.touches.next_steps import plan_step

pytestmark = [pytest.mark.browser, pytest.mark.timeout(290)]
MARK = "hacked"  # stands in all of them
CORPUS = [
    "<script>hacked=1</script>",
    "\"><script>hacked=1</script>",
    "'><img src=x onerror=hacked=1>",
    "<svg/onload=hacked=1>",
    "<svg><script>hacked=1</script></svg>",
    "\" onmouseover=hacked=1 autofocus onfocus=hacked=1 x=\"",
    "' style='color:red' onclick='hacked=1",
    "javascript:hacked=1",
    "data:text/html,<script>hacked=1</script>",
    "</textarea></title></pre><script>hacked=1</script>",
    "--><script>hacked=1</script><!--",
    "{{7*7}}{% now 'Y' %}${hacked=1}",
    "&lt;script&gt;hacked=1&lt;/script&gt;&#60;img src=x onerror=hacked=1&#62;",
    "\" hx-get=/hacked hx-trigger=load x=\"",
    "<iframe srcdoc='<script>hacked=1</script>'></iframe>",
    "<a href=javascript:hacked=1>hacked</a><base href=//hacked.example/>",
    "\u2028</script><script>hacked=1</script>\u202e",
]  # fmt: skip
RAN = """() => [
    ...(typeof hacked === 'undefined' ? [] : ['it ran']),
    ...[...document.querySelectorAll('a[href], form[action], iframe, object, embed, base, area[href]')]
        .filter(e => /^(javascript|data|vbscript):/i.test(e.href || e.action || e.src || '') || /hacked.example/.test(e.href || '') || ['IFRAME', 'OBJECT', 'EMBED', 'BASE'].includes(e.tagName))
        .map(e => e.outerHTML.slice(0, 200)),
    ...[...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => /^on/i.test(a.name) || a.name === 'style' || (a.name === 'hx-get' && a.value === '/hacked')))
        .map(e => e.outerHTML.slice(0, 200)),
]"""
EVERYWHERE = [  # where at least something of it must be seen, or the test looks in the wrong places
    "/", "/people/", "/companies/", "/deals/", "/sources/", "/sources/refusals/", "/imports/", "/forms/", "/outbox/", "/notices/",
    "/scoreboard/", "/team/",
]  # fmt: skip


def by_ingest(evil: str, n: int, now: datetime) -> Iterator[dict[str, Any]]:
    """Every field of every sort of event."""
    url = f"https://www.kasbouw.example/{evil}?utm_source={evil}&utm_medium={evil}&utm_campaign={evil}&ref={evil}"
    context = {
        "page": {"url": url, "path": evil, "title": evil, "referrer": evil, "search": evil}, "locale": evil,
        "campaign": {"source": evil, "medium": evil, "name": evil}, "traits": {"email": f"p{n}@firm{n}.example"},
    }  # fmt: skip
    who = {"userId": f"u{n}", "anonymousId": f"a{n}", "context": context}
    traits = {
        "email": f"p{n}@firm{n}.example", "firstName": evil, "lastName": evil, "title": evil, "phone": evil, "language": evil,
        "company": {"name": evil, "industry": evil}, "address": {"country": evil, "city": evil}, "website": evil, evil: evil,
    }  # fmt: skip
    said = {
        "offer": evil, "form": evil, "message": evil, "note": evil, "subject": evil, "title": evil, "agent": evil, "channel": evil,
        "outcome": evil, "referred_by": evil, evil: evil, "direction": "in",
    }  # fmt: skip
    yield {"type": "identify", "traits": traits, **who}
    yield {
        "type": "group",
        "groupId": f"g{evil}",
        "traits": {"name": evil, "industry": evil, "city": evil, evil: evil},
        **who,
    }
    yield {"type": "page", "name": evil, "properties": {"url": url, "title": evil}, **who}
    yield {
        "type": "page",
        "properties": {"url": "javascript:hacked=1"},
        "userId": f"u{n}",
        "context": {"userAgent": evil},
    }
    yield {"type": "track", "event": evil, "properties": said, **who}
    for name in (
        "Form Submitted",
        "Content Downloaded",
        "Content Shared",
        "Consent Given",
        "Ticket Created",
        "Call Ended",
    ):
        yield {
            "type": "track",
            "event": name,
            "properties": {**said, "purpose": evil, "text": evil, "page": evil},
            **who,
        }
    yield {"type": evil, "userId": evil, "properties": {evil: evil}}


def deliver(source: Source, events: list[dict[str, Any]], now: datetime) -> None:
    said = [{"messageId": uuid.uuid4().hex, "timestamp": now.isoformat(), **event} for event in events]
    Received.objects.create(
        source=source, at=now, path="/v1/batch", body=json.dumps({"batch": said}).encode(), agent=CORPUS[0]
    )


def by_file(folder: Path, now: datetime) -> None:
    path = folder / "evil.csv"
    with path.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(
            [
                "First name",
                "Last name",
                "E-mail",
                "Company",
                "Job title",
                "City",
                "Date",
                "Source",
                "Campaign",
                "Offer",
                "Note",
            ]
        )
        for n, evil in enumerate(CORPUS):
            rows.writerow([evil, evil, f"f{n}@file{n}.example", evil, evil, evil, "2026-06-01", evil, evil, evil, evil])
            rows.writerow(
                [evil, evil, evil, evil, evil, evil, evil, evil, evil, evil, evil]
            )  # no address: not taken in
    mapping = files.propose(files.look(path), "leads", CORPUS[2])
    row = imports.begin(imports.take(path, CORPUS[2], mapping, None, now), now)
    while imports.advance(row, now):
        pass


def by_form(evil: str, ann: Member, now: datetime) -> Form:
    fields = [
        Field("email", "email", {"en": evil}, True),
        Field("first_name", "first_name", {"en": evil}),
        Field("why", "long", {"en": evil}),
    ]
    spec = Spec(
        ["en"],
        fields,
        title={"en": evil},
        intro={"en": evil},
        thanks={"en": evil},
        button={"en": evil},
        offer=evil,
        campaign=evil,
    )
    form = Form.make(evil[:120], spec, ann, now)
    assert form.edition
    typed = {"email": "q@form.example", "first_name": evil, "why": evil}
    for trap in ("", evil):  # taken in, and held
        came = {"source": evil, "medium": evil, "name": evil}
        sent = Sent(
            {**typed, "why": evil + trap},
            stamp(form.edition, uuid.uuid4().hex[:16], now),
            trap,
            False,
            "en",
            f"https://x.example/{evil}",
            evil,
            came,
            evil,
            agent=evil,
        )
        receive(form, sent, now)
    Submission.objects.filter(doubt="quick").update(doubt="")
    return form


def by_hand(person: Person, evil: str, bob: Member, now: datetime) -> None:
    """What colleagues type about somebody, in every verb that takes words."""
    log_contact(person, bob, "call", now, evil[:40], evil)
    plan_step(person, bob, evil, None, now)
    handoff = hand_off(person, now, bob, bob).row
    if person.pk % 2:
        return_lead(handoff, bob, "no-fit", evil, now)
    else:
        accept(handoff, bob, now)
        deal = open_deal(person, bob, evil, 1_000_00, "EUR", now).row
        if person.pk % 4:
            lose(deal, bob, "price", evil, now)


@pytest.fixture
def everywhere(
    agreement: Version,
    cast: dict[str, Member],
    client_of: Callable[[Member], Client],
    clock: Any,
    house: str,
    tmp_path: Path,
) -> list[Form]:
    """All of it, through all doors."""
    bob = cast[Role.SALES]
    site, desk = Source.open(CORPUS[0], "person", None, NOW), Source.open(CORPUS[3], "service", None, NOW)
    Member.objects.create(name=CORPUS[2], email="m@kasbouw.example", role=Role.MARKETING, joined_at=JOINED)
    fair = client_of(bob)
    for n, evil in enumerate(CORPUS):
        deliver(site, list(by_ingest(evil, n, NOW)), NOW)
        deliver(desk, list(by_ingest(evil, n, NOW))[-4:-1], NOW)
        card = {
            "id": uuid.uuid4(),
            "name": evil,
            "company": evil,
            "email": f"c{n}@card.example",
            "asked": evil,
            "event": evil[:80],
            "next_step": evil,
        }
        assert fair.post("/card/", card, headers={"Accept": "application/json"}).status_code == 200
        outbox.put(f"evil {n}", f"m{n}@x.example", evil, evil, evil, NOW)
    by_file(tmp_path, NOW)
    forms = [by_form(evil, cast[Role.MARKETING], NOW) for evil in (CORPUS[1], CORPUS[5])]
    conveyor.run_dry(NOW)
    for n, evil in enumerate(CORPUS):
        by_hand(Person.objects.get(emails__address=f"p{n}@firm{n}.example"), evil, bob, NOW)
    conveyor.run_dry(NOW)
    return forms


def showing(client: Client, begin: list[str], furthest: int) -> list[str]:
    """The pages, from these and so many steps further, on which something of the corpus stands."""
    found, seen, todo = [], set(begin), [(path, 0) for path in begin]
    while todo:
        path, steps = todo.pop(0)
        answer = client.get(path)
        if answer.status_code != 200 or answer.streaming or "html" not in answer["Content-Type"]:
            continue
        html = answer.content.decode()
        if MARK in html:
            found.append(path)
        for link in map(unescape, re.findall(r'<a [^>]*href="(/[^"#]*|\?[^"#]*)', html)):
            whole = path.partition("?")[0] + link if link.startswith("?") else link
            kind = re.sub(r"\d+", "N", whole.partition("?")[0])
            often = sum(re.sub(r"\d+", "N", s.partition("?")[0]) == kind for s in seen)
            if (
                steps < furthest
                and whole not in seen
                and not whole.startswith("/static/")
                and often < (len(CORPUS) + 3 if kind == "/people/N/" else MOST)
            ):
                seen.add(whole)
                todo.append((whole, steps + 1))
    return found


MOST = 5  # pages of one kind; of persons there is one for each line of the corpus


def test_what_strangers_write_runs_nowhere(
    everywhere: list[Form],
    visitor: Callable[[], Any],
    desk_of: Callable[..., Any],
    house: str,
    client_of: Callable[[Member], Client],
    cast: dict[str, Member],
) -> None:
    assert Touch.objects.filter(event__contains=MARK).count() >= len(CORPUS)
    looked: set[str] = set()
    for role, member in cast.items():
        begin = [
            *pages(role),
            "/find/?q=%22%3E%3Cscript%3Ehacked=1",
            "/sources/refusals/?reason=%3Cscript%3Ehacked=1",
            "/people/?company=hacked&owner=%22hacked",
        ]
        shown = showing(client_of(member), begin, 2 if role in (Role.SALES, Role.ADMIN) else 0)
        open_ = desk_of(member)
        for path in shown:
            if path in looked and not path.strip("/").isalpha():
                continue  # the same page for everybody
            looked.add(path)
            assert open_(path).evaluate(RAN) == [], path
    assert [path for path in EVERYWHERE if path not in looked] == []
    assert sum(path.startswith("/people/") and path.count("/") == 3 for path in looked) >= len(CORPUS)
    stranger = visitor()
    for form in everywhere:
        stranger.goto(f"{house}/f/{form.key}/?utm_source=%22%3E%3Cscript%3Ehacked=1%3C/script%3E")
        assert stranger.evaluate(RAN) == []


def test_it_is_shown_as_it_was_written(
    everywhere: list[Form], client_of: Callable[[Member], Client], cast: dict[str, Member]
) -> None:
    """Kept and shown as text: nothing is cut out, and no template reads it once more."""
    shown = client_of(cast[Role.SALES]).get("/people/").content.decode()
    assert "{{7*7}}" in unescape(shown)
    assert "<script>hacked" not in shown
    person = Person.objects.get(emails__address="p0@firm0.example")
    assert person.first_name == CORPUS[0]


def test_what_would_run_is_seen(visitor: Callable[[], Any]) -> None:
    page = visitor()
    page.set_content(
        "<a href='javascript:hacked=1'>a</a><p onclick='1'>b</p><i style='color:red'>c</i><iframe></iframe>"
    )
    assert len(page.evaluate(RAN)) == 4
    page.set_content("<script>hacked=1</script>")
    assert page.evaluate(RAN) == ["it ran"]
