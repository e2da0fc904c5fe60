"""What the lake asks of the database: one query a table. `{touch_low}` and its like bound what is new in a stream of rows.

Texts and moments are never null: SQLite tells the type of a column by the first rows alone.
"""

from tilth.qualify.models import ORDER

from .shapes import FOLLOWED

AWAY = -99  # as evidence of a touch, at the person whose it was


def _moment(column: str, instead: str, name: str) -> str:
    """A moment that may be missing; read by `_unless`."""
    return f"COALESCE({column}, {instead}) AS {name}, CASE WHEN {column} IS NULL THEN 1 ELSE 0 END AS no_{name}"


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

# Who was split off, and the person whose touches theirs are now: another with whom they were made one since.
_SPLIT_OFF = """
    WITH RECURSIVE off(was, person) AS (
        SELECT m.person_id, m.merged_id FROM people_split s JOIN people_merge m ON m.id = s.merge_id
        WHERE s.id > {split_low} AND s.id <= {split_high} AND m.person_id IS NOT NULL
        UNION SELECT off.was, m.person_id FROM off JOIN people_merge m ON m.merged_id = off.person
        LEFT JOIN people_split s ON s.merge_id = m.id WHERE s.id IS NULL AND m.person_id IS NOT NULL
    ) SELECT was, person FROM off WHERE person <> was
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
    {_AWAY.format(was="off.was")} ({_SPLIT_OFF}) off JOIN touches_touch t ON t.person_id = off.person
    WHERE t.id <= {{touch_low}}
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
    SELECT p.id AS person, p.at, {_moment("o.at", "p.at", "lead_at")}, COALESCE(o.door, '') AS door,
        COALESCE(o.source, '') AS source, COALESCE(f.key, '') AS offer, COALESCE(c.key, '') AS campaign, p.company_id AS company
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
        UNION SELECT id FROM people_person WHERE company_id IN ({TURNED_FIRMS})
    )
"""
# Who was made one with somebody else, or turned out to be somebody else by what events told.
GONE = """
    SELECT m.merged_id AS person FROM people_merge m LEFT JOIN people_split s ON s.merge_id = m.id
    WHERE m.person_id IS NOT NULL AND s.id IS NULL
    UNION SELECT c.was FROM touches_correction c LEFT JOIN people_person p ON p.id = c.was
    WHERE c.was IS NOT NULL AND p.id IS NULL ORDER BY 1
"""

# Of whom a verdict, a stage, or a deal is new, or came to be another's.
_NEWS = {
    "stage": "qualify_stagechange x",
    "handoff": "handoff_handoff x",
    "acceptance": "handoff_acceptance x JOIN handoff_handoff h ON h.id = x.handoff_id",
    "return": "handoff_return x JOIN handoff_handoff h ON h.id = x.handoff_id",
    "review": """handoff_review x JOIN handoff_return r ON r.id = x.returned_id
        JOIN handoff_handoff h ON h.id = r.handoff_id""",
    "qualified": "handoff_qualified x JOIN handoff_handoff h ON h.id = x.handoff_id",
    "handback": "handoff_handback x JOIN handoff_handoff h ON h.id = x.handoff_id",
    "won": "deals_won x JOIN deals_deal h ON h.id = x.deal_id",
    "lost": "deals_lost x JOIN deals_deal h ON h.id = x.deal_id",
}


def _new(stream: str) -> str:
    """Of whom there is a new row in a stream."""
    whose = "x" if stream in ("stage", "handoff") else "h"
    return f"""SELECT {whose}.person_id AS person FROM {_NEWS[stream]}
        WHERE x.id > {{{stream}_low}} AND x.id <= {{{stream}_high}}"""


def changed(table: str) -> str:
    """A query for the persons of whom a table says something else now; `{buyers}` are those who have another deal."""
    news = [_new(stream) for stream in FOLLOWED[table]]
    buyers = ["SELECT id FROM people_person WHERE id IN ({buyers})"] if table == "outcomes" else []
    return " UNION ".join([*news, f"SELECT * FROM ({TURNED_PERSONS}) turned", *buyers])


_FELL = ", ".join(f"('{to}', '{was}')" for was in ORDER for to in ORDER if ORDER[to] < ORDER[was])
_ERASED = "SELECT 1 FROM people_person e WHERE e.id = {whom} AND e.erased_at IS NOT NULL"
# `{{of}}`, here and below: how somebody is one of those who are asked for; see `of_all` and `of_some`.
ENDS = f"""
    SELECT s.person_id AS person, s.at, COALESCE(CAST(max(w.wake_on) AS text), '') AS wake
    FROM qualify_stagechange s LEFT JOIN (
        SELECT h.person_id, r.at, r.wake_on FROM handoff_return r JOIN handoff_handoff h ON h.id = r.handoff_id
        WHERE r.comes_back = 'date' AND h.{{of}}
        UNION ALL SELECT h.person_id, b.at, b.wake_on FROM handoff_handback b JOIN handoff_handoff h ON h.id = b.handoff_id
        WHERE b.comes_back = 'date' AND h.{{of}}
    ) w ON w.person_id = s.person_id AND w.at = s.at
    WHERE (s.stage = 'customer' OR (s.stage, s.was) IN (VALUES {_FELL})) AND s.{{of}}
        AND NOT EXISTS ({_ERASED.format(whom="s.person_id")})
    GROUP BY s.person_id, s.at ORDER BY s.person_id, s.at
"""

_NULL = "CAST(NULL AS bigint)"


# A return that was overturned is none; one that was upheld is charged to its cause.
_STANDS = "LEFT JOIN handoff_review w ON w.returned_id = r.id"
_NOT_OVERTURNED = "AND (w.id IS NULL OR w.verdict <> 'overturned')"


def _verdict(kind: str, table: str, reason: str = "''", charged: str = "''", joined: str = "", where: str = "") -> str:
    return f"""
        SELECT h.person_id, r.at, '{kind}', h.id, {_NULL}, v.number, {reason}, {_NULL}, '', r.member_id, r.at, {charged}
        FROM handoff_{table} r JOIN handoff_handoff h ON h.id = r.handoff_id JOIN agreement_version v ON v.id = h.version_id
            {joined} WHERE h.{{of}} {where}
    """


def _closed(kind: str, amount: str, reason: str = "''") -> str:
    return f"""
        SELECT d.person_id, c.at, '{kind}', d.handoff_id, d.id, v.number, {reason}, {amount}, d.currency, c.member_id,
            CASE WHEN d.learned_at > c.at THEN d.learned_at ELSE c.at END, ''
        FROM deals_{kind} c JOIN deals_deal d ON d.id = c.deal_id
            LEFT JOIN handoff_handoff h ON h.id = d.handoff_id LEFT JOIN agreement_version v ON v.id = h.version_id
        WHERE d.person_id IS NOT NULL AND d.{{of}}
    """


_OUTCOMES = f"""
    SELECT h.person_id AS person, h.at AS at, 'handoff' AS kind, h.id AS handoff, {_NULL} AS deal, v.number AS version,
        '' AS reason, {_NULL} AS amount, '' AS currency, h.owner_id AS owner, h.at AS learned_at, '' AS charged
    FROM handoff_handoff h JOIN agreement_version v ON v.id = h.version_id WHERE h.continues_id IS NULL AND h.{{of}}
    UNION ALL {_verdict("accepted", "acceptance")}
    UNION ALL {_verdict("sql", "qualified")}
    UNION ALL {_verdict("returned", "return", "r.reason", "COALESCE(w.charged_to, '')", _STANDS, _NOT_OVERTURNED)}
    UNION ALL {_verdict("handed_back", "handback", "r.reason")}
    UNION ALL {_closed("won", "c.amount")}
    UNION ALL {_closed("lost", _NULL, "c.reason")}
"""
OUTCOMES = f"""
    SELECT * FROM ({_OUTCOMES}) o WHERE NOT EXISTS ({_ERASED.format(whom="o.person")}) ORDER BY 1, 2, 3
"""

# Who was erased is still counted, under a number that says nothing: so the figures of the past stay as they were.
STAGES = """
    SELECT s.person_id AS person, s.at, s.id, s.was, s.stage, v.number AS version
    FROM qualify_stagechange s LEFT JOIN agreement_version v ON v.id = s.version_id
    WHERE s.id <= {stage_high} AND s.{of} ORDER BY s.person_id, s.at, s.id
"""


def of_all(query: str) -> str:
    return query.replace("{of}", "id IS NOT NULL")


def of_some(query: str, table: str) -> str:
    """Of those of whom the table says something else now; of stages only what is new, for they add up."""
    if table == "stages":
        stages = "SELECT id FROM qualify_stagechange WHERE"
        new = f"{stages} id > {{stage_low}} AND id <= {{stage_high}} UNION {stages} person_id IN ({TURNED_PERSONS})"
        return query.replace("{of}", f"id IN ({new})")
    return f"WITH news AS ({changed(table)}) {query.replace('{of}', 'person_id IN (SELECT person FROM news)')}"


def counted(table: str, low: int, high: int) -> str:
    """How many rows a table has, and the sum of their ids: of all, and above each of two ids. An index is read as a whole, which is quicker than a part of a table."""
    n = f"count(*) AS n, CAST(COALESCE(sum(id), 0) AS bigint) AS ids FROM {table}"
    above = f"UNION ALL SELECT 1, {n} WHERE id > {low} UNION ALL SELECT 2, {n} WHERE id > {high}"
    return f"SELECT 0 AS nth, {n} {above} ORDER BY nth"


DEALS = f"""
    SELECT d.id AS deal, d.person_id AS person, d.company_id AS company, d.handoff_id AS handoff, d.owner_id AS owner,
        {_moment("d.opened_at", "d.learned_at", "opened_at")}, d.learned_at, d.amount, d.currency, d.phase, d.product, d.seller,
        {_moment("COALESCE(w.at, l.at)", "d.learned_at", "closed_at")},
        CASE WHEN w.id IS NOT NULL THEN 1 WHEN l.id IS NOT NULL THEN 0 END AS won, w.amount AS revenue,
        COALESCE(l.reason, '') AS reason
    FROM deals_deal d LEFT JOIN deals_won w ON w.deal_id = d.id LEFT JOIN deals_lost l ON l.deal_id = d.id ORDER BY d.id
"""
COSTS = """
    SELECT c.id, CAST(c.day AS text) AS day, c.source, COALESCE(k.key, '') AS campaign, c.amount, c.currency, c.what
    FROM campaigns_cost c LEFT JOIN campaigns_campaign k ON k.id = c.campaign_id ORDER BY c.id
"""
GROUPS = """
    SELECT m.group_id AS "group", m.person_id AS person, g.company_id AS company, m.role
    FROM groups_membership m JOIN groups_buyinggroup g ON g.id = m.group_id ORDER BY m.group_id, m.person_id
"""
