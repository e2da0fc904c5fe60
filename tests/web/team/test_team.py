"""Inviting colleagues, closing accounts, planning absence."""

import re
from datetime import date

import pytest
from django.test import Client

from tilth.team.models import Absence, Invitation, Member

pytestmark = pytest.mark.usefixtures("stopped_clock")


def test_an_invitation_is_shown_once_and_lets_one_person_in(client_of, carla) -> None:
    page = (
        client_of(carla)
        .post("/team/invitations/", {"role": "sales", "email": "Femke@Kasbouw.example"})
        .content.decode()
    )
    link = re.search(r'value="http://testserver(/join/[^"]+)"', page)
    assert link
    assert link[1] not in client_of(carla).get("/team/").content.decode()
    joined = Client().post(
        link[1], {"name": "Femke Bakker", "email": "femke@kasbouw.example", "password": "a long enough one"}
    )
    assert joined.status_code == 302
    assert Member.objects.get(email="femke@kasbouw.example").role == "sales"
    assert Client().get(link[1]).status_code == 410


def test_only_managers_and_administrators_invite(client_of, ann, carla) -> None:
    assert client_of(ann).post("/team/invitations/", {"role": "sales"}).status_code == 404
    assert "Invite a colleague" not in client_of(ann).get("/team/").content.decode()
    refused = client_of(carla).post("/team/invitations/", {"role": "admin"})
    assert refused.status_code == 422
    assert not Invitation.objects.exists()


def test_a_withdrawn_invitation_opens_nothing(client_of, carla, now) -> None:
    row, secret = Invitation.write("sales", now, by=carla)
    client_of(carla).post(f"/team/invitations/{row.pk}/withdrawal/")
    assert Client().get(f"/join/{secret}/").status_code == 410


def test_a_closed_account_signs_its_member_out_and_can_be_opened_again(client_of, carla, bob) -> None:
    his = client_of(bob)
    assert his.get("/team/").status_code == 200
    client_of(carla).post(f"/team/{bob.pk}/account/", {"open": "no"})
    assert his.get("/team/").status_code == 302
    client_of(carla).post(f"/team/{bob.pk}/account/", {"open": "yes"})
    assert Member.objects.get(pk=bob.pk).is_active


@pytest.mark.parametrize(
    ("by", "whom", "said"),
    [
        ("carla", "carla", "Your own account stays open."),
        ("carla", "eva", "Only an administrator closes"),
        ("eva", "eva", "Your own account stays open."),
    ],
)
def test_some_accounts_stay_open(client_of, carla, eva, by, whom, said) -> None:
    who = {"carla": carla, "eva": eva}
    page = client_of(who[by]).post(f"/team/{who[whom].pk}/account/", {"open": "no"}, follow=True)
    assert said in page.content.decode()
    assert Member.objects.filter(is_active=False).count() == 0


def test_everyone_plans_their_own_absence_and_managers_anyones(client_of, ann, bob, carla) -> None:
    days = {"first": "2026-07-06", "last": "2026-07-17", "why": "holiday"}
    client_of(bob).post("/team/absences/", {"member": bob.pk, **days})
    client_of(bob).post("/team/absences/", {"member": bob.pk, **days})
    assert Absence.objects.get().last == date(2026, 7, 17)
    assert client_of(ann).post("/team/absences/", {"member": bob.pk, **days}).status_code == 422
    client_of(carla).post("/team/absences/", {"member": ann.pk, **days})
    assert Absence.objects.count() == 2


def test_an_absence_that_ends_before_it_begins_is_refused_and_kept_as_typed(client_of, bob) -> None:
    answer = client_of(bob).post("/team/absences/", {"member": bob.pk, "first": "2026-07-06", "last": "2026-07-05"})
    assert answer.status_code == 422
    assert "Write the same day or a later one." in answer.content.decode()
    assert 'value="2026-07-05"' in answer.content.decode()


def test_nobody_takes_anothers_absence_away(client_of, ann, bob, carla) -> None:
    row = Absence.objects.create(member=bob, first=date(2026, 7, 6), last=date(2026, 7, 6))
    assert client_of(ann).post(f"/team/absences/{row.pk}/removal/").status_code == 404
    client_of(carla).post(f"/team/absences/{row.pk}/removal/")
    assert not Absence.objects.exists()
