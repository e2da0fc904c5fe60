"""In which currency figures are, since currencies are never added up. Grain: one answer a lake."""

from tilth.insight.engine import Engine


def usual(engine: Engine) -> str:
    """In which most deals and costs are, counted; "" without any. For who has no agreement that says it."""
    import ibis

    t = engine.tables()
    every = ibis.union(t.deals.select("currency"), t.costs.select("currency"))
    counts = every.group_by("currency").agg(n=every.count())
    rows = engine.run(counts.order_by(counts.n.desc(), counts.currency).limit(1)).to_pylist()
    return rows[0]["currency"] if rows else ""
