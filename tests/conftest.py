"""The cast, their company and its agreement, for every test.

Kasbouw Software B.V. of Naaldwijk sells greenhouse-management software, about EUR 40,000 a deal. Ann markets,
Bob sells, Carla manages, Dirk serves, Eva administers; Charlie is a stranger. Today is Tuesday
16 June 2026, 10:40 in Amsterdam.
"""

import os
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.contrib.contenttypes.management import create_contenttypes
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.signals import post_migrate
from django.test import Client, override_settings

from tests.workers import Workers
from tilth.agreement import models as agreements
from tilth.agreement.models import Version
from tilth.people.known import Told, keep
from tilth.people.models import Person
from tilth.team.models import Member, Role

NOW = datetime(2026, 6, 16, 8, 40, tzinfo=UTC)
JOINED = datetime(2025, 12, 1, 8, 0, tzinfo=UTC)
SIGNED = datetime(2026, 1, 2, 9, 0, tzinfo=UTC)
PRESET = Path(agreements.__file__).parent / "presets" / "b2b-software.yaml"
CHROMIUM = Path("/usr/bin/chromium")
LAUNCH = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
]  # fmt: skip
VIOLATIONS = "addEventListener('securitypolicyviolation', e => console.error('CSP: ' + e.violatedDirective + ' ' + e.blockedURI))"


@pytest.fixture(scope="session", autouse=True)
def _quick_settings() -> Iterator[None]:
    """What production needs and tests only wait for: file names with a digest, slow password hashes."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        STORAGES={**settings.STORAGES, "staticfiles": plain},
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """SQLite in a file, as in the field: each thread has its own connection, and locks are real."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"]["NAME"] = str(settings.HOME / "test.sqlite3")


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """For the pages it is NOW, and stays so."""
    monkeypatch.setattr("tilth.web.clock.now", lambda: NOW)
    return NOW


def _member(name: str, role: str) -> Member:
    email = f"{name.split()[0].lower()}@kasbouw.example"
    return Member.objects.create(name=name, email=email, role=role, joined_at=JOINED)


@pytest.fixture
def ann(db: None) -> Member:
    return _member("Ann de Wit", Role.MARKETING)


@pytest.fixture
def bob(db: None) -> Member:
    return _member("Bob Jansen", Role.SALES)


@pytest.fixture
def carla(db: None) -> Member:
    return _member("Carla Smit", Role.MANAGER)


@pytest.fixture
def dirk(db: None) -> Member:
    return _member("Dirk Visser", Role.SERVICE)


@pytest.fixture
def eva(db: None) -> Member:
    return _member("Eva Mulder", Role.ADMIN)


@pytest.fixture
def charlie() -> Client:
    """A stranger: somebody at the door who is no member."""
    return Client()


@pytest.fixture
def cast(ann: Member, bob: Member, carla: Member, dirk: Member, eva: Member) -> dict[str, Member]:
    """Everybody at Kasbouw, by role."""
    return {member.role: member for member in (ann, bob, carla, dirk, eva)}


@pytest.fixture
def preset() -> dict[str, Any]:
    """The agreement that ships with Tilth, to be changed as a test likes: a test about reminders, returns, hours or telling says what was agreed."""
    return deepcopy(_preset())


@lru_cache
def _preset() -> dict[str, Any]:
    return silent(yaml.safe_load(PRESET.read_text()))


def silent(document: dict[str, Any]) -> dict[str, Any]:
    """The document as it was before agreements said what is done in time, what becomes of returns, who is let go, and what is told."""
    sla, later = document["sla"], ("remind_hours", "escalate_hours", "reassign_hours", "late_moves")
    sales = {clause: value for clause, value in sla["sales"].items() if clause not in later}
    out = {part: value for part, value in document.items() if part not in ("recycling", "release", "tell")}
    return out | {"sla": {"marketing": sla["marketing"], "sales": sales}}


@pytest.fixture
def agreement(preset: dict[str, Any], ann: Member, bob: Member) -> Version:
    """The preset, written by Ann, signed by both teams, in force since January."""
    version = Version.write(preset, ann, SIGNED)
    version.sign(ann, "marketing", SIGNED)
    version.sign(bob, "sales", SIGNED)
    return version


@pytest.fixture
def anouk(db: None) -> Person:
    """Anouk Zonneveld, operations manager of a tomato grower: what a good lead looks like."""
    told = Told(
        emails=["anouk@zonneveldtomaten.example"],
        phones=["+31105550142"],
        person={"first_name": "Anouk", "last_name": "Zonneveld", "title": "Operations manager", "country": "NL"},
        company={
            "name": "Zonneveld Tomaten",
            "industry": "Horticulture",
            "employees": 120,
            "country": "NL",
            "city": "Bleiswijk",
        },
    )
    return keep(told, NOW, "typed in")[0]


@pytest.fixture
def client_of() -> Callable[[Member], Client]:
    """A test client that is signed in as a member."""

    def client_of(member: Member) -> Client:
        client = Client()
        client.force_login(member)
        return client

    return client_of


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tables are made at once, without migrations; the lake knows a database by when its first migration was applied.

    Whoever empties all tables afterwards would have Django write a permission for each of them again, which nobody asks for here.
    """
    with django_db_blocker.unblock():
        MigrationRecorder(connection).record_applied("team", "0001_initial")
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.disconnect(create_contenttypes)


def examples(of: int) -> int:
    """How many examples a random test on the database tries: half of them on each, where both are asked."""
    return -(-of // 2) if "TILTH_TEST_WITHOUT" in os.environ else of


@pytest.fixture(scope="module")
def workers(django_db_setup: None) -> Iterator[Workers]:
    """Conveyors in processes of their own, each of which may be killed."""
    workers = Workers(connection.settings_dict)
    yield workers
    workers.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real Chromium: Debian's, else Playwright's own. Gone with the module, and its event loop with it."""
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright keeps an event loop running in this thread
        path = str(CHROMIUM) if CHROMIUM.exists() else None
        try:
            chromium = playwright.chromium.launch(executable_path=path, args=LAUNCH)
        except Error as e:
            if os.environ.get("TILTH_NEEDS_BROWSER"):
                raise
            pytest.skip(f"No Chromium starts here: {e.message.splitlines()[0]}. Install it: apt-get install chromium")
        yield chromium
        chromium.close()


@pytest.fixture
def troubles() -> Iterator[list[str]]:
    """What went wrong in the browser. A test that means it to go wrong clears the list; else it fails."""
    out: list[str] = []
    yield out
    assert not out, out


@pytest.fixture
def page_of(
    browser: Any, live_server: Any, transactional_db: None, troubles: list[str]
) -> Iterator[Callable[..., Any]]:
    """A new page of a member (None: a stranger) that knows where Tilth is: `page_of(bob).goto("/")`."""
    contexts = []

    def page_of(member: Member | None = None, **options: Any) -> Any:
        # Nobody waits for what slides in.
        usual = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"}
        context = browser.new_context(base_url=live_server.url, **{**usual, **options})
        contexts.append(context)
        context.add_init_script(VIOLATIONS)
        if member:
            client = Client()
            client.force_login(member)
            name = settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
        page.on("console", lambda said: troubles.append(f"{page.url}: {said.text}") if said.type == "error" else None)
        return page

    yield page_of
    for context in contexts:
        context.close()
