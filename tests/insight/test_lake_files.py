"""Files of the lake against a slow oracle: a dictionary that later files overwrite, and a sort."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import NOW
from tilth.core.kernel import FAR
from tilth.insight import lake
from tilth.insight.engine import Engine
from tilth.insight.lake import Lake, Manifest, in_order
from tilth.insight.shapes import MOVED, TABLES

touch = st.tuples(st.integers(1, 9), st.integers(0, 5), st.integers(1, 30))
files = st.lists(st.lists(touch, min_size=1, max_size=40, unique_by=lambda t: t[2]), min_size=1, max_size=5)


def touches(rows: list[tuple[int, int, int]], what: int) -> pa.Table:
    """Touches (person, at, id) that say from which file they come."""
    persons, moments, ids = map(list, zip(*rows, strict=True))
    texts = dict.fromkeys(("team", "source", "medium", "campaign"), [str(what)] * len(rows))
    columns = {"person": persons, "at": moments, "id": ids, "what": [what] * len(rows), "learned_at": moments}
    return pa.table({c: pa.array((columns | texts)[c]).cast(f.type) for c, f in _fields("touches")})


def _fields(name: str) -> list[tuple[str, pa.Field]]:
    return [(f.name, f) for f in TABLES[name].columns]


@settings(max_examples=150, deadline=None)
@given(files=files, until=st.lists(st.integers(0, 10), max_size=4))
def test_the_newest_file_wins_and_the_order_is_kept(files: list[list[tuple[int, int, int]]], until: list[int]) -> None:
    owner = {pk: person for rows in files for person, _at, pk in rows}  # whose touch it is never changes
    files = [[(owner[pk], at, pk) for _person, at, pk in rows] for rows in files]
    newest = {pk: (person, at, pk, n) for n, rows in enumerate(files) for person, at, pk in rows}
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(lake, "GROUP", 4)
        to = Lake(Path(folder))
        written = [
            to.write("touches", [in_order("touches", touches(rows, n))], n, "delta") for n, rows in enumerate(files)
        ]
        to.commit(Manifest(1, files=[file for file in written if file]), NOW)
        columns = ["person", "at", "id", "what"]
        stretches = [*sorted(until), FAR]
        pieces = [t["touches"] for t in Lake(Path(folder)).through(["touches"], {"touches": columns}, stretches)]
        for upto, piece in zip(stretches, pieces, strict=True):
            assert all(person < upto for person in piece.column("person").to_pylist())
        whole = pa.concat_tables(pieces)
        coded = Lake(Path(folder)).through(["touches"], {"touches": [*columns, "source"]}, stretches, coded=True)
        read = pa.concat_tables([t["touches"] for t in coded])
        assert read.select(columns).equals(whole)
        assert read.column("source").to_pylist() == [str(what) for what in whole.column("what").to_pylist()]
        got = list(zip(*(whole.column(c).cast(pa.int64()).to_pylist() for c in columns), strict=True))
        assert got == sorted(newest.values())
        asked = Engine(Lake(Path(folder))).sql('SELECT person, epoch_us("at"), id, what FROM touches ORDER BY ALL')
        assert [tuple(row.values()) for row in asked.to_pylist()] == got


@settings(max_examples=100, deadline=None)
@given(files=files, moved=st.sets(st.integers(1, 30)))
def test_deltas_made_one_say_what_they_said(files: list[list[tuple[int, int, int]]], moved: set[int]) -> None:
    """Also that a touch is not this person's any more."""
    owner = {pk: person for rows in files for person, _at, pk in rows}
    files = [[(owner[pk], at, pk) for _person, at, pk in rows] for rows in files]
    with TemporaryDirectory() as folder:
        to, written = Lake(Path(folder)), []
        for n, rows in enumerate(files):
            table = touches(rows, n)
            gone = np.isin(table.column("id").to_numpy(), list(moved)) & (n > 1)
            what = pa.array(np.where(gone, MOVED, n), pa.int32())
            table = table.set_column(table.column_names.index("what"), "what", what)
            written.append(to.write("touches", [in_order("touches", table)], n, "delta" if n else "base"))
        to.commit(Manifest(1, files=[file for file in written if file]), NOW)
        before = Lake(Path(folder)).table("touches")
        one = to.write("touches", to.folded("touches", [3, 5, FAR]), 9, "delta")
        to.commit(Manifest(2, files=[file for file in (written[0], one) if file]), NOW)
        assert Lake(Path(folder)).table("touches").equals(before)


@settings(max_examples=100, deadline=None)
@given(
    files=st.lists(st.dictionaries(st.integers(1, 9), st.lists(st.integers(0, 4), min_size=1, max_size=4)), max_size=5)
)
def test_of_facts_the_newest_file_says_all_about_a_person(files: list[dict[int, list[int]]]) -> None:
    expected = sorted(
        (person, at, n)
        for person, n in {person: n for n, facts in enumerate(files) for person in facts}.items()
        for at in files[n][person]
    )
    with TemporaryDirectory() as folder:
        to = Lake(Path(folder))
        written = []
        for n, facts in enumerate(files):
            rows = sorted((person, at, n) for person, moments in facts.items() for at in moments)
            table = pa.table(np.array(rows, np.int64).reshape(-1, 3).T.tolist(), names=["person", "at", "pair"])
            written.append(to.write("facts", [table.cast(TABLES["facts"].columns)], n, "delta"))
        to.commit(Manifest(1, files=[file for file in written if file]), NOW)
        got = Lake(Path(folder)).table("facts")
    assert list(zip(*(c.cast(pa.int64()).to_pylist() for c in got.columns), strict=True)) == expected
