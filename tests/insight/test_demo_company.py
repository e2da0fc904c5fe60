"""On the demo company, lived through: where the replay ends is where everybody stands, person by person."""

import importlib

import pytest
from django.db import transaction

from tests.conftest import NOW
from tilth.agreement import drafts
from tilth.agreement.models import running
from tilth.insight import backtests
from tilth.insight.compared import Compared, stands
from tilth.qualify.catch_up import evaluate
from tilth.qualify.models import Standing


def test_live_and_replayed_agree_on_everybody(transactional_db, tmp_path, settings, monkeypatch):
    settings.HOME = tmp_path
    demo = importlib.import_module("tilth.demo.build")
    monkeypatch.setattr(demo, "WEEKS", 4)  # of ten: less than half of the time
    demo.build(NOW, lambda said, far: None)
    version = running(NOW)
    assert version is not None
    people = list(Standing.objects.order_by("pk").values_list("pk", flat=True))
    with transaction.atomic():
        evaluate(people, version, NOW)
    row = backtests.ask(drafts.open_draft(version.document, None, NOW, version), None, NOW)
    while backtests.catch_up(NOW):
        pass
    row.refresh_from_db()
    assert (row.state, row.why) == ("done", "")
    replayed = stands(Compared(row), "running", people)
    assert len(people) > 300
    for standing in Standing.objects.order_by("pk"):
        mine = replayed[standing.pk]
        assert (mine.grade, mine.level, mine.action) == (standing.grade, standing.level, standing.action), standing
        assert mine.interest == pytest.approx(standing.interest_points, rel=1e-9), standing
