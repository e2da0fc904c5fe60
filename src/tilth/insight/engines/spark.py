"""Spark, for what one machine cannot hold: in this process, on a cluster of separate executors, on many machines.

Every machine must see the folder of the lake under the same path, and have Tilth installed where kernels are to run. Memory and the
like stand in Spark's own spark-defaults.conf. Source: docs/decisions/engines.md
"""

import os
import sys
import weakref
from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from typing import Any

import pyarrow as pa

from tilth.insight.lake import Lake
from tilth.insight.shapes import TABLES

from .answering import Answering, Columns, Work, newest, view

EVERYWHERE = {
    "spark.app.name": "tilth",
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",  # a share of nothing is null, as it is elsewhere
}
# On one machine: nobody else can reach it, and few rows are not cut into two hundred parts.
HERE = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": str(os.cpu_count() or 8),
}


class Spark(Answering):
    """`master` is where Spark works: `local[*]`, `local-cluster[2,1,1024]`, `spark://host:7077`, `yarn`, …"""

    elsewhere = True

    def __init__(self, lake: Lake, master: str = "local[*]"):
        super().__init__(lake)
        self.master, self._kept = master, list[Any]()

    def table(self, name: str) -> Any:
        return self._connected.table(name)

    def run(self, expression: Any) -> pa.Table:
        """Past pandas, which makes floats of whole numbers where one is missing."""
        connected = self._connected
        connected._run_pre_execute_hooks(expression)
        rows = self._session.sql(connected.compile(expression)).toArrow()
        asked = expression.as_table().schema().to_pyarrow()
        return expression.__pyarrow_result__(rows.rename_columns(asked.names).cast(asked))

    def once(self, expression: Any) -> Any:
        """Ibis lets go of what nobody refers to any more."""
        self._connected._run_pre_execute_hooks(expression)
        self._kept.append(expression.cache())
        return self._kept[-1]

    def by_person(self, work: Work, columns: Columns, returns: pa.Schema, cuts: Sequence[int], coded: bool) -> pa.Table:
        """Nothing is shuffled: each executor reads its own stretches of the files, in which whole persons lie together."""
        from pyspark.sql.pandas.types import from_arrow_schema

        if not cuts:
            return returns.empty_table()
        stretches = list(zip([0, *cuts[:-1]], cuts, strict=True))
        rows = self._session.sparkContext.parallelize(stretches, len(stretches))
        asked = self._session.createDataFrame(rows, "begin long, upto long")
        made = asked.mapInArrow(
            partial(_worked, self.lake, work, columns, returns, coded),
            from_arrow_schema(returns, prefer_timestamp_ntz=True),
        )
        return made.toArrow().cast(returns)

    @cached_property
    def _session(self) -> Any:
        """One of our own on the one Spark of this process, so that its views are this lake's."""
        from pyspark.sql import SparkSession

        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        settings: dict[str, Any] = EVERYWHERE | {"spark.master": self.master}
        if self.master.startswith("local"):
            os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
            settings |= HERE
        session = SparkSession.builder.config(map=settings).getOrCreate().newSession()
        for name in settings.keys() & {"spark.sql.session.timeZone", "spark.sql.ansi.enabled"}:
            session.conf.set(name, settings[name])
        return session

    @cached_property
    def _connected(self) -> Any:
        import ibis

        connected = ibis.pyspark.connect(self._session)
        connected.compiler = _exact()
        for name in sorted(TABLES, key=lambda name: name != "gone"):  # which others ask for
            scans = self._scans(name)
            self._session.sql(f"CREATE TEMPORARY VIEW `{name}` AS {view(self.lake, name, scans, '`')}")
        return connected

    def _scans(self, name: str) -> list[str]:
        """The base of a table, and as one what came anew, which is little: put together once, every question knows it."""
        base, *newer = [self._scan(name, n, path) for n, path in enumerate(self._paths(name))]
        if not newer or TABLES[name].key is None:
            return [base, *newer]
        rows = self._session.sql(newest(name, newer, "`")).persist()
        weakref.finalize(self, _let_go, rows).atexit = False
        rows.createOrReplaceTempView(f"{name}_newest")
        return [base, f"`{name}_newest`"]

    def _paths(self, name: str) -> list[str | None]:
        return [f"file://{self.lake.path(file)}" for file in self.lake.manifest.of(name)] or [None]

    def _scan(self, name: str, n: int, path: str | None) -> str:
        from pyspark.sql.pandas.types import from_arrow_schema

        shape = from_arrow_schema(TABLES[name].columns, prefer_timestamp_ntz=True)
        rows = self._session.read.schema(shape).parquet(path) if path else self._session.createDataFrame([], shape)
        rows.createOrReplaceTempView(f"{name}_{n}")
        return f"`{name}_{n}`"


def _let_go(rows: Any) -> None:
    """Of rows that Spark keeps. Where it has stopped, they went with it."""
    if rows.sparkSession.sparkContext._jsc is not None:
        rows.unpersist()


def _exact() -> Any:
    """Ibis writes a fraction as 0.5, which Spark takes for a decimal, and then rounds each mean to four places more than it has."""
    from ibis.backends.sql.compilers.pyspark import PySparkCompiler

    class Exact(PySparkCompiler):
        def visit_DefaultLiteral(self, op: Any, *, value: Any, dtype: Any) -> Any:
            said = super().visit_DefaultLiteral(op, value=value, dtype=dtype)
            return self.cast(said, dtype) if dtype.is_floating() else said

    return Exact()


def _worked(
    lake: Lake, work: Work, columns: Columns, returns: pa.Schema, coded: bool, batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """On an executor: the stretches that fell to it."""
    for batch in batches:
        for begin, upto in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            for tables in lake.through(list(columns), columns, [upto], begin, coded):
                yield from work(tables).cast(returns).to_batches()
