"""Every lead that somebody has already gets its place in the queue."""

from math import log2
from typing import Any

from django.db import migrations

USUAL_HOURS = 72  # of an agreement that does not say how fast a lead fades


def rank_holdings(apps: Any, schema_editor: Any) -> None:
    holdings = apps.get_model("handoff", "Holding").objects.select_related("handoff")
    versions = apps.get_model("agreement", "Version").objects.in_bulk()
    ranked = list(holdings)
    for holding in ranked:
        handoff = holding.handoff
        hours = versions[handoff.version_id].document["expected"].get("fades_hours", USUAL_HOURS)
        holding.rank = log2(max(handoff.value, 1)) + handoff.at.timestamp() / 3600 / hours
    apps.get_model("handoff", "Holding").objects.bulk_update(ranked, ["rank"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("handoff", "0004_the_way_back"), ("agreement", "0001_initial")]
    operations = [migrations.RunPython(rank_holdings, migrations.RunPython.noop)]
