"""What care somebody got, as the dossier and the search for leaks read it."""

from datetime import date, timedelta

from tests.conftest import NOW
from tilth.nurture.evidence import care_of, in_words
from tilth.nurture.models import Edition, Enrolment, Mailing, Noted, Track
from tilth.people.models import Person
from tilth.team.models import Member
from tilth.touches.models import Evidence, Team
from tilth.touches.record import campaign, record

DAYS = timedelta(days=1)


def enrolled(person: Person, ann: Member) -> Enrolment:
    """Since twelve days, with two mails, the first of which was clicked by her and by a machine."""
    track = Track.objects.create(name="Heating in winter", sender=ann, at=NOW, started_at=NOW)
    edition = Edition.objects.create(track=track, number=1, spec={"language": "en"}, at=NOW, by=ann)
    row = Enrolment.objects.create(person=person, track=track, since=NOW - 11 * DAYS, by=ann, look_at=NOW)
    for n, step in enumerate(["one", "two"]):
        at = NOW - (10 - n) * DAYS
        Mailing.objects.create(enrolment=row, edition=edition, step=step, ground="consent", at=at, sent_at=at)
    for step, evidence in (("one", Evidence.OBSERVED), ("two", Evidence.MACHINE)):
        record(
            "mail_click", NOW, NOW, person=person, evidence=evidence, properties={"mail": f"track {track.pk} {step}"}
        )
    return row


def test_a_track_that_runs_is_care_and_a_plan(anouk: Person, ann: Member) -> None:
    row = enrolled(anouk, ann)
    [care] = care_of(anouk.pk)
    assert (care.what, care.sent, care.clicked, care.until) == ("Heating in winter", 2, 1, None)
    assert in_words(care, NOW) == "Heating in winter: 2 mails in 12 days, 1 clicked, goes on"
    assert list(Enrolment.objects.going_on().values_list("person", flat=True)) == [anouk.pk]
    Enrolment.objects.filter(pk=row.pk).update(ended_at=NOW, ended_because="answered")
    assert in_words(care_of(anouk.pk)[0], NOW) == "Heating in winter: 2 mails in 12 days, 1 clicked, answered"
    assert not Enrolment.objects.going_on().exists()


def test_what_a_colleague_noted_is_care(anouk: Person, ann: Member) -> None:
    day = date(2026, 6, 3)
    Noted.objects.create(person=anouk, member=ann, kind="event", what="GreenTech fair", since=day, at=NOW)
    [care] = care_of(anouk.pk)
    assert in_words(care, NOW) == "GreenTech fair: 1 day"
    assert care.by == "Ann de Wit"


def test_mails_that_another_program_sent_are_care_by_campaign(anouk: Person) -> None:
    spring = campaign("Spring", NOW)
    for n in (3, 1):
        record("mail", NOW - n * DAYS, NOW, person=anouk, team=Team.MARKETING, campaign=spring)
    record("mail", NOW, NOW, person=anouk, team=Team.SALES)
    assert [in_words(care, NOW) for care in care_of(anouk.pk)] == ["Spring: 2 mails in 3 days"]
