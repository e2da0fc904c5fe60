"""Dividing a whole so that the parts add up to it, to the cent: the largest remainders get what is left over.

Source: A. Hamilton's method; M. Balinski, H. P. Young, Fair Representation (1982), ch. 3
"""

from collections.abc import Sequence
from fractions import Fraction


def apportion(total: int, shares: Sequence[float]) -> list[int]:
    """Whole parts of a whole, as near to their shares as whole parts can be: each is the one below or above.

    total     whole, such as cents; may be below zero
    shares    zero or more each; how much of the total is each one's, whatever they add up to
    returns   parts that add up to `total`; equal remainders go to whoever comes first
    raises    ValueError when all shares are zero, or one is below zero
    """
    exact = [Fraction(share) for share in shares]
    whole = sum(exact)
    if whole <= 0 or any(share < 0 for share in exact):
        raise ValueError("Shares are zero or more, and one at least is above zero.")
    parts = [abs(total) * share / whole for share in exact]
    floors = [int(part) for part in parts]
    left = abs(total) - sum(floors)
    order = sorted(range(len(parts)), key=lambda i: (floors[i] - parts[i], i))
    for i in order[:left]:
        floors[i] += 1
    return floors if total >= 0 else [-part for part in floors]
