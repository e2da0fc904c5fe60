"""Is everybody in this Tilth where a replay of the running version ends? Run in a process that has its settings.

Prints "<people> people, <different> different"; the live standing is brought up to the replay's moment first.
"""

from datetime import UTC, datetime

import django

django.setup()

from django.db import transaction  # noqa: E402

from tilth.agreement import drafts  # noqa: E402
from tilth.agreement.models import running  # noqa: E402
from tilth.insight import backtests  # noqa: E402
from tilth.insight.compared import Compared, stands  # noqa: E402
from tilth.qualify.catch_up import evaluate  # noqa: E402
from tilth.qualify.models import Standing  # noqa: E402

now = datetime.now(UTC)
version = running(now)
assert version is not None
row = backtests.ask(drafts.open_draft(version.document, None, now, version), None, now)
while backtests.catch_up(now):
    pass
row.refresh_from_db()
assert row.state == "done", row.why
people = list(Standing.objects.order_by("pk").values_list("pk", flat=True))
with transaction.atomic():
    evaluate(people, version, now)
replayed, different = stands(Compared(row), "running", people), 0
for standing in Standing.objects.all():
    mine = replayed.get(standing.pk)
    same = mine and (mine.grade, mine.level, mine.action) == (standing.grade, standing.level, standing.action)
    near = mine and abs(mine.interest - standing.interest_points) <= 1e-9 * max(1.0, abs(mine.interest))
    different += not (same and near)
print(f"{len(people)} people, {different} different")
