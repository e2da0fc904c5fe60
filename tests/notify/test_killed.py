"""kill -9 at every named step of telling and sending: nobody is left out, and at most one message comes twice, under its id.

Each worker is a process of its own, on the same database, and is killed for real.
"""

import os
import signal
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from tests.conftest import NOW
from tilth.handoff.verbs import hand_off
from tilth.notify import deliver, digest, endpoints, sending, telling, wall
from tilth.notify.models import Choice, Delivery, Endpoint, Event, Line, Message, Notice
from tilth.people.known import Told, keep

pytestmark = pytest.mark.django_db(transaction=True)
LEADS = 4
MORNING = NOW + timedelta(days=1)

# Where a worker dies: what it calls, and whether before or after that did its work.
STEPS: dict[str, tuple[Any, str, str]] = {
    "before an event is written": (telling, "_event", "before"),
    "an event is written, and not what tells it": (telling, "spread", "before"),
    "all of it is written, and not kept": (telling, "spread", "after"),
    "one fact is told": (telling, "_tell", "after"),
    "all facts of a list are told, and that is not remembered": (telling, "_tell_all", "after"),
    "before a day is gathered": (digest, "_gather", "before"),
    "a day is gathered": (digest, "_gather", "after"),
    "a mail is leased": (deliver, "_claim", "after"),
    "before a mail is sent": (deliver, "_mail", "before"),
    "a mail is written, and not sent": (deliver, "_mail", "after"),
    "a mail is sent, and not marked": (deliver, "_mark", "before"),
    "a mail is marked": (deliver, "_try", "after"),
    "a delivery is leased": (sending, "_claim", "after"),
    "before a delivery is sent": (wall, "post", "before"),
    "a delivery is sent, and not marked": (wall, "post", "after"),
    "a delivery is marked": (sending, "_mark", "after"),
}


def work(now: Any) -> None:
    """What the conveyor does with what is to be told."""
    for stage in (telling, digest, deliver, sending):
        while stage.catch_up(now):
            pass


def in_a_process(what: Callable[[], None]) -> int:
    """Runs it in a new process; returns its id."""
    connections.close_all()
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # newer Pythons warn of forks beside threads; this child starts no lock of theirs
        child = os.fork()
    if child:
        return child
    try:
        what()
    except BaseException as e:
        print(repr(e), file=sys.stderr)
        os._exit(1)
    os._exit(0)


def ended(child: int) -> int:
    """The signal that ended a process; 0 when it came to its end, 1 when it failed."""
    _pid, status = os.waitpid(child, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def dying_at(where: Any, name: str, when: str, now: Any, tell: int | None = None) -> Callable[[], None]:
    """A worker that dies there, and before writes a byte into the pipe `tell`."""

    def worker() -> None:
        real = getattr(where, name)

        def dies(*args: Any, **kwargs: Any) -> Any:
            if tell is not None:
                os.write(tell, b".")
            if when == "after":
                real(*args, **kwargs)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(where, name, dies)
        work(now)

    return worker


@pytest.fixture
def house(agreement, bob, carla, eva, receiver, mail_server):
    """Bob hears of handovers by mail at once and, of the very same, by Slack once a day; the house tells a program."""
    endpoints.set_up("webhook", "The shop", receiver.url, ["handoff"], eva, NOW)
    Endpoint.objects.create(channel="slack", name="Mine", url=receiver.url, member=bob, made_by=bob, made_at=NOW)
    Choice.objects.create(member=bob, what="handoff", channel="mail", how="at_once")
    Choice.objects.create(member=bob, what="handoff", channel="slack", how="digest")
    for n in range(LEADS):
        person = keep(Told(emails=[f"p{n}@firm{n}.example"], person={"first_name": f"Pia {n}"}), NOW, "form")[0]
        hand_off(person, NOW, carla, bob)
    return receiver, mail_server


def check(receiver: Any, mail_server: Any, doubled: int) -> None:
    """Everybody was told of everything, and no more than so many messages came twice."""
    assert Event.objects.filter(what="handoff").count() == LEADS
    assert Notice.objects.count() == LEADS
    assert not Message.objects.filter(sent_at=None).exists()
    assert not Delivery.objects.filter(sent_at=None).exists()
    assert not Line.objects.filter(message=None, delivery=None).exists()
    hooks = Counter(key for key in receiver.ids if key)
    mails = Counter(mail_server.subjects)
    days = Counter(body["text"] for body in receiver.bodies if "blocks" in body)
    assert (len(hooks), len(mails)) == (LEADS, LEADS)
    assert sorted(line for day in days for line in day.split("\n")) == sorted(mails)
    assert sum(sum(many.values()) - len(many) for many in (hooks, mails, days)) <= doubled
    ids = Counter(mail["Message-ID"] for mail in mail_server.mails)
    assert len(ids) == LEADS  # whoever gets one twice sees that it is the same


@pytest.mark.parametrize("step", list(STEPS))
def test_a_kill_loses_nothing_and_doubles_at_most_one(house, step):
    where, name, when = STEPS[step]
    moments = [NOW, MORNING] if where is digest else [NOW]
    killed = [ended(in_a_process(dying_at(where, name, when, now))) for now in moments]
    assert killed[-1] == signal.SIGKILL
    work(MORNING)
    work(MORNING + deliver.LEASE + sending.LEASE)
    work(MORNING + timedelta(days=1))
    check(*house, doubled=1)


def test_two_workers_at_once_tell_and_send_each_once(house):
    children = [in_a_process(lambda: work(MORNING - timedelta(hours=23))) for _n in range(2)]
    assert [ended(child) for child in children] == [0, 0]
    children = [in_a_process(lambda: work(MORNING)) for _n in range(2)]
    assert [ended(child) for child in children] == [0, 0]
    check(*house, doubled=0)


def test_one_of_two_workers_is_killed_between_sending_and_marking(house):
    """The second one starts while the first one sends: earlier, it might do all of it alone."""
    at = NOW + timedelta(hours=1)
    told, tell = os.pipe()
    dying = in_a_process(dying_at(wall, "post", "after", at, tell))
    os.close(tell)
    with os.fdopen(told, "rb") as sends:
        assert sends.read(1)
    living = in_a_process(lambda: work(at))
    assert (ended(dying), ended(living)) == (signal.SIGKILL, 0)
    work(MORNING)
    work(MORNING + sending.LEASE)
    check(*house, doubled=1)
