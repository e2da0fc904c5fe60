"""A draft's rules of routing on the leads of the last weeks, before they go live."""

import re
from datetime import timedelta

from django.utils.html import strip_tags

from tests.conftest import NOW
from tests.handoff.test_routing import colleague, lead, run
from tilth.agreement.drafts import open_draft


def said(page) -> str:
    return re.sub(r"\s+", " ", strip_tags(page.content.decode()))


def test_the_page_says_who_would_get_what_and_why(client_of, clock, agreement, preset, ann, bob):
    bea = colleague("Bea")
    for n in range(4):
        lead(n)
    run()
    clock.forward(days=2)
    preset["routing"]["pools"] = [{"id": "bea", "say": "Only Bea", "members": [bea.email]}]
    draft = open_draft(preset, ann, NOW, agreement)
    page = client_of(ann).get(f"/agreement/drafts/{draft.pk}/routing/")
    assert page.context["moved_n"] == 2
    assert [(s.name, s.had, s.now, s.then) for s in page.context["shares"]] == [
        ("Bea", 2, 2, 4),
        ("Bob Jansen", 2, 2, 0),
    ]
    assert "whose turn it was, Only Bea" in said(page)
    assert (
        f"/agreement/drafts/{draft.pk}/routing/"
        in client_of(ann).get(f"/agreement/drafts/{draft.pk}/").content.decode()
    )


def test_a_draft_that_leaves_leads_with_nobody_says_so(client_of, clock, agreement, preset, ann, bob):
    lead(1)
    run()
    clock.forward(days=1)
    preset["routing"]["pools"] = [{"id": "new", "say": "New people", "members": ["new@kasbouw.example"]}]
    draft = open_draft(preset, ann, NOW, agreement)
    page = client_of(ann).get(f"/agreement/drafts/{draft.pk}/routing/")
    assert "nobody of “New people” was there" in said(page)
    waits = page.context["shares"][-1]
    assert (waits.name, waits.had, waits.now, waits.then) == ("nobody: it would have waited", 0, 0, 1)


def test_without_leads_or_with_faults_the_page_says_what_to_do(client_of, clock, agreement, preset, ann, dirk):
    draft = open_draft(preset, ann, NOW, agreement)
    assert "No lead was routed in these weeks" in said(client_of(ann).get(f"/agreement/drafts/{draft.pk}/routing/"))
    preset["routing"]["pools"] = []
    draft = open_draft(preset, ann, NOW + timedelta(minutes=1), agreement)
    assert "One thing is to mend first" in said(client_of(ann).get(f"/agreement/drafts/{draft.pk}/routing/"))
    assert client_of(dirk).get(f"/agreement/drafts/{draft.pk}/routing/").status_code == 404
