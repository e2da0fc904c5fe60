"""A company of any size, written by SQL (a benchmark may; the product never does), in believable proportions.

Of a hundred people that it knows, forty became leads in the last two years and ten were handed off; of these, sales returned
one in eight, found two in five ready to buy, made three in ten a deal and won a third of those. Five people share a company.
Touches go over eight sources, thirty campaigns, twenty offers and four hundred pages; both teams signed an agreement.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime(2026, 6, 16, 8, 40, tzinfo=UTC)
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT CAST({first} AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {last})"
YEARS = 63_000_000  # seconds of two of them
BLOCK, SHIFT = 1_000_000, 104_729
SELLERS, OFFERS, CAMPAIGNS = 50, 20, 30
SOURCES = ("google", "linkedin", "newsletter", "fair", "partner", "direct", "webinar", "referral")
MEDIUMS = ("organic", "cpc", "mail", "event", "partner", "", "cpc", "social")
INDUSTRIES = ("Horticulture", "Logistics", "Construction", "Software", "Food", "Energy")
REASONS = ("too_small", "not_reached", "no_budget", "student")


def company(people: int, touches: int) -> None:
    """Everybody, what was learned of them, and what became of them. On SQLite nothing is flushed until it is complete.

    touches    in all, of which each person gets as many
    """
    from django.db import connection

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for pragma in ("journal_mode = MEMORY", "synchronous = OFF", "cache_size = -800000", "temp_store = MEMORY"):
                cursor.execute(f"PRAGMA {pragma}")
    _agreement()
    _nouns(people)
    with _without_indexes("touches_touch", "qualify_stagechange", "people_person"):
        meet(people, 1, min(touches, BLOCK))
        _again(people, touches)
        _reached(people)
    _handed_off(1, people // 10)
    _spent()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = NORMAL")
            cursor.execute("PRAGMA cache_size = -2000")


def _again(people: int, touches: int) -> None:
    """The first block of touches again and again, each time of other people, which is quicker than making them."""
    from django.db import connection

    same = "at, kind, team, evidence, offer_id, campaign_id, source, medium, event, url, properties, learned_at"
    for n in range(1, -(-touches // BLOCK)):
        whose = f"id + {n * BLOCK}, (person_id + {n * SHIFT}) % {people} + 1"
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO touches_touch (id, person_id, {same}) SELECT {whose}, {same} FROM touches_touch "
                f"WHERE id <= {min(BLOCK, touches - n * BLOCK)}"
            )


def lake(people: int, touches: int) -> None:
    """The lake as an export would leave it: of the first block of touches by an export, of all others written from these."""
    from unittest.mock import patch

    from tilth.insight import export, source

    def first_block(self: source.Source, whole: Any = source.Source.horizon) -> source.Horizon:
        horizon = whole(self)
        return horizon._replace(last=horizon.last | {"touch": min(touches, BLOCK)})

    with patch.object(source.Source, "horizon", first_block):
        export.rebuild(NOW)
    if touches > BLOCK:
        _spread(people, touches)


def _spread(people: int, touches: int) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    from tilth.insight.lake import File, in_order, ours

    to = ours()
    with to.held():
        block, generation = to.table("touches"), to.manifest.generation + 1
        persons = block["person"].to_numpy()

        def of(begin: int, end: int, n: int) -> Iterator[pa.Table]:
            """The rows of the nth block that are of persons from begin up to end."""
            most = min(BLOCK, touches - n * BLOCK)
            for turn in (0, people):
                shift = n * SHIFT % people + 1 - turn if n else 0
                if turn and not n:
                    continue
                a, b = persons.searchsorted((max(begin - shift, 1), max(end - shift, 1)))
                rows = block.slice(a, b - a)
                rows = rows.filter(pc.less_equal(rows["id"], most))
                rows = rows.set_column(0, "person", pc.add(rows["person"], shift))
                yield rows.set_column(2, "id", pc.add(rows["id"], n * BLOCK))

        def pieces() -> Iterator[pa.Table]:
            for begin in range(1, people + 1, 50_000):
                end = min(begin + 50_000, people + 1)
                some = [rows for n in range(-(-touches // BLOCK)) for rows in of(begin, end, n)]
                yield in_order("touches", pa.concat_tables(some)).cast(block.schema)

        made = to.write("touches", pieces(), generation, "base")
        assert isinstance(made, File), made
        assert made.rows == touches, made
        files = [file for file in to.manifest.files if file.table != "touches"] + [made]
        sealed = to.manifest.sealed | {"touch": touches}
        to.commit(replace(to.manifest, generation=generation, files=files, sealed=sealed), NOW)


def meet(people: int, first: int, last: int, ended: str = "0") -> None:
    """Touches with these ids, dealt out among so many people, spread over the two years that `ended` seconds ago."""
    source, medium = _one_of(SOURCES, "i * 31 / 7"), _one_of(MEDIUMS, "i * 31 / 7")
    step = max(last // YEARS, 1)
    insert("touches_touch", "id, at, kind, team, evidence, person_id, offer_id, campaign_id, source, medium, event, url, properties, learned_at",
           f"""i, {ago(f"{ended} + {YEARS} - (i * {YEARS} / {last} + i % {step + 7}) % {YEARS}")},
           CASE i % 9 WHEN 0 THEN 'form' WHEN 1 THEN 'download' WHEN 2 THEN 'mail_open' WHEN 3 THEN 'call' ELSE 'page' END,
           CASE i % 9 WHEN 2 THEN 'marketing' WHEN 3 THEN 'sales' ELSE 'person' END, 2,
           i * 7919 % {people} + 1, CASE WHEN i % 9 < 2 THEN i % {OFFERS} + 1 END, CASE WHEN i % 5 = 0 THEN i % {CAMPAIGNS} + 1 END,
           {source}, {medium}, '', 'https://kasbouw.example/page/' || (i * 31 % 400), '{{}}', {ago(ended)}""", first, last)  # fmt: skip


def become(people: int, first: int, last: int) -> None:
    """Changes of stage with these ids: somebody of the last becomes a lead now."""
    insert("qualify_stagechange", "id, person_id, stage, was, at, because, version_id",
           f"i, {people} - i % {people // 2}, 'lead', '', {ago('0')}, '', 1", first, last)  # fmt: skip


def hand_off(people: int, first: int, last: int) -> None:
    """Leads with these numbers go to sales, with all that comes of it."""
    _handed_off(first, last, recent=True)


def _agreement() -> None:
    from tilth.agreement import presets
    from tilth.agreement.models import Version
    from tilth.team.models import Member, Role

    joined = NOW - timedelta(days=800)
    ann = Member.objects.create(name="Ann", email="ann@bench.example", role=Role.MARKETING, joined_at=joined)
    sellers = [
        Member.objects.create(name=f"Seller {n}", email=f"s{n}@bench.example", role=Role.SALES, joined_at=joined)
        for n in range(SELLERS)
    ]
    version = Version.write(presets.load("b2b-software"), ann, joined)
    version.sign(ann, "marketing", joined)
    version.sign(sellers[0], "sales", joined)


def _nouns(people: int) -> None:
    from django.db import connection

    firms, json = people // 5, "" if connection.vendor == "sqlite" else "::jsonb"
    began = ago("70000000 - i % 7000000")
    industry = _one_of(INDUSTRIES, "i")
    insert("content_offer", "id, key, name, at", f"i, 'offer-' || i, 'Offer ' || i, {ago('70000000')}", 1, OFFERS)
    insert("campaigns_campaign", "id, key, name, at", f"i, 'campaign-' || i, 'Campaign ' || i, {ago('70000000')}", 1, CAMPAIGNS)  # fmt: skip
    insert("people_company", "id, name, industry, country, city, custom, at",
           f"i, 'Firm ' || i, {industry}, 'NL', 'Bleiswijk', '{{}}', {began}", 1, firms)  # fmt: skip
    insert("people_person", "id, first_name, last_name, title, country, language, company_id, custom, at",
           f"i, 'First', 'Last', 'Manager', 'NL', 'nl', i % {firms} + 1, '{{}}', {began}", 1, people)  # fmt: skip
    insert("people_learned", 'company_id, at, "values", origin',
           f"""i, {began}, ('{{"name": "Firm ' || i || '", "industry": "' || {industry} || '", "employees": ' || (i * 7 % 900)
           || ', "country": "NL", "city": "Bleiswijk"}}'){json}, 'file'""", 1, firms)  # fmt: skip
    insert("people_learned", 'person_id, joined_id, at, "values", origin',
           f"""i, i % {firms} + 1, {began}, ('{{"first_name": "First", "last_name": "Last", "title": "Manager ' || (i % 50)
           || '", "country": "NL", "email": "p' || i || '@firm.example", "phone": "+31105550142", "company": "Firm"}}'){json},
           'file'""", 1, people)  # fmt: skip
    leads = people * 4 // 10
    insert("touches_origin", "person_id, at, door, source, offer_id, campaign_id",
           f"i, {_lead_at('i')}, CASE WHEN i % 10 < 8 THEN 'person' ELSE 'sales' END, {_one_of(SOURCES, 'i * 13')}, "
           f"i % {OFFERS} + 1, CASE WHEN i % 5 = 0 THEN i % {CAMPAIGNS} + 1 END", 1, leads)  # fmt: skip
    groups = people // 100
    insert("groups_buyinggroup", "id, about, at, company_id", f"i, '', {ago('1000000')}, i", 1, groups)
    insert("groups_membership", "id, role, at, group_id, person_id",
           f"i, '', {ago('1000000')}, (i + 1) / 2, (i + 1) / 2 - 1 + i % 2 * {firms} + CASE WHEN i < 3 THEN {firms} ELSE 0 END", 1, groups * 2)  # fmt: skip


def _reached(people: int) -> None:
    """Stages in the order in which they were reached: leads; of the first, also what sales made of them."""
    leads, handed = people * 4 // 10, people // 10
    columns = "id, person_id, stage, was, at, because, version_id"
    insert("qualify_stagechange", columns, f"i, i, 'lead', '', {_lead_at('i')}, '', 1", 1, leads)
    at = leads
    for stage, was, when, after in (
        ("mql", "lead", "1 = 1", HANDED), ("lead", "mql", RETURNED, HANDED + 2), ("sql", "mql", QUALIFIED, HANDED + 20),
        ("lead", "mql", HANDED_BACK, HANDED + 30), ("customer", "sql", WON, HANDED + 70), ("lead", "sql", LOST, HANDED + 80),
    ):  # fmt: skip
        insert("qualify_stagechange", columns, f"{at} + i, i, '{stage}', '{was}', {_lead_at('i', after)}, '', 1", 1, handed,
               f"{when} AND {_lead_for(after)}")  # fmt: skip
        at += handed


HANDED = 5  # days after they became a lead; every eighth of those handed off comes back, …
RETURNED, TAKEN = "i % 8 = 0", "i % 8 <> 0"
QUALIFIED, HANDED_BACK = "i % 8 <> 0 AND i % 5 < 2", "i % 8 <> 0 AND i % 5 = 4"
WON, LOST, DEAL = "i % 8 <> 0 AND i % 20 IN (1, 5)", "i % 8 <> 0 AND i % 20 IN (10, 16)", "i % 8 <> 0 AND i % 20 IN (0, 1, 5, 6, 10, 11, 15, 16)"  # fmt: skip


def _handed_off(first: int, last: int, recent: bool = False) -> None:
    seller = f"{_first_seller()} + i % {SELLERS}"

    def at(days: int) -> str:
        return ago("0") if recent else _lead_at("i", days)

    def rows(table: str, columns: str, values: str, when: str, days: int) -> None:
        insert(table, columns, values, first, last, when if recent else f"({when}) AND {_lead_for(days)}")

    rows("handoff_handoff", "id, at, grade, level, value, why, routing, owner_id, person_id, version_id",
         f"i, {at(HANDED)}, 'A', 4, 100000, '{{}}', '{{}}', {seller}, i, 1", "1 = 1", HANDED)  # fmt: skip
    rows("handoff_acceptance", "id, at, member_id, handoff_id", f"i, {at(HANDED + 1)}, {seller}, i", TAKEN, HANDED + 1)
    rows("handoff_return", "id, at, reason, note, handoff_id, member_id",
         f"i, {at(HANDED + 2)}, {_one_of(REASONS, 'i / 8')}, '', i, {seller}", RETURNED, HANDED + 2)  # fmt: skip
    rows("handoff_qualified", "id, at, note, handoff_id, member_id", f"i, {at(HANDED + 20)}, '', i, {seller}", QUALIFIED, HANDED + 20)  # fmt: skip
    rows("handoff_handback", "id, at, reason, note, handoff_id, member_id",
         f"i, {at(HANDED + 30)}, {_one_of(REASONS, 'i / 5')}, '', i, {seller}", HANDED_BACK, HANDED + 30)  # fmt: skip
    rows("deals_deal", "id, name, seller, product, phase, amount, currency, opened_at, learned_at, system, handoff_id, owner_id, person_id",
         f"i, 'Deal ' || i, '', 'Product ' || i % 4, 'offer', 100000 + i * 7919 % 9000000, 'EUR', {at(HANDED + 25)}, {at(HANDED + 25)}, '', i, {seller}, i", DEAL, HANDED + 25)  # fmt: skip
    rows("deals_won", "id, at, amount, deal_id, member_id", f"i, {at(HANDED + 70)}, 100000 + i * 7919 % 9000000, i, {seller}", WON, HANDED + 70)  # fmt: skip
    rows("deals_lost", "id, at, reason, note, deal_id, member_id", f"i, {at(HANDED + 80)}, {_one_of(REASONS, 'i / 20')}, '', i, {seller}", LOST, HANDED + 80)  # fmt: skip


def _spent() -> None:
    """Of each source and each campaign one bill a month."""
    from django.db import connection

    key = "CAST('{0}' || i AS BLOB)" if connection.vendor == "sqlite" else "('{0}' || i)::bytea"
    day = "date('{0:%F}', '-' || ({1}) || ' days')" if connection.vendor == "sqlite" else "date '{0:%F}' - ({1})::int"
    insert("campaigns_cost", 'id, source, day, amount, currency, what, "key"',
           f"i, {_one_of(SOURCES, 'i')}, {day.format(NOW, 'i / 8 * 30')}, 200000 + i * 7919 % 900000, 'EUR', 'media', {key.format('s')}", 1, 8 * 24)  # fmt: skip
    insert("campaigns_cost", 'id, source, campaign_id, day, amount, currency, what, "key"',
           f"1000 + i, '', i % {CAMPAIGNS} + 1, {day.format(NOW, f'i / {CAMPAIGNS} * 30')}, 50000 + i * 7919 % 300000, 'EUR', 'media', {key.format('c')}",
           1, CAMPAIGNS * 24)  # fmt: skip


def insert(into: str, columns: str, values: str, first: int, last: int, when: str = "1 = 1") -> None:
    """Rows of a table, of the numbers `i` from first to last for which `when` holds."""
    from django.db import connection

    for begin in range(first, last + 1, 1_000_000):
        numbers = NUMBERS.format(first=begin, last=min(begin + 999_999, last))
        rows = f"SELECT {values} FROM n WHERE {when}"
        if connection.vendor == "sqlite":
            sql = f"INSERT INTO {into} ({columns}) {numbers} {rows}"
        else:
            sql = f"{numbers} INSERT INTO {into} ({columns}) {rows}"
        with connection.cursor() as cursor:
            cursor.execute(sql)


def ago(seconds: str) -> str:
    """A moment so many seconds before NOW, as the database writes it."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return f"strftime('%Y-%m-%d %H:%M:%f', '{NOW:%F %T}', '-' || ({seconds}) || ' seconds') || '000'"
    return f"'{NOW:%F %T}+00'::timestamptz - ({seconds}) * interval '1 second'"


def _lead_at(person: str, days: int = 0) -> str:
    """Some days after somebody became a lead, which was any time within two years; only for whom that has come: `_lead_for`."""
    return ago(f"{person} * 6388469 % {YEARS} - {days * 86_400}")


def _lead_for(days: int) -> str:
    """Who became a lead so many days ago or longer."""
    return f"i * 6388469 % {YEARS} >= {days * 86_400}"


def _one_of(words: tuple[str, ...], number: str) -> str:
    told = " ".join(f"WHEN {n} THEN '{word}'" for n, word in enumerate(words))
    return f"CASE ({number}) % {len(words)} {told} END"


def _first_seller() -> int:
    from tilth.team.models import Member, Role

    return Member.objects.filter(role=Role.SALES).order_by("pk").values_list("pk", flat=True)[0]


class _without_indexes:
    """Tables without their indexes, which are made again at the end: at once, instead of row by row."""

    def __init__(self, *tables: str):
        self.tables, self.sql = tables, list[str]()

    def __enter__(self) -> None:
        from django.db import connection

        self.cursor = connection.cursor()
        names = ", ".join(f"'{table}'" for table in self.tables)
        told = (
            f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({names})"
            if connection.vendor == "sqlite"
            else f"""SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ({names})
                AND indexname NOT IN (SELECT conname FROM pg_constraint)"""
        )
        self.cursor.execute(told)
        for name, sql in self.cursor.fetchall():
            self.sql.append(sql)
            self.cursor.execute(f'DROP INDEX "{name}"')

    def __exit__(self, *_: object) -> None:
        for sql in self.sql:
            self.cursor.execute(sql)
