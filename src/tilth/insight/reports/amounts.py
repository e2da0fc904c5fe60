"""In which currency reports tell amounts, and figures that rest on what was counted."""

from tilth.insight.report import Asked, Figure

FEW = 10  # so many must be counted: with fewer, the interval of what each costs reaches to twice as much


def currency(asked: Asked) -> str:
    """The agreement's; before there is one, that of most deals and costs: the same for all reports."""
    from tilth.insight.measures import currencies

    return asked.version.terms.currency if asked.version else currencies.usual(asked.engine)


def counted(value: float | None, between: tuple[float, float] | None, n: int) -> Figure:
    """A figure that rests on `n` that were counted; too few below FEW."""
    if n < FEW:
        return Figure(None, n=n, lacks=FEW - n)
    low, high = between or (None, None)
    return Figure(value, low, high, n)
