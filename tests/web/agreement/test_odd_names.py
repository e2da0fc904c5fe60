"""Whatever names a document, an offer, a source or a person has: every page says them as they are, and runs none of them."""

import re
from typing import Any

import pytest
from django.template.loader import render_to_string

from tests.conftest import NOW
from tilth import conveyor
from tilth.agreement import drafts
from tilth.agreement.comments import comment
from tilth.agreement.models import Draft, Version
from tilth.insight import backtests
from tilth.people.known import Told, keep
from tilth.people.models import Person
from tilth.touches.record import offer, record
from tilth.web import shell
from tilth.web.agreement import paper

ODD = """<script>x()</script><img src=x onerror=x()> "&' %(who)s {who} {{ x }} {% x %} ="""
ALIVE = re.compile(r"<script>x\(|<img src=x|=\"[^\"]*<script|\{who\}\}")
FREE = {"say", "does", "name", "glossary"}


def oddly(part: Any, inside: bool = False) -> Any:
    """The document with an odd name wherever people write freely."""
    if isinstance(part, dict):
        return {k: oddly(v, inside or k in FREE) for k, v in part.items()}
    if isinstance(part, list):
        return [oddly(v, inside) for v in part]
    return f"{part} {ODD}"[:100] if inside and isinstance(part, str) else part


@pytest.fixture
def odd(
    transactional_db: None, stopped_clock: Any, tmp_path: Any, settings: Any, preset: Any, ann: Any, bob: Any
) -> Draft:
    """A running version, a draft and a history, all with odd names."""
    settings.HOME = tmp_path
    document = oddly(preset)
    version = Version.write(document, ann, NOW)
    version.sign(ann, "marketing", NOW)
    version.sign(bob, "sales", NOW)
    told = Told(emails=["a@a.example"], phones=["+31105550142"], company={"name": ODD, "industry": "Horticulture", "employees": 90, "country": "NL"},
                person={"first_name": ODD[:60], "last_name": ODD[:60], "title": "Owner " + ODD[:60]})  # fmt: skip
    person, _new = keep(told, NOW, "form")
    record("form", NOW, NOW, person=person, offer=offer("demo", NOW), source=ODD[:80])
    conveyor.run_dry(NOW)
    changed = oddly(document | {"matrix": document["matrix"] | {"A": ["nurture"] * 4}})
    changed["fit"]["rules"][0]["points"] = 25
    changed["fit"]["rules"].pop()
    draft = drafts.open_draft(changed, ann, NOW, version, ODD)
    comment(draft, "fit.rules[size]", ODD, ann, NOW)
    comment(draft, ODD, ODD, bob, NOW)
    backtests.ask(draft, ann, NOW)
    while backtests.catch_up(NOW):
        pass
    return draft


def test_no_name_becomes_part_of_a_page(odd, client_of, ann):
    client, draft = client_of(ann), f"/agreement/drafts/{odd.pk}/"
    person = Person.objects.get()
    source = client.get(draft + "backtest/").context["filters"][0]["rows"][0][0]
    pages = [
        "/agreement/", "/agreement/1/", "/agreement/new/", "/agreement/drafts/", "/agreement/compare/",
        f"/agreement/compare/1/draft-{odd.pk}/", "/agreement/1/comments/",
        draft, draft + "yaml/", draft + "comments/", f"{draft}people/?person={person.pk}&find=a", draft + "backtest/", draft + "backtest/brief/",
        draft + "backtest/people/?kind=handed&side=running", draft + "backtest/people/?kind=moved",
    ]  # fmt: skip
    for page in pages:
        answer = client.get(page, follow=True)
        assert answer.status_code == 200, page
        assert not ALIVE.search(answer.content.decode()), page
    for query, found in (({"source": source}, 1), ({"source": ODD, "segment": ODD, "offer": ODD}, 0)):
        narrowed = query | {"kind": "handed", "side": "running"}
        people = client.get(draft + "backtest/people/", narrowed)
        assert len(people.context["lines"]) == found
        for answer in (people, client.get(draft + "backtest/", narrowed)):
            assert answer.status_code == 200
            assert not ALIVE.search(answer.content.decode())


def test_nor_of_the_editors_answers_a_signature_or_the_paper(odd, client_of, ann, bob):
    client, draft = client_of(ann), f"/agreement/drafts/{odd.pk}/"
    drafts.save(odd, odd.document | {"name": ODD + "bob"}, 0, bob, NOW)
    sent = {"revision": 0, "do": "save", "name": ODD + "ann", "fit.rules[0].points": ODD}
    for headers in ({"HX-Request": "true"}, {}):
        assert not ALIVE.search(client.post(draft, sent, headers=headers, follow=True).content.decode())
    version = Version.write(odd.document, ann, NOW)
    for page in (
        f"/agreement/{version.number}/signatures/marketing/",
        f"/agreement/{version.number}/",
        "/agreement/compare/1/2/",
    ):
        answer = client.get(page)
        assert answer.status_code == 200
        assert not ALIVE.search(answer.content.decode())
    here = shell.of(client.get("/agreement/").wsgi_request)
    page = render_to_string("agreement/paper.html", paper._context(version, here))
    assert "&lt;script&gt;x()" in page
    assert not ALIVE.search(page)


def numbered(part: Any, number: float) -> Any:
    """The document with another number wherever it has one."""
    if isinstance(part, dict):
        return {k: numbered(v, number) for k, v in part.items()}
    if isinstance(part, list):
        return [numbered(v, number) for v in part]
    return number if isinstance(part, int | float) and not isinstance(part, bool) else part


@pytest.mark.parametrize("number", [1e300, -1e300, 10**300, 1e-320, 1e17, -0.0])
def test_a_number_that_nobody_means_breaks_no_page(agreement, client_of, ann, number):
    draft = drafts.open_draft(numbered(agreement.document, number), ann, NOW, agreement)
    client = client_of(ann)
    for page in ("", "yaml/", "comments/", "people/", "backtest/"):
        assert client.get(f"/agreement/drafts/{draft.pk}/{page}").status_code == 200
    for sides in (f"1/draft-{draft.pk}", f"draft-{draft.pk}/1"):
        assert client.get(f"/agreement/compare/{sides}/").status_code == 200


def test_a_document_that_nobody_could_look_through_is_refused_or_shown_in_part(agreement, client_of, ann):
    client = client_of(ann)
    book = "{fit: {rules: [" + "{}, " * 3_000 + "]}}"
    answer = client.post("/agreement/new/", {"text": book})
    assert answer.status_code == 422
    assert "An agreement has at most 3,000." in answer.content.decode()
    rules = [{} for _ in range(500)]
    draft = drafts.open_draft(agreement.document | {"fit": {"rules": rules}}, ann, NOW, agreement)
    assert len(client.get(f"/agreement/drafts/{draft.pk}/").context["faults"]) == 200
    with pytest.raises(drafts.Unkeepable):
        drafts.save(draft, agreement.document | {"fit": {"rules": rules * 6}}, 0, ann, NOW)
