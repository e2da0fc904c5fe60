"""Two processes that send at once: each mail goes out once."""

import threading
from collections import Counter

import pytest
from django.db import connection

from tests.conftest import NOW
from tilth.notify.deliver import catch_up, waiting
from tilth.notify.outbox import put

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_mail_goes_out_once(mail_server):
    for n in range(40):
        put(f"mail {n}", "anouk@zonneveldtomaten.example", f"Subject {n}", "Text", "", NOW)
    together = threading.Barrier(3)
    broke: list[Exception] = []

    def send() -> None:
        try:
            together.wait(10)
            while catch_up(NOW):
                pass
        except Exception as e:
            broke.append(e)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broke == []
    assert Counter(mail_server.subjects) == {f"Subject {n}": 1 for n in range(40)}
    assert not waiting().exists()
