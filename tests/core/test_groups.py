"""Roles of a decision: what a title suggests, and what is lacking."""

import pytest

from tilth.core.groups import ROLES, gaps, suggested


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("CEO", "decider"), ("Managing Director", "decider"), ("Directeur-eigenaar", "decider"), ("Geschäftsführer", "decider"),
        ("Geschaeftsfuehrerin", "decider"), ("Inhaberin", "decider"), ("Head of Purchasing", "buyer"), ("Inkoper", "buyer"),
        ("Leiter Einkauf", "buyer"), ("Assistant to the CEO", "gatekeeper"), ("Directiesecretaresse", "gatekeeper"),
        ("Office manager", "gatekeeper"), ("IT manager", "influencer"), ("Technical adviser", "influencer"),
        ("Operations manager", "influencer"), ("Teler", "user"), ("Gärtner", "user"), ("Machine operator", "user"),
        ("", ""), ("Poet", ""),
    ],
)  # fmt: skip
def test_what_a_title_suggests(title: str, role: str) -> None:
    assert suggested(title) == role


def test_the_roles_that_nobody_has() -> None:
    assert gaps(["buyer", "", "decider", "buyer"]) == ["influencer", "user", "gatekeeper"]
    assert gaps([]) == list(ROLES)
