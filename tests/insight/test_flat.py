"""Columns of a base that are read without unpacking: they say what their Parquet says, and nothing rests on them."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import NOW
from tilth.core.kernel import FAR
from tilth.insight import flat, lake
from tilth.insight.lake import KEPT, Lake, Manifest, in_order
from tilth.insight.shapes import MOVED, TABLES

COLUMNS = ["person", "at", "what", "team", "source", "medium", "campaign"]
touch = st.tuples(st.integers(1, 9), st.integers(0, 5), st.integers(1, 30), st.sampled_from(["", "fair", "web", "ø"]))
files = st.lists(st.lists(touch, min_size=1, max_size=40, unique_by=lambda t: t[2]), min_size=1, max_size=4)


@pytest.fixture(autouse=True)
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lake, "GROUP", 4)


def touches(rows: list[tuple[int, int, int, str]], what: int = 0, moved: frozenset[int] = frozenset()) -> pa.Table:
    persons, moments, ids, texts = map(list, zip(*rows, strict=True))
    said = dict.fromkeys(("team", "source", "medium", "campaign"), texts)
    whats = [MOVED if pk in moved else what for pk in ids]
    columns = said | {"person": persons, "at": moments, "id": ids, "what": whats, "learned_at": moments}
    return in_order(
        "touches", pa.table({f.name: pa.array(columns[f.name]).cast(f.type) for f in TABLES["touches"].columns})
    )


def written(folder: Path, pieces: list[pa.Table], gone: list[int] | None = None) -> Lake:
    """The first as a base, the others as what came after it."""
    to = Lake(folder)
    made = [to.write("touches", [rows], n, "delta" if n else "base") for n, rows in enumerate(pieces)]
    if gone:
        made.append(to.write("gone", [pa.table({"person": gone})], 1, "base"))
    to.commit(Manifest(len(pieces), files=[file for file in made if file]), NOW)
    return to


def whole(folder: Path) -> Lake:
    """A base of eight touches."""
    return written(folder, [touches([(n, n, n, "fair") for n in range(1, 9)])])


def said(to: Lake, columns: list[str] | None, until: list[int], begin: int, coded: bool) -> list[list[dict[str, Any]]]:
    """What each stretch says, whatever its chunks and dictionaries."""
    wanted = {"touches": columns} if columns else {}
    return [t["touches"].to_pylist() for t in to.through(["touches"], wanted, until, begin, coded)]


def twins(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.flat"))


@settings(max_examples=150, deadline=None)
@given(
    files=files, moved=st.frozensets(st.integers(1, 30)), gone=st.sets(st.integers(1, 9), max_size=2),
    until=st.lists(st.integers(0, 10), max_size=4), begin=st.integers(0, 9),
)  # fmt: skip
def test_it_is_the_same_with_and_without(
    files: list[list[tuple[int, int, int, str]]], moved: frozenset[int], gone: set[int], until: list[int], begin: int
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        pieces = [touches(rows, n, moved if n else frozenset()) for n, rows in enumerate(files)]
        to = written(folder, pieces, sorted(gone))
        assert len(twins(folder)) == (len(files[0]) >= 4)
        questions = [
            (columns, [*sorted(until), FAR], first, coded)
            for columns in (COLUMNS, ["at", "medium"], ["at", "what"], None)
            for first in (0, begin)
            for coded in (False, True)
        ]
        have = [said(to, *question) for question in questions]
        for left in folder.glob("*.flat"):
            shutil.rmtree(left)
        assert [said(to, *question) for question in questions] == have


def test_it_is_read_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    to = whole(tmp_path)
    monkeypatch.setattr(lake, "_Run", None)
    [rows] = said(to, COLUMNS, [FAR], 3, True)
    assert [row["person"] for row in rows] == list(range(3, 9))
    [table] = to.through(["touches"], {"touches": ["person"]}, [FAR])
    assert not table["touches"].column("person").to_numpy().flags.owndata


def test_a_torn_or_foreign_one_does_not_count(tmp_path: Path) -> None:
    to = whole(tmp_path)
    before = said(to, COLUMNS, [FAR], 0, True)
    twin = tmp_path / "touches-00000000-base.flat"
    for name, content in (("what", b"1234"), ("twin.json", b"{"), ("twin.json", b"[]"), ("twin.json", b'{"size": 1}')):
        kept = (twin / name).read_bytes()
        (twin / name).write_bytes(content)
        assert said(to, COLUMNS, [FAR], 0, True) == before
        (twin / name).write_bytes(kept)
    (twin / "medium").unlink()
    assert said(to, COLUMNS, [FAR], 0, True) == before


def test_a_killed_export_leaves_none_that_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    to, rows = Lake(tmp_path), touches([(n, n, n, "fair") for n in range(1, 9)])
    with monkeypatch.context() as patch:
        patch.setattr(flat.Twin, "close", die)
        with pytest.raises(KeyboardInterrupt):
            to.write("touches", [rows], 1, "base")
    assert flat.opened(tmp_path / "touches-00000001-base.parquet", pa.schema({"person": pa.int64()})) is None
    other = touches([(n, n, n, "web") for n in range(11, 15)])
    made = to.write("touches", [other], 1, "base")
    assert made
    to.commit(Manifest(1, files=[made]), NOW)
    assert [row["person"] for row in said(to, COLUMNS, [FAR], 0, True)[0]] == [11, 12, 13, 14]


def test_it_goes_with_its_file(tmp_path: Path) -> None:
    to = whole(tmp_path)
    (tmp_path / "touches-00000077-base.flat").mkdir()  # of whoever was killed
    rows = touches([(n, n, n, "web") for n in range(1, 9)])
    newer = to.write("touches", [rows], 5, "base")
    assert newer
    to.commit(Manifest(5, files=[newer]), NOW)
    assert twins(tmp_path) == ["touches-00000000-base.flat", "touches-00000005-base.flat"]
    to.commit(Manifest(6, files=[newer]), NOW + 2 * KEPT)
    assert twins(tmp_path) == ["touches-00000005-base.flat"]


def test_forgetting_reaches_it(tmp_path: Path) -> None:
    to = whole(tmp_path)
    newer = to.write("touches", [touches([(n, n, n, "web") for n in range(1, 9)])], 5, "base")
    assert newer
    to.commit(Manifest(5, files=[newer]), NOW)
    to.forget()
    assert twins(tmp_path) == ["touches-00000005-base.flat"]
    assert not any(b"fair" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_a_column_with_too_many_words_or_gaps_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flat, "WORDS", 5)
    rows = touches([(n, n, n, str(n)) for n in range(1, 21)])
    gaps = rows.set_column(1, "at", pa.array(np.arange(20), pa.timestamp("us"), mask=np.arange(20) > 17))
    to = Lake(tmp_path)
    made = to.write("touches", [gaps.slice(n, 4) for n in range(0, 20, 4)], 1, "base")
    assert made
    assert sorted(path.name for path in (tmp_path / "touches-00000001-base.flat").iterdir()) == [
        "id", "person", "twin.json", "what",
    ]  # fmt: skip
    to.commit(Manifest(1, files=[made]), NOW)
    assert [row["medium"] for row in said(to, COLUMNS, [FAR], 0, True)[0]] == [str(n) for n in range(1, 21)]


def test_a_full_disk_leaves_the_lake_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(flat.Twin, "_numbers", full)
    to = whole(tmp_path)
    assert twins(tmp_path) == []
    assert len(said(to, COLUMNS, [FAR], 0, True)[0]) == 8
