"""Both teams talk about a version on its page before they sign it."""

import pytest
from django.urls import reverse

from tests.conftest import NOW
from tilth.agreement.drafts import open_draft
from tilth.agreement.models import Closing, Comment, Version

HTMX = {"HX-Request": "true", "HX-Target": "comments"}


@pytest.fixture
def version(clock, preset, ann) -> Version:
    return Version.write(preset, ann, NOW)


@pytest.fixture
def asked(version, client_of, bob) -> Comment:
    client_of(bob).post("/agreement/1/comments/", {"about": "sla.sales.calls", "text": "Five is much."})
    return Comment.objects.get()


def test_a_comment_is_shown_at_its_clause(asked, client_of, ann):
    page = client_of(ann).get("/agreement/1/").content.decode()
    assert "Promises: calls" in page
    assert "Five is much." in page
    assert "1 is open and blocks signing" in page


def test_htmx_gets_the_comments_alone_with_an_undo(version, client_of, bob):
    answer = client_of(bob).post("/agreement/1/comments/", {"about": "fit.rules[size]", "text": "Why?"}, headers=HTMX)
    page = answer.content.decode()
    assert page.lstrip().startswith('<section class="sheet" id="comments"')
    assert "Fit: 50 to 500 employees" in page
    assert "Undo" in page


def test_an_empty_comment_is_refused_beside_the_form_and_keeps_its_clause(version, client_of, bob):
    for headers in (HTMX, {}):
        answer = client_of(bob).post(
            "/agreement/1/comments/", {"about": "sla.sales.calls", "text": " "}, headers=headers
        )
        assert answer.status_code == 422
        assert "Write what you want to say." in answer.content.decode()
        assert '<option value="sla.sales.calls" selected>' in answer.content.decode()
    assert not Comment.objects.exists()


def test_too_long_a_comment_is_given_back(version, client_of, bob):
    answer = client_of(bob).post("/agreement/1/comments/", {"text": "long " * 500})
    assert "at most 2000 characters" in answer.content.decode()
    assert "long long" in answer.content.decode()


def test_answer_close_and_open_again(asked, client_of, ann):
    anns = client_of(ann)
    assert anns.post(f"/agreement/comments/{asked.pk}/answers/", {"text": "It was five."})["Location"] == "/agreement/"
    assert Comment.objects.get(answers=asked).text == "It was five."
    page = anns.post(f"/agreement/comments/{asked.pk}/closing/", headers=HTMX).content.decode()
    assert "by Ann de Wit" in page
    assert "All closed" in page
    anns.post(f"/agreement/comments/{asked.pk}/reopening/")
    assert not Closing.objects.exists()


def test_on_a_signed_version_nothing_more_is_said(asked, client_of, version, ann, bob):
    client_of(ann).post(f"/agreement/comments/{asked.pk}/closing/")
    version.sign(ann, "marketing", NOW)
    version.sign(bob, "sales", NOW)
    page = client_of(bob).get("/agreement/1/").content.decode()
    assert "Five is much." in page
    assert "What you want to say" not in page
    answer = client_of(bob).post(f"/agreement/comments/{asked.pk}/reopening/", headers=HTMX)
    assert answer.status_code == 409
    assert "never changes" in answer.content.decode()
    assert client_of(bob).post("/agreement/1/comments/", {"text": "Late"}).status_code == 422


def test_service_reads_but_says_nothing(asked, client_of, dirk):
    page = client_of(dirk).get("/agreement/1/").content.decode()
    assert "Five is much." in page
    assert "What you want to say" not in page
    assert client_of(dirk).post("/agreement/1/comments/", {"text": "Me too"}).status_code == 404


def test_a_draft_has_a_page_of_its_comments(clock, agreement, client_of, ann, bob):
    draft = open_draft({"name": "<b>Ours</b>", "fit": {"rules": "none yet"}}, ann, NOW)
    url = reverse("draft-comments", args=[draft.pk])
    client_of(bob).post(url, {"about": "fit.rules[gone].points", "text": "<script>alert(1)</script>"})
    page = client_of(ann).get(url).content.decode()
    assert "Fit: gone" in page
    assert "&lt;script&gt;" in page
    assert "<b>Ours</b>" not in page
    assert client_of(ann).get("/agreement/drafts/99/comments/").status_code == 404


def test_a_clause_nobody_knows_is_shown_as_it_came(version, client_of, bob):
    client_of(bob).post("/agreement/1/comments/", {"about": "no[such" + "x" * 300, "text": "Hm"})
    assert client_of(bob).get("/agreement/1/comments/").status_code == 200
