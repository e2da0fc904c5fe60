"""Erased means everywhere: every table, every file, every Parquet file, the database's own file."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as configured
from django.db import connection

from tests.conftest import NOW
from tests.privacy.conftest import MAIL, SECRETS
from tilth import conveyor
from tilth.capture import imports
from tilth.capture.models import FailedRow, Import, Received
from tilth.capture.parcels import Parcel
from tilth.capture.spool import Spool
from tilth.consent.models import Act, Consent, Purpose, record
from tilth.deals.merging import merge
from tilth.deals.models import Deal
from tilth.forms.models import Submission
from tilth.handoff.models import Acceptance, Handoff, Holding
from tilth.handoff.verbs import log_contact
from tilth.insight import export
from tilth.people import suppressed
from tilth.people.known import Told, keep
from tilth.people.models import Company, Person, Sighting, Visitor
from tilth.privacy import erasures, takeouts
from tilth.privacy.models import Erasure
from tilth.promises.models import Settlement
from tilth.qualify.models import StageChange, Standing
from tilth.touches.models import Origin, Touch


def erased(person: Person, now=NOW) -> Erasure:
    row = erasures.begin(person, None, now)
    for _ in range(1_000):
        if not erasures.catch_up(now):
            break
    row.refresh_from_db()
    assert row.finished_at
    return row


def found_in_tables() -> list[str]:
    """table.column of every value in which somebody can be found."""
    out = []
    for model in apps.get_models():
        for row in model._base_manager.values():
            for column, value in row.items():
                text = bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)
                out += [f"{model._meta.label}.{column}: {secret}" for secret in SECRETS if secret in text.lower()]
    return out


def found_in_files(folder: Path) -> list[str]:
    out = []
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            if path.suffix == ".parquet":
                import pyarrow.parquet as pq

                content += json.dumps(pq.read_table(path).to_pydict(), default=str).encode()
            out += [f"{path.name}: {secret}" for secret in SECRETS if secret.encode() in content.lower()]
    return out


def test_they_are_in_every_place_before(quirine, tmp_path):
    export.catch_up(NOW)
    tables = found_in_tables()
    for place in ("people.Person.first_name", "people.Email", "capture.Received.body", "touches.Touch.properties", "journal.Entry.data",
                  "forms.Submission.said", "notify.Message.to", "consent.Consent.text", "deals.Deal.name", "people.Learned.values", "people.Visitor.key"):  # fmt: skip
        assert any(found.startswith(place) for found in tables), place
    assert any("parquet" in found for found in found_in_files(tmp_path))


def test_nothing_of_them_is_left_anywhere(quirine, tmp_path):
    export.catch_up(NOW)
    takeouts.ask(quirine, None, NOW)
    while takeouts.catch_up(NOW):
        pass
    leads = Import.objects.create(kind="leads", name="fair.csv", path=str(imports.home() / "fair.csv"), at=NOW, started_at=NOW, failed=1, done=1)  # fmt: skip
    FailedRow.objects.create(run=leads, line=3, reason="no date", cells=[MAIL, "Quirine", "Vandersloot"])
    (imports.home() / "fair.csv").write_text(f"email,name\nilse@bos.example,Ilse\n{MAIL},Quirine Vandersloot\n")
    spooled = {
        "batch": [{"type": "track", "event": "Orchids", "userId": "u-q-4711"}, {"type": "page", "userId": "u-ilse"}]
    }
    Spool().append([Parcel(None, NOW, "/v1/batch", json.dumps(spooled).encode(), "")], NOW)
    erased(quirine)
    assert found_in_tables() == []
    assert found_in_files(tmp_path) == []
    assert (imports.home() / "fair.csv").read_text().startswith("email,name\nilse@bos.example,Ilse\n   ")
    if connection.vendor == "sqlite":
        assert [
            s for s in SECRETS if s.encode() in Path(configured.DATABASES["default"]["NAME"]).read_bytes().lower()
        ] == []


def test_the_others_are_as_they_were(quirine):
    ilse = Person.objects.get(emails__address="ilse@bos.example")
    before = list(Touch.objects.filter(person=ilse).values("id", "at", "kind", "evidence"))
    erased(quirine)
    assert list(Touch.objects.filter(person=ilse).values("id", "at", "kind", "evidence")) == before
    assert Touch.objects.get(person=ilse).properties == {"email": "ilse@bos.example", "form": "demo", "referred_by": ""}
    assert Submission.objects.count() == 0
    [kept] = Received.objects.all()
    assert [e.get("userId") for e in json.loads(bytes(kept.body))["batch"]] == [None, "u-ilse", None]


def test_what_others_count_stays_counted(quirine):
    before = {m: m.objects.count() for m in (Handoff, Acceptance, Deal, StageChange)}
    settled = set(Settlement.objects.values_list("obligation", "kept", "void", "at"))
    calls = Touch.objects.filter(team="sales").count()
    erased(quirine)
    assert {m: m.objects.count() for m in before} == before
    assert settled <= set(Settlement.objects.values_list("obligation", "kept", "void", "at"))
    since = Settlement.objects.exclude(obligation__in=[row[0] for row in settled])
    assert list(since.values_list("void", "evidence")) == [(True, "erased")] * len(
        since
    )  # was open, and nobody owes it now
    assert Touch.objects.filter(team="sales").count() == calls
    assert Deal.objects.get().amount == 5_000_00
    assert not Holding.objects.exists()
    assert not Standing.objects.filter(person=quirine.pk).exists()


def test_making_everything_anew_changes_nothing(quirine):
    erased(quirine)
    conveyor.run_dry(NOW)
    before = _projections()
    conveyor.rebuild(NOW)
    assert _projections() == before


def _projections() -> dict[str, list]:
    settled = Settlement.objects.order_by("obligation").values("obligation", "at", "kept", "void", "evidence")
    rows = {
        m.__name__: list(m.objects.order_by("pk").values()) for m in (Handoff, StageChange, Holding, Standing, Origin)
    }
    return {**rows, "Settlement": list(settled)}


def test_they_do_not_come_back_by_themselves(quirine, send):
    erased(quirine)
    for way in (Told(emails=[MAIL]), Told(ids=[("crm", "c-quirine-0001")])):
        with pytest.raises(suppressed.Suppressed):
            keep(way, NOW, "form")
    assert suppressed.is_suppressed(visitors=["b-q-77777"])


def test_who_only_was_here_too_long_may_come_back(quirine):
    erasures.begin(quirine, None, NOW, remember=False)
    assert keep(Told(emails=[MAIL]), NOW, "form")[1]


def test_it_goes_on_after_being_stopped_anywhere(quirine, tmp_path, monkeypatch):
    """Every step is done, killed before it is written down, and done again."""
    export.catch_up(NOW)
    monkeypatch.setattr(erasures, "SECONDS", -1.0)
    row = erasures.begin(quirine, None, NOW)
    steps = 0
    while not Erasure.objects.get().finished_at:
        fresh = Erasure.objects.get()
        erasures.STEPS[erasures.Step(fresh.step)](fresh, NOW)  # and died
        erasures.catch_up(NOW)
        steps += 1
        assert steps < 500
    assert found_in_tables() == []
    assert found_in_files(tmp_path) == []
    row.refresh_from_db()
    assert row.ways == {}
    assert row.percent == 100


def test_somebody_elses_consent_at_the_same_browser_stays(quirine):
    other = Person.objects.get(emails__address="ilse@bos.example")
    visitor = Visitor.objects.get(key="b-q-77777")
    record(Act.GIVEN, Purpose.TRACKING, NOW, NOW, person=other, visitor=visitor)
    record(Act.GIVEN, Purpose.TRACKING, NOW, NOW, visitor=visitor)
    erased(quirine)
    assert list(Consent.objects.values_list("person", "visitor")) == [(other.pk, None)]


def test_a_company_that_is_known_for_nothing_else_goes_too(anouk, transactional_db, tmp_path):
    erased(anouk)
    assert not Company.objects.exists()


def test_a_promise_that_nobody_can_keep_any_more_is_void(agreement, anouk, bob, transactional_db):
    from tilth.handoff.verbs import hand_off

    hand_off(anouk, NOW, bob, bob)
    conveyor.run_dry(NOW)
    erased(anouk, NOW + timedelta(minutes=5))
    conveyor.run_dry(NOW + timedelta(days=30))
    settled = Settlement.objects.filter(obligation__handoff__isnull=False)
    assert {s.obligation.kind: (s.void, s.kept, s.evidence) for s in settled} == dict.fromkeys(
        ("first_contact", "verdict", "follow_up"), (True, False, "erased")
    )


def test_who_was_merged_is_erased_under_both_numbers(quirine, bob):
    told = Told(emails=["q.vandersloot@private.example"], person={"first_name": "Quirine"})
    other = keep(told, NOW, "typed in", bob)[0]
    log_contact(other, bob, "call", NOW, "reached", "Quirine called from home")
    merge(quirine, other, bob, NOW)
    assert found_in_tables()
    erased(quirine)
    assert found_in_tables() == []


def test_what_was_written_while_they_were_erased_goes_with_the_last_step(quirine):
    row = erasures.begin(quirine, None, NOW)
    Touch.objects.create(
        person_id=quirine.pk, at=NOW, kind="page", team="person", learned_at=NOW, url="https://x.example/orchids"
    )
    while erasures.catch_up(NOW):
        pass
    row.refresh_from_db()
    assert row.finished_at
    assert found_in_tables() == []


def test_who_used_the_same_browser_later_keeps_what_is_theirs(quirine, send):
    send(
        {"type": "identify", "userId": "u-jan", "anonymousId": "b-q-77777", "traits": {"email": "jan@bos.example", "company": {"name": "Bos"}}},
        {"type": "page", "userId": "u-jan", "anonymousId": "b-q-77777"},
    )  # fmt: skip
    jan = Person.objects.get(emails__address="jan@bos.example")
    mine = (
        Touch.objects.filter(person=jan),
        Visitor.objects.filter(person=jan),
        Sighting.objects.filter(visitor__person=jan),
        jan.learned,
    )
    before = [list(rows.order_by("pk").values_list("pk", flat=True)) for rows in mine]
    companies = Company.objects.get(name="Bos").learned.count()
    erased(quirine)
    assert [list(rows.order_by("pk").values_list("pk", flat=True)) for rows in mine] == before
    assert Company.objects.get(name="Bos").learned.count() == companies
    assert [e for e in _sent() if e.get("userId") == "u-jan"]
    assert [found for found in found_in_tables() if "b-q-77777" not in found] == []  # the browser is Jan's, too


def _sent() -> list[dict]:
    return [event for row in Received.objects.all() for event in json.loads(bytes(row.body))["batch"]]
