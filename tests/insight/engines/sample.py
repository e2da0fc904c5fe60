"""A lake of two thousand people that never was in a database: base and deltas, somebody gone, gaps wherever they may be."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tilth.insight.lake import File, Lake, Manifest, in_order
from tilth.insight.shapes import MOVED, TABLES

NOW = datetime(2026, 6, 16, 8, 40, tzinfo=UTC)
YEAR = 365 * 86_400
SOURCES = ["google", "linkedin", "fair", "", "Ünïcode, 'quoted'"]
STAGES = ["visitor", "lead", "mql", "sql", "customer"]
WHATS = ["form", "page", "download", "webinar", "mail_click", "call", "meeting", "mail_open"]


def sample(folder: Path, people: int = 2_000, seed: int = 7) -> Lake:
    """The same rows for the same seed."""
    made, to = _Made(people, np.random.default_rng(seed)), Lake(folder)
    folder.mkdir(parents=True, exist_ok=True)
    files: list[File | None] = []
    for name in TABLES:
        rows = getattr(made, name)()
        pieces = _pieces(rows, made.chance) if TABLES[name].key else [rows]
        files += [
            to.write(name, [in_order(name, piece)], n, "delta" if n else "base") for n, piece in enumerate(pieces)
        ]
    to.commit(Manifest(9, "sample", files=[file for file in files if file]), NOW)
    return Lake(folder)


def _pieces(rows: pa.Table, chance: np.random.Generator) -> list[pa.Table]:
    """A base, and two deltas in which a few persons come anew, half of them at most; of touches, one in fifty has moved away."""
    persons = rows.column("person").to_numpy()
    unlike = np.unique(persons)
    some = min(60, len(unlike) // 2)
    newer = [rows.filter(np.isin(persons, chance.choice(unlike, some, replace=False))) for _ in range(2)]
    if "what" in rows.column_names:
        newer = [_some_moved(piece, chance) for piece in newer]
    return [rows, *newer]


def _some_moved(rows: pa.Table, chance: np.random.Generator) -> pa.Table:
    what = np.where(chance.random(rows.num_rows) < 0.02, MOVED, rows.column("what").to_numpy())
    return rows.set_column(rows.column_names.index("what"), "what", pa.array(what, pa.int32()))


class _Made:
    """One method a table."""

    def __init__(self, people: int, chance: np.random.Generator):
        self.n, self.chance = people, chance
        self.lead_at = chance.integers(0, YEAR, people)
        self.reached = chance.choice(5, people, p=[0.2, 0.4, 0.2, 0.1, 0.1])
        self.sold = np.flatnonzero(self.reached >= 3)

    def people(self) -> pa.Table:
        known = self._moments(np.maximum(self.lead_at - self.chance.integers(0, 90_000, self.n), 0))
        lead = [at if stage else None for at, stage in zip(self._moments(self.lead_at), self.reached, strict=True)]
        return self._table(
            "people", person=range(1, self.n + 1), at=known, lead_at=lead, door=["person"] * self.n, source=self._any(SOURCES, self.n),
            offer=self._any(["demo", "guide", ""], self.n), campaign=self._any(["fair-2026", ""], self.n),
            company=[None if c == 0 else c for c in self.chance.integers(0, self.n // 4, self.n).tolist()],
        )  # fmt: skip

    def touches(self) -> pa.Table:
        rows = self.n * 8
        who = self.chance.integers(0, self.n, rows)
        at = self._moments(np.clip(self.lead_at[who] + self.chance.integers(-90, 60, rows) * 43_200, 0, YEAR))
        return self._table(
            "touches", person=who + 1, at=at, id=range(1, rows + 1), what=self.chance.integers(0, len(WHATS) * 2, rows), learned_at=at,
            team=self._any(["person", "marketing", "sales", "machine"], rows), source=self._any(SOURCES, rows),
            medium=self._any(["cpc", "organic", ""], rows), campaign=self._any(["fair-2026", "spring", ""], rows),
        )  # fmt: skip

    def facts(self) -> pa.Table:
        who = np.repeat(np.arange(self.n), 3)
        at = self._moments(self.lead_at[who] + self.chance.integers(0, 1_000, len(who)))
        return self._table("facts", person=who + 1, at=at, pair=self.chance.integers(0, 6, len(who)))

    def whats(self) -> pa.Table:
        kinds = [(kind, human) for kind in WHATS for human in (True, False)]
        return self._table(
            "whats", id=range(len(kinds)), kind=[k for k, _ in kinds], offer=self._any(["demo", "guide", ""], len(kinds)),
            event=[""] * len(kinds), url=[f"https://kasbouw.example/{n}" for n in range(len(kinds))], human=[h for _, h in kinds],
        )  # fmt: skip

    def pairs(self) -> pa.Table:
        values = ['"NL"', '"DE"', "null", "12", "900", "true"]
        fields = [
            "person.country",
            "person.country",
            "person.country",
            "company.employees",
            "company.employees",
            "email.free",
        ]
        return self._table("pairs", id=range(6), field=fields, value=values)

    def ends(self) -> pa.Table:
        who = np.flatnonzero(self.reached == 4)
        at = self._moments(self.lead_at[who] + 60 * 86_400)
        wakes = [m if n % 3 else None for n, m in enumerate(self._moments(self.lead_at[who] + 90 * 86_400))]
        return self._table("ends", person=who + 1, at=at, wake=wakes)

    def outcomes(self) -> pa.Table:
        said = [(who, kind, day) for who in self.sold for kind, day in (("handoff", 5), ("accepted", 6), ("sql", 9))]
        said += [(who, "won" if self.reached[who] == 4 else "lost", 40) for who in self.sold[::2]]
        said += [(who, "returned", 7) for who in self.sold[1::4]]
        at = self._moments([self.lead_at[who] + day * 86_400 for who, _, day in said])
        won, n = [kind == "won" for _, kind, _ in said], len(said)
        return self._table(
            "outcomes", person=[who + 1 for who, _, _ in said], at=at, kind=[kind for _, kind, _ in said],
            handoff=[who + 10 for who, _, _ in said], deal=[who if day == 40 else None for who, _, day in said], version=[1] * n,
            reason=[{"lost": "price", "returned": ("no-fit", "not-ready")[who % 2]}.get(kind, "") for who, kind, _ in said],
            charged=[("content", "", "data")[who % 3] if kind == "returned" else "" for who, kind, _ in said],
            amount=[int(a) if w else None for a, w in zip(self.chance.integers(1, 10**7, n), won, strict=True)],
            currency=["EUR" if w else "" for w in won], owner=[int(who) % 5 + 1 for who, _, _ in said], learned_at=at,
        )  # fmt: skip

    def stages(self) -> pa.Table:
        rows = [(who, step) for who in range(self.n) for step in range(1, self.reached[who] + 1)]
        at = self._moments([self.lead_at[who] + (step - 1) * 9 * 86_400 + who % 7 for who, step in rows])
        return self._table(
            "stages", person=[who + 1 for who, _ in rows], at=at, id=range(1, len(rows) + 1), was=[STAGES[s - 1] for _, s in rows],
            stage=[STAGES[s] for _, s in rows], version=[1 if who % 3 else None for who, _ in rows],
        )  # fmt: skip

    def deals(self) -> pa.Table:
        n = len(self.sold)
        won = [None if k % 5 == 0 else bool(self.reached[who] == 4) for k, who in enumerate(self.sold)]
        price = self.chance.integers(1, 10**7, n).tolist()
        opened = self._moments(self.lead_at[self.sold] + 10 * 86_400)
        closed = self._moments(self.lead_at[self.sold] + self.chance.integers(12, 90, n) * 86_400)
        return self._table(
            "deals", deal=range(1, n + 1), person=[who + 1 if who % 9 else None for who in self.sold], company=[None] * n,
            handoff=[who + 10 for who in self.sold], owner=[who % 5 + 1 if who % 11 else None for who in self.sold],
            opened_at=[None if k % 13 == 0 else at for k, at in enumerate(opened)], learned_at=opened,
            amount=[p if k % 4 else None for k, p in enumerate(price)], currency=self._any(["EUR", "USD"], n), phase=[""] * n,
            product=self._any(["GTX", "MG"], n), seller=[""] * n, closed_at=[at if w is not None else None for at, w in zip(closed, won, strict=True)],
            won=won, revenue=[p if w else None for p, w in zip(price, won, strict=True)], reason=["price" if w is False else "" for w in won],
        )  # fmt: skip

    def costs(self) -> pa.Table:
        n = 400
        return self._table(
            "costs", id=range(1, n + 1), day=[date(2025, 6, 16) + timedelta(int(d)) for d in self.chance.integers(0, 365, n)],
            source=self._any(SOURCES, n), campaign=self._any(["fair-2026", "spring", ""], n), amount=self.chance.integers(-100, 10**6, n),
            currency=self._any(["EUR", "USD"], n), what=["ads"] * n,
        )  # fmt: skip

    def groups(self) -> pa.Table:
        n = self.n // 10
        roles = self._any(["decider", "influencer", ""], n)
        return self._table("groups", group=[k // 3 + 1 for k in range(n)], person=range(1, n + 1), company=[k // 3 + 1 for k in range(n)], role=roles)  # fmt: skip

    def gone(self) -> pa.Table:
        return self._table("gone", person=[3, 40, 41])

    def _any(self, words: list[str], n: int) -> list[str]:
        return [words[k] for k in self.chance.integers(0, len(words), n)]

    def _moments(self, seconds: Any) -> list[datetime]:
        begin = NOW.replace(tzinfo=None) - timedelta(seconds=YEAR)
        return [begin + timedelta(seconds=int(s)) for s in seconds]

    def _table(self, name: str, **columns: Any) -> pa.Table:
        schema = TABLES[name].columns
        plain = {c: list(map(_plain, values)) for c, values in columns.items()}
        return pa.table({f.name: pa.array(plain[f.name], f.type) for f in schema}, schema)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
