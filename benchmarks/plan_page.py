"""The plan's page while somebody types: what follows is worked out anew, with its chance, for a plan of twelve conversion points.

    python benchmarks/plan_page.py [--typed 200]

Asks in one process, as one who types asks: milliseconds by the clock (median and 95th percentile), CPU seconds each, and what the process has in
memory before and after it took NumPy. Without NumPy is the same page as long as nobody asks for a chance.
"""

import argparse
import resource
import time
from datetime import UTC, datetime
from statistics import quantiles

from databases import house

POINTS = 12


def typed(n: int) -> dict[str, str]:
    """What stands in the fields after the n-th key."""
    out = {
        "goal": str(5_000_000 + n), "value": "40000", "first": "2026-01-01", "last": "2027-12-31",
        "hours": "186", "visitors": "300000", "budget": "400000", "revision": "0",
    }  # fmt: skip
    for i in range(POINTS):
        told = {
            "name": f"Point {i}", "share": str(i + 1), "lead_rate": f"{i + 1}%", "to_sql": "1/5", "to_won": "1/4", "hours": str(2 + i % 4),
            "cost": "20", "most": "900",
        }  # fmt: skip
        out |= {f"points.{i}.{name}": value for name, value in told.items()}
    return out


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def asked(client, url: str, times: int) -> None:
    walls, cpu = [], time.process_time()
    for n in range(times):
        began = time.perf_counter()
        answer = client.post(url, typed(n))
        walls.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, answer.status_code
    cpu = (time.process_time() - cpu) / times
    cuts = quantiles(walls, n=20)
    name = "as one types, with the chance" if "new" not in url else "as one types, without it"
    print(f"{name:32} median {cuts[9]:6.1f} ms  p95 {cuts[18]:6.1f} ms  {cpu:.3f} CPU s each  {megabytes():.0f} MB")


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--typed", type=int, default=200)
    said = ask.parse_args()
    with house(False):
        from django.conf import settings
        from django.test import Client

        from tilth.agreement import presets
        from tilth.agreement.models import Version
        from tilth.core.planning import Past
        from tilth.plan import versions
        from tilth.team.models import Member, Role

        settings.ALLOWED_HOSTS = ["testserver"]
        now = datetime.now(UTC)
        ann = Member.objects.create(name="Ann", email="ann@kasbouw.example", role=Role.MARKETING, joined_at=now)
        bob = Member.objects.create(name="Bob", email="bob@kasbouw.example", role=Role.SALES, joined_at=now)
        version = Version.write(presets.load("b2b-software"), ann, now)
        version.sign(ann, "marketing", now)
        version.sign(bob, "sales", now)
        document = {"goal": "5000000", "value": "40000", "first": "2026-01-01", "last": "2027-12-31"}
        goal = versions.begin(document, Past(), ann, now)
        client = Client()
        client.force_login(ann)
        asked(client, "/plan/new/follows/", said.typed)
        began = time.perf_counter()
        client.post(f"/plan/{goal.pk}/follows/", typed(0))
        print(
            f"{'the first that takes NumPy':32} {time.perf_counter() - began:.1f} s by the clock, {megabytes():.0f} MB after it"
        )
        asked(client, f"/plan/{goal.pk}/follows/", said.typed)


if __name__ == "__main__":
    main()
