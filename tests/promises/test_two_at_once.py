"""Several conveyors at once keep one ledger."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from tests.conftest import NOW
from tilth.handoff.models import Handoff
from tilth.handoff.verbs import log_contact, return_lead
from tilth.promises.catch_up import catch_up
from tilth.promises.models import Obligation, Settlement

WORKERS = 4


def all_at_once(now) -> None:
    together = Barrier(WORKERS)

    def work(_: int) -> None:
        together.wait()
        try:
            catch_up(now)
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(WORKERS)))


@pytest.mark.django_db(transaction=True)
def test_four_conveyors_owe_and_settle_everything_once(lead_of, agreement, bob):
    handoffs = [lead_of(n, NOW) for n in range(6)]
    Obligation.objects.all().delete()
    all_at_once(NOW)
    assert Obligation.objects.filter(handoff__isnull=False).count() == 3 * Handoff.objects.count() == 18
    assert Obligation.objects.filter(handoff=None, due_at__gt=NOW).count() == 1
    later = NOW + timedelta(minutes=2)
    for handoff in handoffs[:3]:
        log_contact(handoff.person, bob, "call", later)
    return_lead(handoffs[3], bob, "no-fit", "", later)
    all_at_once(later)
    of_sales = Settlement.objects.filter(obligation__handoff__isnull=False)
    assert of_sales.count() == 3 + 3
    assert not Obligation.objects.filter(open=True, settlement__isnull=False).exists()
    assert catch_up(later) == 0
