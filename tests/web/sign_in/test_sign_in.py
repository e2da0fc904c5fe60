"""In and out of the house: passwords, guessing, invitations, and what is one's own."""

from urllib.parse import unquote

import pytest
from django.test import Client

from tests.conftest import NOW
from tilth.team.models import Invitation, Member, Role

PASSWORD = "a garden of tomatoes"


@pytest.fixture
def bob_with_password(bob) -> Member:
    bob.set_password(PASSWORD)
    bob.save()
    return bob


def sign_in(client, email="bob@kasbouw.example", password=PASSWORD, **more):
    return client.post("/sign-in/", {"email": email, "password": password, **more})


def test_the_right_password_opens_the_page_that_was_wanted(bob_with_password, charlie, agreement):
    assert charlie.get("/people/")["Location"] == "/sign-in/?next=/people/"
    assert sign_in(charlie, next="/people/")["Location"] == "/people/"
    assert charlie.get("/people/").status_code == 200


def test_capitals_in_the_address_do_not_matter(bob_with_password, charlie):
    assert sign_in(charlie, "Bob@Kasbouw.Example").status_code == 302


def test_a_page_elsewhere_is_never_opened_after_signing_in(bob_with_password, charlie):
    assert sign_in(charlie, next="https://evil.example/")["Location"] == "/"


def test_the_session_is_a_new_one(bob_with_password, charlie):
    planted = charlie.session
    planted["planted"] = "by somebody else"
    planted.save()
    sign_in(charlie)
    assert charlie.session.session_key != planted.session_key


def test_a_wrong_password_does_not_say_which_part_was_wrong(bob_with_password, charlie):
    for email in ("bob@kasbouw.example", "nobody@kasbouw.example"):
        answer = sign_in(charlie, email, "wrong")
        assert answer.status_code == 422
        assert "E-mail or password is not right." in answer.content.decode()


def test_guessing_is_slowed_down_and_says_for_how_long(bob_with_password, charlie, clock):
    for _try in range(5):
        sign_in(charlie, password="wrong")
    assert "Too many wrong passwords. Try again in 15 min." in sign_in(charlie).content.decode()
    clock.forward(minutes=16)
    assert sign_in(charlie).status_code == 302


def test_guesses_of_one_stranger_do_not_lock_a_colleague_out(bob_with_password, charlie, clock):
    for _try in range(6):
        sign_in(charlie, password="wrong")
    assert sign_in(Client(REMOTE_ADDR="10.0.0.9")).status_code == 302


def test_guessing_at_many_accounts_from_one_place_is_slowed_down_too(bob_with_password, charlie, clock):
    for n in range(100):
        sign_in(charlie, f"nobody{n}@kasbouw.example", "wrong")
    assert "Too many wrong passwords" in sign_in(charlie).content.decode()


def test_signing_out_needs_a_form(client_of, bob):
    client = client_of(bob)
    assert client.get("/sign-out/").status_code == 405
    client.post("/sign-out/")
    assert client.get("/").status_code == 302


def test_an_invitation_makes_a_member_once(ann, charlie, clock, agreement):
    _row, secret = Invitation.write(Role.SALES, NOW, email="piet@kasbouw.example", by=ann)
    page = charlie.get(f"/join/{secret}/").content.decode()
    assert "Ann de Wit asks you to join as: Sales." in page
    assert 'value="piet@kasbouw.example"' in page
    told = {"name": "Piet Bos", "email": "piet@kasbouw.example", "password": PASSWORD}
    assert charlie.post(f"/join/{secret}/", told)["Location"] == "/"
    assert charlie.get("/").status_code == 200
    assert Member.objects.get(email="piet@kasbouw.example").role == Role.SALES
    again = Client().get(f"/join/{secret}/")
    assert again.status_code == 410
    assert "This link was used before or is too old. Ask for a new one." in again.content.decode()


def test_a_second_click_on_joining_leads_to_todays_page(charlie, clock, agreement):
    _row, secret = Invitation.write(Role.SALES, NOW)
    told = {"name": "Piet Bos", "email": "piet@kasbouw.example", "password": PASSWORD}
    assert [charlie.post(f"/join/{secret}/", told)["Location"] for _click in range(2)] == ["/", "/"]
    assert Member.objects.filter(email="piet@kasbouw.example").count() == 1


def test_an_empty_house_says_where_the_first_link_is(charlie, clock, db):
    assert "in the console where Tilth was started" in charlie.get("/sign-in/").content.decode()
    Member.objects.create(email="eva@kasbouw.example", name="Eva", role=Role.ADMIN, joined_at=NOW)
    assert "A manager can send you an invitation" in charlie.get("/sign-in/").content.decode()


def test_a_weak_password_is_refused_beside_its_field(charlie, clock, db):
    _row, secret = Invitation.write(Role.ADMIN, NOW)
    answer = charlie.post(f"/join/{secret}/", {"name": "Eva", "email": "eva@x.example", "password": "password"})
    assert answer.status_code == 422
    assert "too short" in answer.content.decode()
    assert not Member.objects.exists()


def test_an_address_that_is_taken_is_refused(bob, charlie, clock):
    _row, secret = Invitation.write(Role.SALES, NOW)
    answer = charlie.post(f"/join/{secret}/", {"name": "B", "email": "bob@kasbouw.example", "password": PASSWORD})
    assert "Somebody signs in with this address already." in answer.content.decode()


def test_light_or_dark_is_the_members_own(client_of, bob):
    client = client_of(bob)
    client.post("/me/", {"name": "Bob Jansen", "theme": "dark"})
    assert 'data-bs-theme="dark"' in client.get("/me/").content.decode()


def test_a_new_password_needs_the_old_one(client_of, bob_with_password, charlie):
    client = client_of(bob_with_password)
    told = {"old": "wrong", "new": "another garden"}
    assert "This is not your password." in client.post("/me/password/", told).content.decode()
    client.post("/me/password/", {"old": PASSWORD, "new": "another garden"})
    assert client.get("/me/").status_code == 200
    assert sign_in(charlie, password="another garden").status_code == 302


def test_a_form_that_htmx_sends_after_the_session_ended_leads_to_the_door(charlie, handed):
    answer = charlie.post(
        f"/handoffs/{handed.pk}/acceptance/",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/people/"},
    )
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/sign-in/?next=/people/"


def test_a_form_that_is_sent_after_the_session_ended_leads_back_to_its_page(charlie, handed):
    path = f"/handoffs/{handed.pk}/acceptance/"
    answer = charlie.post(path, headers={"Referer": "http://testserver/people/?stage=mql"})
    assert unquote(answer["Location"]) == "/sign-in/?next=http://testserver/people/?stage=mql"
    assert charlie.post(path, headers={"Referer": "https://evil.example/"})["Location"] == "/sign-in/?next=/"


def test_the_address_of_a_form_shows_a_page_when_it_is_opened(sales, handed):
    answer = sales.get(f"/handoffs/{handed.pk}/acceptance/")
    assert answer.status_code == 405
    assert "There is nothing for you at this address" in answer.content.decode()
