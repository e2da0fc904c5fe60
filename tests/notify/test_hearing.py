"""How a member hears: as they chose, at least as both teams agreed, in their time; by mail at once or once a day."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import JOINED, NOW
from tilth import conveyor
from tilth.agreement.models import Version
from tilth.core.telling import AT_ONCE, DIGEST, MAIL, NOT
from tilth.deals.verbs import undo
from tilth.handoff.models import Handoff
from tilth.handoff.verbs import hand_off, return_lead
from tilth.notify import deliver, digest
from tilth.notify.channels.mail import writing
from tilth.notify.events import standing, stands
from tilth.notify.hearing import ears
from tilth.notify.models import Choice, Event, Hours, Line, Message, Notice
from tilth.people.known import Told, keep
from tilth.people.models import Person
from tilth.privacy import erasures
from tilth.team.models import Absence, Member, Week

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MORNING = datetime(2026, 6, 17, 8, 30, tzinfo=AMSTERDAM).astimezone(UTC)
NIGHT = datetime(2026, 6, 16, 22, 0, tzinfo=AMSTERDAM).astimezone(UTC)


@pytest.fixture
def agreed(preset, ann, bob):
    """Puts an agreement in force that says what must be told."""

    def agreed(**tell: str) -> Version:
        document = {k: v for k, v in preset.items() if k != "tell"} | ({"tell": tell} if tell else {})
        version = Version.write(document, ann, JOINED)
        version.sign(ann, "marketing", NOW - timedelta(days=30))
        version.sign(bob, "sales", NOW - timedelta(days=30))
        return version

    return agreed


def wants(member: Member, **by_channel: str) -> None:
    for name, how in by_channel.items():
        what, channel = name.split("_")
        Choice.objects.create(member=member, what=what, channel=channel, how=how)


def another(n: int) -> Person:
    told = Told(emails=[f"p{n}@firm{n}.example"], person={"first_name": f"Pia {n}"}, company={"name": f"Firm {n}"})
    return keep(told, NOW, "form")[0]


def hand_over(person: Person, bob: Member, carla: Member, at: datetime = NOW) -> None:
    hand_off(person, at, carla, bob)
    conveyor.run_dry(at)


def test_what_nobody_chose_is_told_on_the_page_only(agreed, anouk, bob, carla):
    agreed()
    hand_over(anouk, bob, carla)
    assert Notice.objects.filter(member=bob).count() == 1
    assert not Message.objects.exists()


def test_what_both_teams_agreed_comes_by_mail_too_whatever_somebody_chose(agreed, anouk, bob, carla):
    agreed(handoff=AT_ONCE)
    wants(bob, handoff_mail=NOT, handoff_page=NOT)
    hand_over(anouk, bob, carla)
    assert Notice.objects.get(member=bob).event.what == "handoff"
    assert Message.objects.get().to == bob.email


def test_who_chose_not_to_hear_of_it_does_not(agreed, anouk, bob, carla):
    agreed()
    wants(bob, handoff_page=NOT)
    hand_over(anouk, bob, carla)
    assert Event.objects.filter(what="handoff").exists()
    assert not Notice.objects.filter(member=bob).exists()


def test_a_mail_says_it_as_text_and_as_html_and_answers_go_to_who_did_it(agreed, anouk, bob, carla, mail_server):
    agreed(handoff=AT_ONCE)
    anouk.first_name = "Anouk <script>"
    anouk.save()
    hand_over(anouk, bob, carla)
    deliver.catch_up(NOW)
    (mail,) = mail_server.mails
    assert mail["Subject"].startswith("Yours: Anouk <script> Zonneveld")
    assert mail["Reply-To"] == "Carla Smit <carla@kasbouw.example>"
    text, html = (part.get_content() for part in mail.iter_parts())
    assert f"/people/{anouk.pk}/" in text
    assert "You hear of it because you have this lead." in text
    assert "Anouk &lt;script&gt;" in html
    assert "<script>" not in html


def test_at_night_it_waits_for_the_morning(agreed, anouk, bob, carla, mail_server):
    agreed(handoff=AT_ONCE)
    hand_over(anouk, bob, carla, NIGHT)
    seven = datetime(2026, 6, 17, 7, 0, tzinfo=AMSTERDAM)
    assert Message.objects.get().due_at == seven
    assert Notice.objects.filter(member=bob).count() == 1  # a page makes no noise
    assert deliver.catch_up(seven - timedelta(seconds=1)) == 0
    assert deliver.catch_up(seven) == 1


def test_own_hours_own_zone_and_own_quiet_hours_count(agreed, anouk, bob, carla):
    agreed(handoff=AT_ONCE)
    Week.objects.create(member=bob, zone="America/New_York")
    Hours.objects.create(member=bob, begins=time(0), ends=time(6), days_off=False)
    hand_over(anouk, bob, carla)  # 04:40 in New York
    assert Message.objects.get().due_at == datetime(2026, 6, 16, 6, 0, tzinfo=ZoneInfo("America/New_York"))


def test_who_is_on_leave_hears_of_it_when_they_are_back(agreed, anouk, bob, carla):
    agreed(handoff=DIGEST)
    Absence.objects.create(member=bob, first=NOW.date(), last=datetime(2026, 6, 18, tzinfo=UTC).date())
    hand_over(anouk, bob, carla)
    assert Line.objects.get().due_at == datetime(2026, 6, 19, 8, 30, tzinfo=AMSTERDAM)


def test_once_a_day_all_of_it_comes_in_one_mail(agreed, anouk, bob, carla, mail_server):
    agreed()
    wants(bob, handoff_mail=DIGEST, due_mail=DIGEST)
    for person in (anouk, another(1), another(2)):
        hand_over(person, bob, carla)
    assert not Message.objects.exists()
    assert digest.catch_up(MORNING - timedelta(seconds=1)) == 0
    assert digest.catch_up(MORNING) == 1
    assert digest.catch_up(MORNING) == 0
    assert deliver.catch_up(MORNING) == 1
    (mail,) = mail_server.mails
    assert mail["Subject"] == "Your day: 3 lines"
    text, html = (part.get_content() for part in mail.iter_parts())
    assert text.count("- Yours: ") == 3
    assert "A LEAD IS HANDED OVER" in text
    assert html.count("<li") == 3


def test_what_was_undone_or_whoever_was_erased_is_not_in_the_mail_of_the_day(
    agreed, anouk, bob, ann, carla, mail_server
):
    version = agreed()
    wants(ann, returned_mail=DIGEST)
    people = [anouk, another(1), another(2)]
    for person in people:
        hand_over(person, bob, carla)
        done = return_lead(person.handoffs.get(), bob, version.terms.return_reasons[0].id, "", NOW)
        conveyor.run_dry(NOW)
    undo(done.entry, bob, NOW)
    assert digest.catch_up(MORNING) == 1
    erasures.begin(anouk, carla, NOW)
    assert deliver.catch_up(MORNING) == 1
    text = mail_server.mails[0].get_body(("plain",)).get_content()
    assert "Pia 1" in text
    assert "Pia 2" not in text
    assert "Anouk" not in text


def test_a_day_of_which_nothing_is_left_sends_no_mail(agreed, anouk, bob, ann, carla, mail_server):
    version = agreed()
    wants(ann, returned_mail=DIGEST)
    hand_over(anouk, bob, carla)
    done = return_lead(anouk.handoffs.get(), bob, version.terms.return_reasons[0].id, "", NOW)
    conveyor.run_dry(NOW)
    undo(done.entry, bob, NOW)
    digest.catch_up(MORNING)
    deliver.catch_up(MORNING)
    assert mail_server.mails == []
    assert Message.objects.get().trouble == deliver.UNDONE


def test_a_mail_that_waits_for_the_morning_is_not_sent_when_it_was_undone(agreed, anouk, bob, ann, carla, mail_server):
    version = agreed(returned=AT_ONCE)
    hand_over(anouk, bob, carla)
    done = return_lead(anouk.handoffs.get(), bob, version.terms.return_reasons[0].id, "", NIGHT)
    conveyor.run_dry(NIGHT)
    undo(done.entry, bob, NIGHT)
    while deliver.catch_up(MORNING):
        pass
    assert mail_server.mails == []


def test_who_left_is_sent_nothing_any_more(agreed, anouk, bob, carla, mail_server):
    agreed(handoff=AT_ONCE)
    wants(bob, due_mail=DIGEST)
    hand_over(anouk, bob, carla)
    Line.objects.create(
        member=bob, event=Event.objects.get(what="handoff"), channel="mail", why="holds", due_at=MORNING
    )
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    deliver.catch_up(NOW)
    digest.catch_up(MORNING)
    assert mail_server.mails == []
    assert not Line.objects.exists()


def test_the_cost_of_hearing_does_not_grow_with_the_number_of_colleagues(agreed, bob, django_assert_max_num_queries):
    agreed()
    many = [Member.objects.create(name=f"M {n}", email=f"m{n}@kasbouw.example", role="sales", joined_at=JOINED) for n in range(20)]  # fmt: skip
    with django_assert_max_num_queries(8):
        assert len(ears(many, NOW)) == 20


def written(message: Message) -> int:
    """The mail of a day, asked for in two questions: its lines, and which handoffs still stand; returns how many it says."""
    rows = writing.left(message)
    assert writing.several(rows, AMSTERDAM)
    return len(rows)


def test_the_questions_do_not_grow_with_the_lines(agreed, anouk, bob, carla, django_assert_num_queries):
    agreed()
    wants(bob, handoff_mail=DIGEST, due_mail=DIGEST)
    for n in range(1, 4):
        hand_over(another(n), bob, carla)
    assert digest.catch_up(MORNING) == 1
    message = Message.objects.get()
    with django_assert_num_queries(2):
        assert written(message) == 3
    for n in range(4, 12):
        hand_over(another(n), bob, carla)
    Line.objects.filter(channel=MAIL).update(message=message)
    with django_assert_num_queries(2):
        assert written(message) == 11


def test_only_those_that_stand_are_named_and_a_fact_that_is_taken_always_stands(agreed, anouk, bob, carla):
    agreed()
    hand_over(anouk, bob, carla)
    event = Event.objects.get(what=Event.What.HANDOFF)
    gone = Event.objects.create(what=Event.What.HANDOFF, row="handoff 999999", at=NOW, told_at=NOW)
    unknown = Event.objects.create(what=Event.What.TRIAL, row="trial 1", at=NOW, told_at=NOW + timedelta(hours=1))
    assert Handoff.objects.filter(pk=int(event.row.split()[1])).exists()
    assert standing([event, gone, unknown]) == {event.pk, unknown.pk}
    assert (stands(event), stands(gone)) == (True, False)
