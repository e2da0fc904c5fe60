from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from tests.conftest import JOINED
from tilth.agreement.models import Version
from tilth.capture import spool
from tilth.capture.models import Spooled
from tilth.capture.parcels import Parcel
from tilth.notify.models import Message
from tilth.notify.outbox import put
from tilth.site import doctor, working
from tilth.site.doctor import Finding
from tilth.team.models import Member


def only(findings: Iterator[Finding]) -> Finding:
    (found,) = findings
    return found


def test_a_mend_stands_under_what_it_mends() -> None:
    assert doctor.fine("All is well.").line() == "fine     All is well."
    assert doctor.error("It broke.", "Mend it.").line() == "error    It broke.\n         Mend: Mend it."


def test_every_trouble_says_how_to_mend_it(db: None) -> None:
    assert [f.what for f in doctor.examine() if f.level != "fine" and not f.mend] == []


def test_an_empty_house_lacks_people_and_an_agreement(db: None) -> None:
    lacks = [f.what for f in doctor.examine() if f.level == "warning"]
    assert "No agreement is in force, so nothing is qualified or handed off." in lacks
    assert "There is nobody in marketing." in lacks
    assert "There is nobody in sales." in lacks


def test_a_house_with_people_and_an_agreement_is_fine(agreement: Version, ann: Member, bob: Member) -> None:
    assert only(doctor.agreement()).what == "Agreement 1 is in force."
    assert {f.level for f in doctor.members()} == {"fine"}


def test_a_member_who_left_is_nobody(ann: Member, bob: Member) -> None:
    bob.is_active = False
    bob.save()
    assert [f.level for f in doctor.members()] == ["fine", "warning"]


def test_mail_that_goes_nowhere_is_said(db: None, settings: Any) -> None:
    assert only(doctor.mail()).level == "warning"
    settings.MAIL = {"backend": "django.core.mail.backends.locmem.EmailBackend"}
    assert only(doctor.mail()).level == "error"
    settings.MAIL_FROM = "Kasbouw <mail@kasbouw.example>"
    assert only(doctor.mail()).level == "fine"
    put("one", "nobody@kasbouw.example", "Subject", "Text", "", JOINED)
    Message.objects.update(given_up_at=JOINED)
    assert "1 mail could not be sent." in only(doctor.mail()).what


def test_a_silent_conveyor_is_an_error(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    assert only(doctor.conveyor()).level == "error"
    working.beat()
    assert only(doctor.conveyor()).level == "fine"


def test_it_says_what_waits_while_the_database_is_away(
    transactional_db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HOME = tmp_path
    assert only(doctor.waiting()).level == "fine"
    spool.Spool().append([Parcel(None, JOINED, "/v1/batch", b"{}", "")], JOINED)
    assert only(doctor.waiting()).what == "1 deliveries wait in the spool, since 2025-12-01 08:00 UTC."
    spool.folder().rename(tmp_path / "spool" / "other")
    fine, moved = doctor.waiting()
    assert (fine.level, moved.level) == ("fine", "warning")
    assert str(spool.folder()) in moved.mend

    def away() -> None:
        raise OperationalError("connection refused")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "ensure_connection", away)
        patch.setattr(Spooled.objects.__class__, "values_list", lambda *_: away(), raising=False)
        found = [finding.what for finding in doctor.examine()]
    assert found[-3:] == [fine.what, moved.what, "The database does not answer: connection refused."]


def test_a_heartbeat_grows_old(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.HOME = tmp_path
    working.beat()
    monkeypatch.setattr(working, "QUIET", timedelta(0))
    assert only(doctor.conveyor()).level == "error"


def test_a_home_that_is_not_there_is_an_error(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path / "missing"
    assert only(doctor.home()).level == "error"
    assert only(doctor.disk()).what.endswith("missing.")


def test_a_full_disk_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 100_000_000}))
    assert only(doctor.disk()).level == "error"


def test_a_short_secret_is_an_error(settings: Any) -> None:
    settings.SECRET_KEY = "abc"
    assert only(doctor.secret()).level == "error"


def test_a_secret_that_others_can_read_is_an_error(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    (tmp_path / "secret.key").write_text("x")
    (tmp_path / "secret.key").chmod(0o644)
    found = only(doctor.secret())
    assert (found.level, found.mend) == ("error", f"chmod 600 {tmp_path}/secret.key")


@pytest.mark.parametrize(("hosts", "level"), [(["*"], "warning"), ([], "error"), (["crm.kasbouw.example"], "fine")])
def test_the_names_of_the_house_are_looked_at(settings: Any, hosts: list[str], level: str) -> None:
    settings.ALLOWED_HOSTS = hosts
    assert only(doctor.hosts()).level == level


def test_a_reachable_house_without_https_is_warned(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "[::1]", "crm.kasbouw.example"]
    found = only(doctor.https())
    assert found.level == "warning"
    assert found.what == "Passwords travel in the clear to crm.kasbouw.example."


def test_https_without_a_word_from_the_proxy_would_go_round_in_circles(settings: Any) -> None:
    settings.HTTPS = True
    assert only(doctor.https()).level == "error"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert only(doctor.https()).level == "fine"


def test_a_proxy_that_is_not_believed_makes_all_visitors_one(settings: Any) -> None:
    assert only(doctor.proxies()).level == "fine"
    settings.HTTPS = True
    assert only(doctor.proxies()).level == "warning"
    settings.PROXIES = 1
    assert only(doctor.proxies()).level == "fine"


def test_debugging_in_the_open_is_an_error(settings: Any) -> None:
    settings.DEBUG = True
    assert [f.level for f in doctor.django() if "W018" in f.what] == ["error"]


def test_the_settings_as_they_ship_pass_djangos_own_check() -> None:
    assert list(doctor.django()) == []


def test_a_database_that_does_not_answer_ends_the_examination(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("connection refused\nIs the server running?")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "ensure_connection", refuse)
        last = doctor.examine()[-1]
    assert (last.level, last.what) == ("error", "The database does not answer: connection refused.")


def test_an_older_database_is_an_error(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tilth.site.opening.lags_behind", lambda: True)
    assert [f.level for f in doctor.database()] == ["fine", "error"]


def test_an_engine_that_cannot_be_had_is_an_error(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert only(doctor.engine()).line() == "fine     Figures are worked out by duckdb."
    settings.ENGINE = "duck"
    assert "nobody is" in only(doctor.engine()).what
    settings.ENGINE = "spark:local[2]"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "bin/spark" in only(doctor.engine()).mend
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert "Java 17" in only(doctor.engine()).mend
    monkeypatch.setattr("shutil.which", lambda name: name)
    assert only(doctor.engine()).level == "fine"
