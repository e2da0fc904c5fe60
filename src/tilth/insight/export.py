"""From the database to the lake: what is new since the last time, and what came to mean something else.

Reads   touches, corrections, merges, what was learned, persons, origins; stage changes, verdicts, deals, costs and groups
Writes  the lake, in slices of bounded size that count one after the other; the lake can be thrown away and made anew
Source: docs/algorithms/lake.md
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, tzinfo
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tilth.agreement.models import house_zone, running
from tilth.core import learned
from tilth.core.kernel import FAR
from tilth.core.qualify import HUMAN

from . import source
from .lake import File, Lake, Manifest, in_order, ours
from .queries import (
    AWAY,
    COMPANIES,
    COSTS,
    DEALS,
    ENDS,
    GONE,
    GROUPS,
    OUTCOMES,
    PEOPLE,
    PERSONS,
    STAGES,
    TOUCHES,
    counted,
    of_all,
    of_some,
)
from .shapes import FOLLOWED, MOMENT, MOVED, TABLES, UNDONE, UNITED, WHOLE
from .source import STREAMS, Horizon, Read, Source

SLICE = 1_000_000  # rows of a stream, at most, between two states of the lake that count
SHARE = 8  # deltas become one with the base when they are an eighth of it,
DELTAS = 24  # and one among themselves when they are more
BUYERS = 5_000  # with other deals; of more, all outcomes are written anew
PIECE = 200_000  # facts in memory
encode, decode = msgspec.json.Encoder().encode, msgspec.json.Decoder().decode
Bounds = Mapping[str, tuple[int, int]]  # of each stream: above, and up to
# What advertisers hang on an address to know one click again; the name stays, so that a rule may ask for it.
CLICKS = re.compile(
    r"([?&#](?:gclid|gbraid|wbraid|dclid|fbclid|msclkid|ttclid|twclid|yclid|li_fat_id|igshid|mc_eid|mkt_tok|_hsenc|_hsmi|_ga|_gl)=)[^&#]*"
)


def catch_up(now: datetime) -> int:
    """Bring the lake up to date; returns how many rows of the database were new. Costs by what is new."""
    to = ours()
    with to.held(), source.opened() as database:
        horizon, manifest = database.horizon(), to.manifest
        went_back = any(manifest.sealed.get(s, 0) > n for s, n in horizon.last.items() if s not in UNDONE)
        if went_back or manifest.database != database.identity():
            return _anew(to, database, horizon, now)
        taken = _follow(to, database, manifest, horizon, now, publish=True)
        _compact(to, now)
        return taken


def rebuild(now: datetime) -> int:
    """Make the lake anew from the database; the old one is read until the new one is complete."""
    to = ours()
    with to.held(), source.opened() as database:
        return _anew(to, database, database.horizon(), now)


def forget_the_old() -> None:
    """Throw away at once what no longer counts, for somebody was erased. Nobody may be reading."""
    to = ours()
    with to.held():
        to.forget()


def _anew(to: Lake, database: Source, horizon: Horizon, now: datetime) -> int:
    begin = Manifest(to.manifest.generation, database.identity())
    taken = _follow(to, database, begin, horizon, now, publish=False)
    _compact(to, now)
    return taken


def _follow(to: Lake, database: Source, manifest: Manifest, horizon: Horizon, now: datetime, publish: bool) -> int:
    """Slice after slice up to what is there now; `publish` lets each count at once, else all count with the last."""
    begin = {stream: max(below, manifest.sealed.get(stream, 0)) for stream, below in horizon.below.items()}
    slices = list(_slices(begin, horizon.last))
    words = _Words(to, manifest)
    taken = 0
    files = [file for file in manifest.files if file.kind != "tail"]
    for n, bounds in enumerate(slices):
        last = n == len(slices) - 1
        manifest = replace(manifest, generation=manifest.generation + 1)
        with database.snapshot() as read:
            new = _Slice(to, manifest.generation, "delta" if horizon.sealed else "tail", words)
            taken += new.write(read, bounds)
            if last:
                buyers = new.whole(read, [file for file in files if file.table in WHOLE])
                sofar = {s: (at, horizon.last[s]) for s, at in begin.items()}
                anew, rows = new.followed(read, now, manifest.rows, sofar, buyers)
                files = [file for file in files if file.table not in {*WHOLE, *anew}]
                again: dict[str, list[int]] = {} if anew or buyers.changed else manifest.rows  # a tail is given up
                manifest = replace(manifest, rows=rows if horizon.sealed else again)
        files = files + new.files
        if horizon.sealed:
            manifest = replace(manifest, sealed={s: upto for s, (_above, upto) in bounds.items()})
        manifest = replace(manifest, files=files)
        if publish and to.says_the_same(manifest):
            manifest = replace(manifest, generation=to.manifest.generation)
        if publish or last:
            to.commit(manifest, now)
    return taken


def _slices(at: Mapping[str, int], last: Mapping[str, int]) -> Iterator[dict[str, tuple[int, int]]]:
    """Bounds of at most SLICE ids a stream, side by side; one slice at least."""
    while True:
        bounds = {s: (at[s], min(at[s] + SLICE, n)) for s, n in last.items()}
        yield bounds
        at = {s: upto for s, (_above, upto) in bounds.items()}
        if at == last:
            return


def _compact(to: Lake, now: datetime) -> None:
    """Write base and deltas as one base, where reading them side by side would cost more; or just the deltas as one, where they are many."""
    manifest = to.manifest
    keyed = [name for name, shape in TABLES.items() if shape.key]
    worn = [name for name in keyed if _is_worn(manifest.of(name))]
    many = [name for name in keyed if name not in worn and _are_many(manifest.of(name))]
    if not (worn or many) or any(file.kind == "tail" for file in manifest.files):
        return
    generation, files = manifest.generation + 1, manifest.files
    persons = to.table("people", ["person"]).column("person").to_numpy()
    until = [*persons[20_000::20_000].tolist(), FAR]
    for name in worn:
        made = to.write(name, (piece[name] for piece in to.through([name], {}, until)), generation, "base")
        files = _in_place_of(files, manifest.of(name), made)
    for name in many:
        made = to.write(name, to.folded(name, until), generation, "delta")
        files = _in_place_of(files, [file for file in manifest.of(name) if file.kind == "delta"], made)
    for name in ("whats", "pairs"):
        files = _in_place_of(files, manifest.of(name), to.write(name, [to.table(name)], generation, "base"))
    to.commit(replace(manifest, generation=generation, files=files), now)


def _in_place_of(files: list[File], old: list[File], new: File | None) -> list[File]:
    return [file for file in files if file not in old] + ([new] if new else [])


def _is_worn(files: list[File]) -> bool:
    base = sum(file.rows for file in files if file.kind == "base")
    return sum(file.rows for file in files if file.kind != "base") * SHARE > base


def _are_many(files: list[File]) -> bool:
    return sum(file.kind == "delta" for file in files) > DELTAS


class _Words:
    """The two dictionaries of the lake: sorts of touches, and values of fields. Words keep their numbers for ever; each is read when it is needed."""

    def __init__(self, to: Lake, manifest: Manifest):
        self.before = Lake(to.folder, manifest)
        self.known: dict[str, dict[tuple[Any, ...], int]] = {}
        self.written: dict[str, int] = {}

    def of(self, name: str, words: tuple[Any, ...]) -> int:
        """The number of these words, theirs from now on."""
        if name not in self.known:
            self.known[name] = {words: n for n, words in enumerate(self.before.words(name))}
            self.written[name] = len(self.known[name])
        known = self.known[name]
        return known.setdefault(words, len(known))

    def new(self, name: str) -> pa.Table:
        """The words that no file has yet."""
        schema, known, begin = TABLES[name].columns, self.known.get(name, {}), self.written.get(name, 0)
        if len(known) == begin:
            return schema.empty_table()
        self.written[name] = len(known)
        rows = [list(range(begin, len(known))), *map(list, zip(*islice(known, begin, None), strict=True))]
        return pa.table(dict(zip(schema.names, rows, strict=True)), schema)


class _Slice:
    """What is new between two states of the lake, written table by table."""

    def __init__(self, to: Lake, generation: int, kind: str, words: _Words):
        self.to, self.generation, self.kind, self.words = to, generation, kind, words
        self.files: list[File] = []

    def write(self, read: Read, bounds: Bounds) -> int:
        """Touches, facts and people within bounds, and the words that they brought; returns how many rows were read."""
        between = _between(bounds)
        self._add("touches", [self._touches(read, between)])
        self._add("facts", self._facts(read, between))
        self._add("people", [self._people(read, between)])
        for name in ("whats", "pairs"):
            self._add(name, [self.words.new(name)], "delta")
        return sum(max(high - low, 0) for low, high in bounds.values())

    def whole(self, read: Read, before: Sequence[File]) -> "Buyers":
        """The tables that are small, and whose rows may be undone: as they are now. A file that says so already stays."""
        deals = _columns(read(DEALS))
        moments = {name: _unless(deals, name) for name in ("opened_at", "closed_at")}
        tables = {
            "deals": _shaped("deals", deals, **moments),
            "costs": _shaped("costs", _columns(read(COSTS))),
            "groups": _shaped("groups", _columns(read(GROUPS))),
            "gone": _shaped("gone", _columns(read(GONE))),
        }
        for name, rows in tables.items():
            stays = [file for file in before if file.table == name and self.to.holds(file, rows)]
            self.files += stays
            if not stays:
                self._add(name, [rows], "base")
        were = [self.to.read(file) for file in before if file.table == "deals" and file not in self.files]
        return _buyers(were[0], tables["deals"], tables["gone"]) if were else Buyers([], False)

    def followed(
        self, read: Read, now: datetime, were: Mapping[str, list[int]], bounds: Bounds, buyers: "Buyers"
    ) -> tuple[set[str], dict[str, list[int]]]:
        """Of each person what is new of stages, ends and outcomes; or all of a table, where a row was undone, or persons are two again: these leave no row that says so.

        were       of each stream, how many rows were in the lake, and the sum of their ids
        returns    the tables that were written anew, and what to take for `were` the next time
        """
        low, high = _counted(read, bounds)
        undone = {s for s in low if were.get(s) != low[s]}
        apart = bounds["split"][0] != bounds["split"][1] or not undone.isdisjoint(UNITED)
        anew = {name for name, streams in FOLLOWED.items() if apart or not undone.isdisjoint(streams)}
        anew |= {"outcomes"} if buyers.left or len(buyers.changed) > BUYERS else set()
        between = _between(bounds) | {"buyers": ", ".join(map(str, buyers.changed)) or "NULL"}
        zone = house_zone(running(now))
        for name, query in (("stages", STAGES), ("ends", ENDS), ("outcomes", OUTCOMES)):
            asked = of_all(query) if name in anew else of_some(query, name)
            pieces = (_piece(name, batch, zone) for batch in read(asked.format(**between)))
            self._add(name, pieces, "base" if name in anew and self.kind == "delta" else "")
        return anew, high

    def _add(self, name: str, pieces: Iterable[pa.Table], kind: str = "") -> None:
        if file := self.to.write(name, pieces, self.generation, kind or self.kind):
            self.files.append(file)

    def _touches(self, read: Read, between: dict[str, int]) -> pa.Table:
        rows = _columns(read(TOUCHES.format(**between)))
        offers, campaigns = (_keys(read, table) for table in ("content_offer", "campaigns_campaign"))
        human = pc.greater_equal(rows["evidence"], int(HUMAN))
        sorts = [rows["kind"], offers(rows["offer_id"]), rows["event"], _short(rows["url"]), human]
        moved = pc.equal(rows["evidence"], AWAY).to_numpy()
        made = {"what": np.where(moved, MOVED, self._whats(sorts)), "campaign": campaigns(rows["campaign_id"])}
        return in_order("touches", _shaped("touches", rows, **made))

    def _people(self, read: Read, between: dict[str, int]) -> pa.Table:
        rows = _columns(read(PEOPLE.format(**between)))
        return in_order("people", _shaped("people", rows, lead_at=_unless(rows, "lead_at")))

    def _whats(self, columns: Sequence[pa.ChunkedArray]) -> np.ndarray:
        """The number of each row's sort of touch; looked up once for each sort that occurs."""
        codes, texts = np.zeros(len(columns[0]), np.int64), []
        for column in columns:
            encoded = column.combine_chunks().dictionary_encode()
            codes = codes * max(len(encoded.dictionary), 1) + encoded.indices.to_numpy()
            texts.append(encoded.dictionary.to_pylist())
        unique, place = np.unique(codes, return_inverse=True)
        numbers = np.empty(len(unique), np.int32)
        for k, code in enumerate(unique.tolist()):
            words: list[Any] = []
            for text in reversed(texts):
                code, n = divmod(code, len(text))
                words.append(text[n])
            numbers[k] = self.words.of("whats", tuple(reversed(words)))
        return numbers[place]

    def _facts(self, read: Read, between: dict[str, int]) -> Iterator[pa.Table]:
        """Everything that was known of those of whom, or of whose company, something was learned."""
        companies = {
            firm: learned.of_company((at, decode(told)) for _firm, at, told in rows)
            for firm, rows in groupby(_rows(read, COMPANIES.format(**between)), itemgetter(0))
        }
        out: list[tuple[int, int, int]] = []
        for person, rows in groupby(_rows(read, PERSONS.format(**between)), itemgetter(0)):
            for fact in learned.of_person(
                (learned.Row(at, decode(told), joined) for _person, at, told, joined in rows), companies
            ):
                pair = self.words.of("pairs", (fact.field, encode(fact.value).decode()))
                out.append((person, fact.at, pair))
            if len(out) > PIECE:
                yield _facts_table(out)
                out = []
        if out:
            yield _facts_table(out)


def _facts_table(rows: list[tuple[int, int, int]]) -> pa.Table:
    person, at, pair = np.array(rows, np.int64).T
    return _shaped("facts", {"person": person, "at": at, "pair": pair})


def _columns(rows: pa.RecordBatchReader) -> dict[str, pa.ChunkedArray]:
    table = rows.read_all()
    return dict(zip(table.column_names, table.columns, strict=True))


def _shaped(name: str, columns: Mapping[str, Any], **made: Any) -> pa.Table:
    """Columns as a table of the lake has them, whatever type the database gave them."""
    schema, every = TABLES[name].columns, {**columns, **made}
    rows = pa.table({c: every[c] for c in schema.names})
    return rows.cast(schema) if rows.num_rows else schema.empty_table()


def _between(bounds: Bounds) -> dict[str, Any]:
    return {f"{s}_{end}": n for s, pair in bounds.items() for end, n in zip(("low", "high"), pair, strict=True)}


def _piece(name: str, batch: pa.RecordBatch, zone: tzinfo) -> pa.Table:
    columns = dict(zip(batch.schema.names, batch.columns, strict=True))
    made = (
        {"wake": pa.array([_midnight(day, zone) for day in columns["wake"].to_pylist()], MOMENT)}
        if name == "ends"
        else {}
    )
    return _shaped(name, columns, **made)


def _counted(read: Read, bounds: Bounds) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """Of streams of which rows may be undone, or turn others, how many there are up to either bound, and the sums of their ids."""
    low, high = dict[str, list[int]](), dict[str, list[int]]()
    for stream in sorted(UNDONE | UNITED):
        every, *above = (row[1:] for row in _rows(read, counted(STREAMS[stream], *bounds[stream])))
        low[stream], high[stream] = ([int(a) - int(b) for a, b in zip(every, some, strict=True)] for some in above)
    return low, high


class Buyers(NamedTuple):
    """changed    persons of whom a deal that was closed is new or another
    left       whether one came to be another person's, or is open again: what told of it says so no more
    """

    changed: list[int]
    left: bool


def _buyers(were: pa.Table, now: pa.Table, gone: pa.Table) -> Buyers:
    """What differs between the closed deals of two moments. Of who is gone, nothing counts anyway."""
    closed = [t.filter(pc.is_valid(t["won"])) for t in (were, now)]
    both = pa.concat_tables(t.append_column("now", pa.array(np.full(len(t), n))) for n, t in enumerate(closed))
    each = both.group_by(now.column_names).aggregate([("now", "sum"), ([], "count_all")])
    alone = each.filter(pc.equal(each["count_all"], 1))
    before, after = (set(alone.filter(pc.equal(alone["now_sum"], n))["person"].to_pylist()) - {None} for n in (0, 1))
    return Buyers(sorted(before | after), bool(before - after - set(gone["person"].to_pylist())))


def _unless(rows: Mapping[str, pa.ChunkedArray], name: str) -> pa.ChunkedArray:
    """A moment, and null where a column beside it says that there is none."""
    return pc.if_else(pc.equal(rows[f"no_{name}"], 1), None, rows[name])


def _rows(read: Read, sql: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a query as tuples; `at` as microseconds."""
    for batch in read(sql):
        columns = [
            (batch.column(n).cast(MOMENT).cast(pa.int64()) if name == "at" else batch.column(n)).to_pylist()
            for n, name in enumerate(batch.schema.names)
        ]
        yield from zip(*columns, strict=True)


def _keys(read: Read, table: str) -> Callable[[pa.ChunkedArray], pa.ChunkedArray]:
    """From ids of offers or campaigns to their keys, "" where there is none."""
    rows = _columns(read(f"SELECT id, key FROM {table}"))
    ids = rows["id"].combine_chunks().cast(pa.int64())

    def keys(column: pa.ChunkedArray) -> pa.ChunkedArray:
        place = pc.index_in(column.cast(pa.int64()), value_set=ids)
        return pc.fill_null(rows["key"].cast(pa.string()).take(place), "")

    return keys


def _short(urls: pa.ChunkedArray) -> pa.ChunkedArray:
    """Addresses without what tells one click from the next, or no two visits would be of one sort."""
    encoded = urls.combine_chunks().dictionary_encode()
    short = [CLICKS.sub(r"\1", url) if "=" in url else url for url in encoded.dictionary.to_pylist()]
    return pa.chunked_array([pa.array(short, pa.string()).take(encoded.indices)])


def _midnight(day: str, zone: tzinfo) -> datetime | None:
    """When a day begins where the agreement is kept; None without a day."""
    return datetime.combine(date.fromisoformat(day), time(), zone).astimezone(UTC).replace(tzinfo=None) if day else None
