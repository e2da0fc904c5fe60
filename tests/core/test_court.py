"""Agreement beyond chance, against a textbook and against resampling; and what a return can rest on."""

import random
from statistics import stdev

import pytest

from tilth.agreement import presets
from tilth.core.agreement import read
from tilth.core.court import evidence, kappa

DIAGNOSES = {"PP": 75, "PN": 1, "PO": 4, "NP": 5, "NN": 4, "NO": 1, "OO": 10}


def cases(table: dict[str, int]) -> list[tuple[str, str]]:
    return [(a, b) for (a, b), n in table.items() for _ in range(n)]


def test_it_is_the_textbooks_kappa_and_interval():
    found = kappa(cases(DIAGNOSES), level=0.95)
    assert found.value == pytest.approx(0.6765, abs=5e-5)
    assert (found.low, found.high) == pytest.approx((0.505, 0.848), abs=1e-3)


def test_the_spread_is_what_resampling_finds():
    pairs = cases({"yy": 80, "yn": 20, "ny": 40, "nn": 60})
    chance = random.Random(7)
    found = stdev(kappa(chance.choices(pairs, k=len(pairs))).value or 0.0 for _ in range(1_500))
    assert kappa(pairs).spread / 1.645 == pytest.approx(found, rel=0.1)


def test_complete_agreement_and_none_beyond_chance():
    assert kappa(cases({"aa": 20, "bb": 20})).value == 1
    assert kappa(cases({"aa": 10, "ab": 10, "ba": 10, "bb": 10})).value == pytest.approx(0)
    assert kappa(cases({"ab": 20, "ba": 20})).value == -1


def test_nothing_to_say_is_said():
    assert kappa([]).value is None
    assert kappa([]).lacks == 30
    always = kappa([("a", "a")] * 50)
    assert (always.value, always.lacks) == (None, 0)


def test_a_reason_rests_on_what_the_agreement_looks_at_and_each_stands_once():
    fields = evidence(read(presets.load("b2b-software")))
    assert fields[:3] == ("company.employees", "company.industry", "company.country")
    assert {"email.free", "person.phone", "contacts", "interest", "said"} <= set(fields)
    assert len(set(fields)) == len(fields)
