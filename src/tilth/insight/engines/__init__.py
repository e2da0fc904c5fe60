"""Who answers measures: DuckDB in this process, or Spark on as many machines as it has. `TILTH_ENGINE` says which."""

from typing import TYPE_CHECKING

from .answering import Answering

if TYPE_CHECKING:
    from tilth.insight.lake import Lake


def named(engine: str, lake: "Lake") -> Answering:
    """Who is called by `duckdb`, `spark`, or `spark:` and the master of a cluster, such as `spark:yarn`.

    raises     ValueError, when nobody is
    """
    name, _, master = engine.partition(":")
    if engine == "duckdb":
        from .duckdb import DuckDB

        return DuckDB(lake)
    if name == "spark":
        from .spark import Spark

        return Spark(lake, master or "local[*]")
    raise ValueError(f"TILTH_ENGINE is {engine!r}; say duckdb, spark, or spark: and a master, such as spark:yarn.")
