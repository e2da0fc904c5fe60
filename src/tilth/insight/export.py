"""From the database to the lake: what is new since the last time, and what came to mean something else.

Reads   touches, corrections, merges, what was learned, persons, origins; stage changes, verdicts and deals
Writes  the lake, in slices of bounded size that count one after the other; the lake can be thrown away and made anew
Source: docs/algorithms/lake.md
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, tzinfo
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tilth.agreement.models import running
from tilth.core import learned
from tilth.core.kernel import FAR
from tilth.core.qualify import HUMAN
from tilth.qualify.models import ORDER

from . import source
from .lake import MOMENT, MOVED, TABLES, WHOLE, File, Lake, Manifest, in_order, ours
from .source import Horizon, Read, Source

SLICE = 1_000_000  # rows of a stream, at most, between two states of the lake that count
SHARE = 8  # compacted when deltas are an eighth of the base,
DELTAS = 24  # or so many
PIECE = 200_000  # facts in memory
AWAY = -99  # as evidence of a touch, at the person whose it was
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
        if manifest.database != database.identity() or any(
            manifest.sealed.get(s, 0) > n for s, n in horizon.last.items()
        ):
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
                files = [file for file in files if file.table not in WHOLE]
                new.whole(read, now)
        files = files + new.files
        if horizon.sealed:
            manifest = replace(manifest, sealed={s: upto for s, (_above, upto) in bounds.items()})
        manifest = replace(manifest, files=files)
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
    """Write base and deltas as one base, where reading them side by side would cost more."""
    manifest = to.manifest
    worn = [name for name, shape in TABLES.items() if shape.key and _is_worn(manifest.of(name))]
    if not worn or any(file.kind == "tail" for file in manifest.files):
        return
    generation = manifest.generation + 1
    files = [file for file in manifest.files if file.table not in worn]
    persons = to.table("people", ["person"]).column("person").to_numpy()
    for name in worn:
        stretches = to.through([name], {}, [*persons[20_000::20_000].tolist(), FAR])
        if file := to.write(name, (piece[name] for piece in stretches), generation, "base"):
            files.append(file)
    for name in ("whats", "pairs"):
        files = [file for file in files if file.table != name]
        if file := to.write(name, [to.table(name)], generation, "base"):
            files.append(file)
    to.commit(replace(manifest, generation=generation, files=files), now)


def _is_worn(files: list[File]) -> bool:
    base = sum(file.rows for file in files if file.kind == "base")
    deltas = [file for file in files if file.kind != "base"]
    return len(deltas) > DELTAS or sum(file.rows for file in deltas) * SHARE > base


class _Words:
    """The two dictionaries of the lake: sorts of touches, and values of fields. Words keep their numbers for ever."""

    def __init__(self, to: Lake, manifest: Manifest):
        before = Lake(to.folder, manifest)
        self.known = {name: {words: n for n, words in enumerate(before.words(name))} for name in ("whats", "pairs")}
        self.written = {name: len(known) for name, known in self.known.items()}

    def of(self, name: str, words: tuple[Any, ...]) -> int:
        """The number of these words, theirs from now on."""
        known = self.known[name]
        return known.setdefault(words, len(known))

    def new(self, name: str) -> pa.Table:
        """The words that no file has yet."""
        begin, known = self.written[name], self.known[name]
        self.written[name] = len(known)
        rows = [list(range(begin, len(known))), *map(list, zip(*islice(known, begin, None), strict=True))]
        schema = TABLES[name].columns
        return (
            pa.table(dict(zip(schema.names, rows, strict=True)), schema) if len(known) > begin else schema.empty_table()
        )


class _Slice:
    """What is new between two states of the lake, written table by table."""

    def __init__(self, to: Lake, generation: int, kind: str, words: _Words):
        self.to, self.generation, self.kind, self.words = to, generation, kind, words
        self.files: list[File] = []

    def write(self, read: Read, bounds: Bounds) -> int:
        """Touches, facts and people within bounds, and the words that they brought; returns how many rows were read."""
        between = {f"{s}_{end}": n for s, pair in bounds.items() for end, n in zip(("low", "high"), pair, strict=True)}
        self._add("touches", [self._touches(read, between)])
        self._add("facts", self._facts(read, between))
        self._add("people", [self._people(read, between)])
        for name in ("whats", "pairs"):
            self._add(name, [self.words.new(name)], "delta")
        return sum(high - low for low, high in bounds.values())

    def whole(self, read: Read, now: datetime) -> None:
        """The tables that are small, and whose rows may be undone: each time as they are now."""
        version = running(now)
        zone = version.terms.zone if version else UTC
        ends = _columns(read(ENDS))
        wakes = [_midnight(day, zone) for day in ends["wake"].to_pylist()]
        self._add("ends", [_shaped("ends", ends, wake=pa.array(wakes, MOMENT))], "base")
        self._add("outcomes", [_shaped("outcomes", _columns(read(OUTCOMES)))], "base")
        self._add("gone", [_shaped("gone", _columns(read(GONE)))], "base")

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
        since = pc.if_else(pc.equal(rows["is_lead"], 1), rows["lead_at"], None)
        return in_order("people", _shaped("people", rows, lead_at=since))

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
    return pa.table({c: every[c] for c in schema.names}).cast(schema)


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


# Texts are never null here: SQLite tells the type of a column by the first rows alone.

_TOUCH = """SELECT t.id, t.person_id AS person, t.at, t.kind, t.offer_id, t.event, t.url, t.evidence, t.team, t.source,
    t.medium, t.campaign_id, t.learned_at FROM """

_AWAY = f"""SELECT t.id, {{was}} AS person, t.at, t.kind, t.offer_id, t.event, t.url, {AWAY} AS evidence, t.team, t.source,
    t.medium, t.campaign_id, t.learned_at FROM """

# Whose touches and facts came to be another's, or their own again: those whom a merge made one, or a split two.
_TURNED = """
    SELECT m.person_id AS survivor, m.merged_id AS merged, m.company_id AS firm FROM people_merge m
    WHERE m.id > {merge_low} AND m.id <= {merge_high}
    UNION SELECT m.person_id, m.merged_id, m.company_id FROM people_split s JOIN people_merge m ON m.id = s.merge_id
    WHERE s.id > {split_low} AND s.id <= {split_high}
"""
TURNED_PERSONS = f"""
    SELECT survivor FROM ({_TURNED}) turned WHERE firm IS NULL
    UNION SELECT merged FROM ({_TURNED}) turned WHERE firm IS NULL
"""
TURNED_FIRMS = f"""
    SELECT firm FROM ({_TURNED}) turned WHERE firm IS NOT NULL
    UNION SELECT merged FROM ({_TURNED}) turned WHERE firm IS NOT NULL
"""

TOUCHES = f"""
    {_TOUCH} touches_correction c JOIN touches_touch t ON t.id = c.touch_id
    WHERE c.id > {{correction_low}} AND c.id <= {{correction_high}} AND t.id <= {{touch_low}} AND t.person_id IS NOT NULL
    UNION
    {_TOUCH} touches_correction c JOIN touches_touch t ON t.visitor_id = c.visitor_id
    WHERE c.id > {{correction_low}} AND c.id <= {{correction_high}} AND t.id <= {{touch_low}} AND t.person_id IS NOT NULL
    UNION
    {_TOUCH} touches_touch t WHERE t.person_id IN ({TURNED_PERSONS}) AND t.id <= {{touch_low}}
    UNION
    {_AWAY.format(was="c.was")} touches_correction c JOIN touches_touch t ON t.visitor_id = c.visitor_id
    WHERE c.id > {{correction_low}} AND c.id <= {{correction_high}} AND t.id <= {{touch_low}}
        AND c.was IS NOT NULL AND (t.person_id IS NULL OR t.person_id <> c.was)
    UNION
    {_AWAY.format(was="m.person_id")} people_split s JOIN people_merge m ON m.id = s.merge_id
        JOIN touches_touch t ON t.person_id = m.merged_id
    WHERE s.id > {{split_low}} AND s.id <= {{split_high}} AND t.id <= {{touch_low}} AND m.person_id IS NOT NULL
    UNION ALL
    {_TOUCH} touches_touch t WHERE t.id > {{touch_low}} AND t.id <= {{touch_high}} AND t.person_id IS NOT NULL
"""

_WHO = f"""
    WITH fresh AS (
        SELECT person_id, company_id FROM people_learned WHERE id > {{learned_low}} AND id <= {{learned_high}}
        UNION SELECT survivor, NULL FROM ({TURNED_PERSONS}) turned
        UNION SELECT NULL, firm FROM ({TURNED_FIRMS}) turned
    ), who AS (
        SELECT person_id FROM fresh WHERE person_id IS NOT NULL
        UNION SELECT l.person_id FROM fresh f JOIN people_learned l ON l.joined_id = f.company_id
    )
"""
COMPANIES = f"""
    {_WHO} SELECT company_id, at, CAST("values" AS text) AS told FROM people_learned
    WHERE company_id IN (SELECT l.joined_id FROM who JOIN people_learned l ON l.person_id = who.person_id)
    ORDER BY company_id, id
"""
PERSONS = f"""
    {_WHO} SELECT l.person_id, l.at, CAST(l."values" AS text) AS told, l.joined_id
    FROM who JOIN people_learned l ON l.person_id = who.person_id ORDER BY l.person_id, l.id
"""

PEOPLE = f"""
    SELECT p.id AS person, p.at, CASE WHEN o.person_id IS NULL THEN 0 ELSE 1 END AS is_lead, COALESCE(o.at, p.at) AS lead_at,
        COALESCE(o.door, '') AS door, COALESCE(o.source, '') AS source, COALESCE(f.key, '') AS offer,
        COALESCE(c.key, '') AS campaign
    FROM people_person p LEFT JOIN touches_origin o ON o.person_id = p.id
        LEFT JOIN content_offer f ON f.id = o.offer_id LEFT JOIN campaigns_campaign c ON c.id = o.campaign_id
    WHERE p.id IN (
        SELECT id FROM people_person WHERE id > {{person_low}} AND id <= {{person_high}}
        UNION SELECT person_id FROM touches_origin WHERE touch_id > {{touch_low}} AND touch_id <= {{touch_high}}
        UNION SELECT t.person_id FROM touches_correction c JOIN touches_touch t ON t.id = c.touch_id
            WHERE c.id > {{correction_low}} AND c.id <= {{correction_high}}
        UNION SELECT t.person_id FROM touches_correction c JOIN touches_touch t ON t.visitor_id = c.visitor_id
            WHERE c.id > {{correction_low}} AND c.id <= {{correction_high}}
        UNION SELECT c.was FROM touches_correction c WHERE c.id > {{correction_low}} AND c.id <= {{correction_high}}
        UNION SELECT person_id FROM people_learned WHERE id > {{learned_low}} AND id <= {{learned_high}}
        UNION {TURNED_PERSONS}
    )
"""
# Who was made one with somebody else, or turned out to be somebody else by what events told.
GONE = """
    SELECT m.merged_id AS person FROM people_merge m LEFT JOIN people_split s ON s.merge_id = m.id
    WHERE m.person_id IS NOT NULL AND s.id IS NULL
    UNION SELECT c.was FROM touches_correction c LEFT JOIN people_person p ON p.id = c.was
    WHERE c.was IS NOT NULL AND p.id IS NULL ORDER BY 1
"""

_FELL = ", ".join(f"('{to}', '{was}')" for was in ORDER for to in ORDER if ORDER[to] < ORDER[was])
ENDS = f"""
    SELECT s.person_id AS person, s.at, COALESCE(CAST(max(w.wake_on) AS text), '') AS wake
    FROM qualify_stagechange s LEFT JOIN (
        SELECT h.person_id, r.at, r.wake_on FROM handoff_return r JOIN handoff_handoff h ON h.id = r.handoff_id
        WHERE r.comes_back = 'date'
        UNION ALL SELECT h.person_id, b.at, b.wake_on FROM handoff_handback b JOIN handoff_handoff h ON h.id = b.handoff_id
        WHERE b.comes_back = 'date'
    ) w ON w.person_id = s.person_id AND w.at = s.at
    WHERE (s.stage = 'customer' OR (s.stage, s.was) IN (VALUES {_FELL}))
        AND s.person_id NOT IN (SELECT id FROM people_person WHERE erased_at IS NOT NULL)
    GROUP BY s.person_id, s.at ORDER BY s.person_id, s.at
"""

_NULL = "CAST(NULL AS bigint)"


# A return that was overturned is none.
_STANDS = """
    LEFT JOIN handoff_review w ON w.returned_id = r.id AND w.verdict = 'overturned' WHERE w.id IS NULL
"""


def _verdict(kind: str, table: str, reason: str = "''", stands: str = "") -> str:
    return f"""
        SELECT h.person_id, r.at, '{kind}', h.id, {_NULL}, v.number, {reason}, {_NULL}, '', r.member_id, r.at
        FROM handoff_{table} r JOIN handoff_handoff h ON h.id = r.handoff_id JOIN agreement_version v ON v.id = h.version_id
            {stands}
    """


def _closed(kind: str, amount: str, reason: str = "''") -> str:
    return f"""
        SELECT d.person_id, c.at, '{kind}', d.handoff_id, d.id, v.number, {reason}, {amount}, d.currency, c.member_id,
            CASE WHEN d.learned_at > c.at THEN d.learned_at ELSE c.at END
        FROM deals_{kind} c JOIN deals_deal d ON d.id = c.deal_id
            LEFT JOIN handoff_handoff h ON h.id = d.handoff_id LEFT JOIN agreement_version v ON v.id = h.version_id
        WHERE d.person_id IS NOT NULL
    """


_OUTCOMES = f"""
    SELECT h.person_id AS person, h.at AS at, 'handoff' AS kind, h.id AS handoff, {_NULL} AS deal, v.number AS version,
        '' AS reason, {_NULL} AS amount, '' AS currency, h.owner_id AS owner, h.at AS learned_at
    FROM handoff_handoff h JOIN agreement_version v ON v.id = h.version_id WHERE h.continues_id IS NULL
    UNION ALL {_verdict("accepted", "acceptance")}
    UNION ALL {_verdict("sql", "qualified")}
    UNION ALL {_verdict("returned", "return", "r.reason", _STANDS)}
    UNION ALL {_verdict("handed_back", "handback", "r.reason")}
    UNION ALL {_closed("won", "c.amount")}
    UNION ALL {_closed("lost", _NULL, "c.reason")}
"""
OUTCOMES = f"""
    SELECT * FROM ({_OUTCOMES}) o WHERE o.person NOT IN (SELECT id FROM people_person WHERE erased_at IS NOT NULL)
    ORDER BY 1, 2, 3
"""
