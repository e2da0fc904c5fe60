"""Whoever answers, the figures are the same: to the cent, to the person, and of fractions to the twelfth digit."""

import gc
import shutil
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.insight.engines.asked import ASKED
from tests.insight.engines.conftest import CLUSTER
from tests.insight.engines.sample import NOW, sample
from tilth.insight import lake as files
from tilth.insight.engine import Engine
from tilth.insight.engines.answering import Work
from tilth.insight.engines.duckdb import DuckDB
from tilth.insight.engines.spark import _let_go
from tilth.insight.lake import Lake
from tilth.insight.measures import attribution, portions, travelled
from tilth.insight.measures.attribution import Attribution, Found
from tilth.insight.measures.travelled import Span
from tilth.insight.shapes import TABLES

# What an engine answers otherwise, and why. Strict: what is mended must leave the list.
GAPS: dict[str, str] = {}


def asked(names: dict[str, Any]) -> list[Any]:
    gap = {name: [pytest.mark.xfail(strict=True, reason=GAPS[name])] for name in names if name in GAPS}
    return [pytest.param(one, id=name, marks=gap.get(name, [])) for name, one in names.items()]


def equal(one: pa.Table, other: pa.Table) -> None:
    """The same columns of the same types, and the same rows in the same order."""
    assert one.schema == other.schema
    assert one.num_rows == other.num_rows
    for name in one.column_names:
        left, right = one.column(name), other.column(name)
        if pa.types.is_floating(left.type):
            assert left.is_null().to_pylist() == right.is_null().to_pylist(), name
            np.testing.assert_allclose(left.to_numpy(), right.to_numpy(), rtol=1e-12, err_msg=name)
        else:
            assert left.to_pylist() == right.to_pylist(), name


@pytest.mark.spark
@pytest.mark.parametrize("question", asked({q.__name__: q for q in ASKED}))
def test_spark_says_what_duckdb_says(question: Callable[..., Any], duckdb: Engine, spark: Engine) -> None:
    said = duckdb.run(question(duckdb.tables()))
    assert said.num_rows > 1
    equal(said, spark.run(question(spark.tables())))


def test_expressions_see_just_the_rows_that_kernels_see(duckdb: Engine) -> None:
    _sees_the_rows_of_the_lake(duckdb)


@pytest.mark.spark
def test_spark_sees_just_the_rows_that_kernels_see(spark: Engine) -> None:
    _sees_the_rows_of_the_lake(spark)


def _sees_the_rows_of_the_lake(engine: Engine) -> None:
    for name in set(TABLES) - {"gone"}:
        order = [(column, "ascending") for column in TABLES[name].columns.names]
        equal(engine.lake.table(name).sort_by(order), engine.run(getattr(engine.tables(), name)).sort_by(order))


# Kernels

COUNTED = pa.schema({"person": pa.int64(), "touches": pa.int64(), "first": pa.timestamp("us"), "facts": pa.int64()})
READS = {"touches": ["person", "at", "id"], "facts": ["person", "at"]}


def counting(least: int) -> Work:
    """A kernel: of each person with so many touches, how many, when the first was, and how many facts there are.

    Made here, so that it is sent to executors as it stands: they have Tilth, but not its tests.
    """

    def counted(tables: dict[str, pa.Table]) -> pa.Table:
        touches = tables["touches"].group_by("person", use_threads=False).aggregate([("id", "count"), ("at", "first")])
        facts = tables["facts"].group_by("person").aggregate([("at", "count")])
        both = touches.join(facts, "person").sort_by("person")
        both = both.filter(pc.greater_equal(both.column("id_count"), least))
        return both.select(["person", "id_count", "at_first", "at_count"]).rename_columns(COUNTED.names)

    return counted


def test_a_kernel_sees_whole_persons_however_few_at_a_time(duckdb: Engine) -> None:
    whole = duckdb.by_person(counting(2), READS, COUNTED, people=10**9)
    assert whole.num_rows > 1_500
    equal(whole, duckdb.by_person(counting(2), READS, COUNTED, people=17))


@pytest.mark.spark
def test_on_spark_a_kernel_sees_the_same_persons_in_the_same_order(duckdb: Engine, spark: Engine) -> None:
    equal(duckdb.by_person(counting(2), READS, COUNTED), spark.by_person(counting(2), READS, COUNTED, 300))


def test_an_executor_begins_in_the_middle_of_the_files(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "GROUP", 64)
    lake = sample(tmp_path, 300)
    every = list(lake.through(["touches"], {}, [100, 200, 10**9]))
    for begin, upto, whole in zip([0, 100, 200], [100, 200, 10**9], every, strict=True):
        [part] = lake.through(["touches"], {}, [upto], begin)
        equal(whole["touches"], part["touches"])


# Attribution adds up portions, wherever they were made


# Units whose journeys are put together in the worker's process under either engine, and why. Strict: what moves must leave the list.
HERE = dict.fromkeys(
    ("groups", "companies"),
    "people who decide together lie far apart: their touches are dealt into buckets on one disk",
)


def credited(engine: Engine, monkeypatch: pytest.MonkeyPatch, by: str, order: int, unit: str = "people") -> Found:
    """The figures of attribution, of seven stretches of people and with fewer rows than names."""
    monkeypatch.setattr(travelled, "PEOPLE", 300)
    monkeypatch.setattr(portions, "PEOPLE", 300)
    monkeypatch.setattr(attribution, "MOST", {1: 3, 2: 3})
    year = Span(*(int(at.timestamp() * 1e6) for at in (NOW - timedelta(days=365), NOW)), 90)
    return Attribution(engine, year, "EUR", by=by, unit=unit, order=order).found("markov")


@pytest.mark.parametrize(("by", "order"), [("channel", 1), ("source", 2), ("content", 1)])
def test_portions_made_elsewhere_add_up_to_the_same_to_the_last_bit(
    by: str, order: int, lake: Lake, duckdb: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = credited(duckdb, monkeypatch, by, order)
    assert here.won > 50
    assert here.without > 100
    monkeypatch.setattr(DuckDB, "elsewhere", True)
    monkeypatch.setattr(attribution, "travelled", None)  # the pass of this process
    assert credited(Engine(lake, "duckdb"), monkeypatch, by, order) == here


@pytest.mark.parametrize(
    "unit",
    [
        pytest.param(u, marks=[pytest.mark.xfail(strict=True, raises=TypeError, reason=HERE[u])] if u in HERE else [])
        for u in ("people", "groups", "companies")
    ],
)
def test_journeys_of_a_unit_are_followed_where_the_engine_works(
    unit: str, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DuckDB, "elsewhere", True)
    monkeypatch.setattr(attribution, "travelled", None)  # the pass of this process
    assert credited(Engine(lake, "duckdb"), monkeypatch, "channel", 1, unit).won > 50


@pytest.mark.parametrize("by", ["channel", "source"])
@pytest.mark.parametrize("unit", ["people", "companies"])
def test_what_is_read_without_unpacking_gives_the_same_credit(
    by: str, unit: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "GROUP", 64)
    lake = sample(tmp_path)
    [twin] = tmp_path.glob("*.flat")
    read = credited(Engine(lake, "duckdb"), monkeypatch, by, 1, unit)
    shutil.rmtree(twin)
    assert credited(Engine(lake, "duckdb"), monkeypatch, by, 1, unit) == read
    assert read.won > 50


@pytest.mark.spark
def test_executors_give_the_same_credit_to_the_last_bit(
    duckdb: Engine, spark: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = credited(duckdb, monkeypatch, "channel", 1)
    monkeypatch.setattr(attribution, "travelled", None)  # the pass of this process
    assert credited(spark, monkeypatch, "channel", 1) == here


@pytest.mark.spark
def test_an_empty_lake_has_no_rows_on_spark_either(spark: Engine, tmp_path: Any) -> None:
    """A second lake beside the first, in the same Spark."""
    engine = Engine(Lake(tmp_path), CLUSTER)
    assert engine.run(engine.tables().touches.count()).as_py() == 0
    assert engine.by_person(counting(2), READS, COUNTED).num_rows == 0
    assert spark.run(spark.tables().touches.count()).as_py() > 0


@pytest.mark.spark
def test_what_spark_keeps_goes_with_the_engine(spark: Engine, tmp_path: Any) -> None:
    running = spark._answering._session.sparkContext._jsc.sc()  # type: ignore[attr-defined]

    def kept() -> set[int]:
        found = running.getPersistentRDDs().keysIterator()
        return {found.next() for _ in range(running.getPersistentRDDs().size())}

    gc.collect()
    before, engine = kept(), Engine(sample(tmp_path, 100), CLUSTER)
    assert engine.run(engine.once(engine.tables().stages).count()).as_py() > 100
    mine = kept() - before
    assert mine
    del engine
    gc.collect()
    assert not mine & kept()


def test_what_a_spark_kept_that_has_stopped_is_let_go_without_a_word() -> None:
    stopped = SimpleNamespace(sparkSession=SimpleNamespace(sparkContext=SimpleNamespace(_jsc=None)))
    _let_go(stopped)  # which can answer nothing any more: `unpersist` would raise


def test_an_engine_that_nobody_knows_is_refused(lake: Lake) -> None:
    with pytest.raises(ValueError, match="say duckdb, spark, or spark:"):
        Engine(lake, "duck").tables()
