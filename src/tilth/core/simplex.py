"""A small linear programme solved exactly, in fractions: the most of c·x where A·x is at most b, and nothing is below zero.

b is zero or more, so that nothing at all is a beginning. Bland's rule never goes in circles. Source: R. G. Bland,
Mathematics of Operations Research 2 (1977) 103-107.
"""

from collections.abc import Sequence
from fractions import Fraction


class Unbounded(ValueError):
    """Nothing holds one of the variables back; `column` says which."""

    def __init__(self, column: int) -> None:
        super().__init__(f"Nothing limits variable {column}.")
        self.column = column


def maximise(c: Sequence[Fraction], rows: Sequence[Sequence[Fraction]], b: Sequence[Fraction]) -> list[Fraction]:
    """The x that brings most; of several one corner, always the same.

    c          what one of each brings
    rows, b    each row times x is at most its b, zero or more
    raises     Unbounded
    """
    n, one = len(c), Fraction(1)
    table = [
        [*row, *(one * (k == i) for k in range(len(rows))), limit]
        for i, (row, limit) in enumerate(zip(rows, b, strict=True))
    ]
    top = [*c, *(Fraction(0) for _ in rows), Fraction(0)]
    basis = list(range(n, n + len(rows)))
    while (enters := next((k for k in range(len(top) - 1) if top[k] > 0), None)) is not None:
        ratios = [(row[-1] / row[enters], basis[i], i) for i, row in enumerate(table) if row[enters] > 0]
        if not ratios:
            raise Unbounded(enters)
        leaves = min(ratios)[2]
        pivot = table[leaves][enters]
        table[leaves] = [v / pivot if v else v for v in table[leaves]]
        for row in (*table[:leaves], *table[leaves + 1 :], top):
            if factor := row[enters]:
                row[:] = [v - factor * p if p else v for v, p in zip(row, table[leaves], strict=True)]
        basis[leaves] = enters
    x = [Fraction(0)] * n
    for i, k in enumerate(basis):
        if k < n:
            x[k] = table[i][-1]
    return x
