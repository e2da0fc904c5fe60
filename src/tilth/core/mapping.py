"""What the columns of a file mean: a value that can be guessed, corrected, saved and used again.

`guess` proposes a mapping from the header and some rows, `fit` lays a saved one over a file's columns,
`plain` and `of_plain` turn it into data and back. Reading rows with it is `core/rows.py`.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Map
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any
from zoneinfo import ZoneInfo

from . import figures, identity, moments

KINDS = ("leads", "touches", "deals", "costs", "verdicts")
READS = ("text", "code", "yes", "number", "day")
PERSON = ("id", "email", "phone", "name", "first_name", "last_name", "title", "country", "language", "custom")
COMPANY = (
    "company",
    "company_id",
    "website",
    "industry",
    "employees",
    "company_country",
    "company_city",
    "company_custom",
)
TOUCH = (
    "at",
    "touch",
    "touch_id",
    "team",
    "member",
    "offer",
    "campaign",
    "source",
    "medium",
    "event",
    "url",
    "property",
)
DEAL = ("deal_id", "deal", "amount", "currency", "phase", "opened_at", "closed_at", "seller", "product", "reason")
COST = ("cost_id", "day", "amount", "currency", "campaign", "source", "what")
VERDICT = ("verdict", "at", "reason", "rests_on", "note", "member", "comes_back", "event", "wake_on")
FIELDS = {
    "leads": PERSON + COMPANY + TOUCH,
    "touches": TOUCH + PERSON + COMPANY,
    "deals": DEAL + PERSON + COMPANY,
    "costs": COST,
    "verdicts": (*VERDICT, "id", "email", "phone"),
}
MANY = frozenset(("email", "phone", "custom", "company_custom", "property"))
DATES = frozenset(("at", "opened_at", "closed_at", "day", "wake_on"))
NEEDS = {
    "leads": (("id", "email", "phone"),),
    "touches": (("id", "email", "phone"), ("at",)),
    "deals": (("deal_id", "deal", "company", "company_id", "id", "email"),),
    "costs": (("day",), ("amount",)),
    "verdicts": (("id", "email", "phone"), ("verdict",), ("at",)),
}
CONSTANTS = ("touch", "team", "offer", "campaign", "source", "medium", "event", "currency", "outcome", "product")
OUTCOMES = {
    "won": ("won", "closed won", "gewonnen", "gewonnene", "deal", "customer", "klant", "kunde"),
    "lost": ("lost", "closed lost", "verloren", "no deal", "disqualified"),
}
_SYNONYMS = {
    "id": "id lead_id mql_id contact_id person_id external_id record_id customer_number klantnummer kundennummer relatienummer contact_external_id lead_external_id",
    "email": "email e_mail mail email_address e_mail_address e_mailadres emailadres mailadres e_mail_adresse mailadresse email_work work_email email_1 email_home email_other",
    "phone": "phone phone_number telephone tel telefoon telefoonnummer telefon telefonnummer rufnummer mobile mobiel mobil handy gsm cell phone_work work_phone phone_home phone_other mobile_phone",
    "name": "name full_name fullname naam volledige_naam contact contactpersoon ansprechpartner contact_name klantnaam person",
    "first_name": "first_name firstname first given_name voornaam vorname roepnaam prenom",
    "last_name": "last_name lastname last surname family_name achternaam nachname familienname nom",
    "title": "title job_title jobtitle position function functie functietitel titel beruf stelle role rol",
    "country": "country land pays country_code landcode mailing_country person_country",
    "language": "language taal sprache locale lang",
    "company": "company company_name organisation organization organisatie bedrijf bedrijfsnaam firma firmenname unternehmen account account_name klant employer companyname",
    "company_id": "company_id account_id account_external_id organisation_id organization_id bedrijf_id firmen_id",
    "website": "website web site domain domein url_company company_domain homepage webseite",
    "industry": "industry sector branche bedrijfstak company_industry companyindustry",
    "employees": "employees number_of_employees employee_count medewerkers aantal_medewerkers mitarbeiter mitarbeiterzahl company_size headcount",
    "company_city": "company_city city stad plaats woonplaats vestigingsplaats stadt ort companycity office_location billing_city",
    "company_country": "company_country companycountry billing_country",
    "at": "at date datum timestamp time created created_at created_date createdate first_contact first_contact_date first_seen lead_date aangemaakt aanmaakdatum erstellt erstellt_am erstelldatum date_hit datehit sent_at happened_at tijdstip zeitpunkt",
    "touch": "touch kind type activity activity_type touch_kind activiteit aktivitat soort",
    "touch_id": "touch_id activity_id event_id message_id id external_id record_id",
    "team": "team made_by",
    "member": "member colleague logged_by sales_rep medewerker",
    "offer": "offer conversion_point landing_page landing_page_id form form_name download asset aanbod angebot formulier",
    "campaign": "campaign campagne kampagne utm_campaign campaign_name campaign_id campaign_external_id",
    "source": "source origin lead_source leadsource bron herkunft quelle herkomst utm_source channel kanaal kanal original_source",
    "medium": "medium utm_medium",
    "event": "event event_name action actie ereignis",
    "url": "url page_url link referrer",
    "deal_id": "deal_id opportunity_id opportunity_external_id id external_id seller_id deal_nummer",
    "deal": "deal deal_name opportunity opportunity_name name naam verkoopkans",
    "amount": "amount value close_value deal_value bedrag waarde betrag wert revenue omzet umsatz prijs price total cost costs kosten spend spent uitgaven ausgaben",
    "currency": "currency valuta wahrung munt iso_currency",
    "phase": "phase stage deal_stage stage_name stagename status fase pijplijnfase",
    "opened_at": "opened_at opened open_date opening_date created created_at created_date engage_date start_date aangemaakt geopend eroffnet eroffnungsdatum",
    "closed_at": "closed_at closed close_date closedate closed_date won_date win_date sluitdatum gesloten abschlussdatum geschlossen afgesloten",
    "seller": "seller sales_agent owner owner_name sales_rep account_manager verkoper verkaufer sr_id rep eigenaar",
    "product": "product product_name article artikel produkt",
    "reason": "reason lost_reason loss_reason closed_lost_reason reden verliesreden grund verlustgrund",
    "verdict": "verdict decision judgement oordeel urteil besluit entscheidung",
    "rests_on": "rests_on evidence evidence_field grond grondslag grund_feld",
    "note": "note notes remark remarks opmerking toelichting bemerkung notiz",
    "comes_back": "comes_back condition voorwaarde bedingung",
    "wake_on": "wake_on look_again look_again_on again_on terugkomen_op wiedervorlage",
    "cost_id": "cost_id invoice_id id line_id",
    "day": "day date datum dag tag report_date",
    "what": "what description omschrijving beschreibung note supplier leverancier",
}  # fmt: skip
_LOOKUP = {name: frozenset(words.replace("_", "").split()) for name, words in _SYNONYMS.items()}
_SALUTATIONS = frozenset("mr mrs ms miss dr prof hr fr herr frau dhr mevr mw mevrouw meneer heer".split())


class Unfit(ValueError):
    """A mapping that cannot be used; the message names the part and the mend."""


@dataclass(frozen=True)
class Column:
    """One column: which field it fills ("" leaves it out) and how its cells are read.

    name     what a custom attribute or property is called; the header when empty
    reads    text, code (lower case, _ for spaces and hyphens), yes, number or day
    known    the values that are expected; others are kept and flagged with the nearest
    order    day-month order of its dates, mark its decimal mark; "" until the file was looked through
    mixed    its numbers use both marks
    """

    header: str
    field: str = ""
    name: str = ""
    reads: str = "text"
    known: tuple[str, ...] = ()
    order: str = ""
    mark: str = ""
    mixed: bool = False

    @property
    def called(self) -> str:
        return self.name or slug(self.header)


@dataclass(frozen=True)
class Mapping:
    """How a kind of file is read. Whatever is "" is found out from the file itself.

    header      True, False, or None to find out
    dates       day-month order of all dates: dmy, mdy, ymd; decimal: "." or ","
    zone        where times without an offset are local
    system      whose ids these are; the same system in a file of leads and of deals joins them
    constants   field to value, for fields that no column fills
    outcomes    "won" and "lost" to the phases that mean it
    phases      the phases that are expected; others are flagged
    empty       further texts that mean "nothing said"
    others      what happens to columns that the mapping does not name: "custom" or "" (left out)
    """

    kind: str
    columns: tuple[Column, ...] = ()
    encoding: str = ""
    separator: str = ""
    header: bool | None = None
    dates: str = ""
    decimal: str = ""
    zone: str = "UTC"
    system: str = "file"
    currency: str = "EUR"
    constants: Map[str, str] = field(default_factory=dict)
    outcomes: Map[str, tuple[str, ...]] = field(default_factory=lambda: dict(OUTCOMES))
    phases: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    others: str = "custom"

    def filled(self) -> set[str]:
        return {c.field for c in self.columns if c.field}

    def lacks(self) -> list[str]:
        """What no column fills and this kind of file cannot do without, in words."""
        filled = self.filled() | set(self.constants)
        return [" or ".join(any_of) for any_of in NEEDS[self.kind] if not filled & set(any_of)]


def slug(text: str) -> str:
    """A name that rules and lookups can use: "Aantal kassen (ha)" -> "aantal_kassen_ha"."""
    bare = unicodedata.normalize("NFKD", text.strip().casefold())
    return re.sub(r"[^\w]+", "_", "".join(c for c in bare if not unicodedata.combining(c))).strip("_")[:80]


def _squeezed(name: str) -> str:
    return name.replace("_", "")


def code(text: str) -> str:
    """A value as a code: "Organic Search" and "organic-search" are organic_search."""
    return re.sub(r"[\s\-]+", "_", text.strip().casefold())


def guess(headers: Sequence[str], rows: Sequence[Sequence[str]], kind: str, system: str = "file") -> Mapping:
    """A mapping for a file that nobody mapped before: by the names of its columns, then by what is in them.

    Each field is given once, except those that people have several of; what nothing tells is kept as custom.

    system   whose ids they are, as far as one can guess
    """
    columns, taken = [], set[str]()
    for i, header in enumerate(headers):
        values = [v for row in rows if i < len(row) and not figures.missing(v := row[i].strip())]
        field = _by_name(header, values, kind, taken) or _by_content(values, kind, taken)
        taken.add(field)
        columns.append(Column(header, field or _spare(kind), reads="text" if field else _reads(values)))
    return Mapping(kind, tuple(columns), system=system or "file")


def fit(mapping: Mapping, headers: Sequence[str], named: bool) -> tuple[Mapping, list[str], list[str]]:
    """The mapping laid over a file's columns, in the file's order; with the headers that it did not
    know, and its own that the file lacks. Without a header (`named` False) columns go by position.

    raises     Unfit: no header and another number of columns
    """
    if not named:
        if len(headers) != len(mapping.columns):
            raise Unfit(
                f"The file has no header and {len(headers)} columns; the mapping has {len(mapping.columns)}. Correct the mapping."
            )
        return replace(mapping, header=False), [], []
    ours = {slug(c.header): c for c in mapping.columns}
    spare = _spare(mapping.kind) if mapping.others else ""
    columns = tuple(replace(ours[slug(h)], header=h) if slug(h) in ours else Column(h, spare) for h in headers)
    unknown = [h for h in headers if slug(h) not in ours]
    seen = {slug(h) for h in headers}
    return (
        replace(mapping, columns=columns, header=True),
        unknown,
        [c.header for c in mapping.columns if slug(c.header) not in seen and c.field],
    )


def plain(mapping: Mapping) -> dict[str, Any]:
    """The mapping as data for JSON or YAML, without what is as always."""
    usual = asdict(Mapping(mapping.kind))
    out = {k: v for k, v in asdict(mapping).items() if k in ("kind", "columns") or v != usual[k]}
    bare = asdict(Column(""))
    out["columns"] = [{k: v for k, v in c.items() if k == "header" or v != bare[k]} for c in out["columns"]]
    return _lists(out)


def of_plain(data: Any) -> Mapping:
    """The mapping that plain data describes.

    raises     Unfit, naming the part that cannot be
    """
    if not isinstance(data, Map):
        raise Unfit("A mapping is a table with `kind` and `columns`.")
    known = {f.name for f in fields(Mapping)}
    if strange := set(data) - known:
        raise Unfit(
            f"{', '.join(sorted(map(str, strange)))}: not a part of a mapping. Parts are: {', '.join(sorted(known))}."
        )
    _one_of("kind", data.get("kind"), KINDS)
    _one_of("dates", data.get("dates", ""), ("", *moments.ORDERS))
    _one_of("decimal", data.get("decimal", ""), ("", ".", ","))
    _plain_texts(data)
    try:
        ZoneInfo(data.get("zone", "UTC"))
    except (KeyError, ValueError, OSError) as e:
        raise Unfit(f"zone: {data['zone']!r} is no time zone. Write it like Europe/Amsterdam.") from e
    if len(data.get("separator", "")) > 1:
        raise Unfit(f"separator: {data['separator']!r} is more than one character.")
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items() if k != "columns"}
    values["outcomes"] = {k: tuple(v) for k, v in (data.get("outcomes") or OUTCOMES).items()}
    for name in data.get("constants", {}):
        _one_of("constants", name, CONSTANTS)
    return Mapping(columns=tuple(_column(c, data["kind"]) for c in data.get("columns", ())), **values)


def _plain_texts(data: Map[str, Any]) -> None:
    """Parts that are a text, a list of texts or a table of them must be that: YAML reads much as something else.

    raises     Unfit, naming the part
    """
    for name in ("encoding", "separator", "dates", "decimal", "zone", "system", "currency", "others"):
        if not isinstance(data.get(name, ""), str):
            raise Unfit(f"{name}: {data[name]!r} is not a text. Put it in quotes.")
    lists = {name: data.get(name) or () for name in ("phases", "empty")}
    for name in ("constants", "outcomes"):
        if not isinstance(table := data.get(name) or {}, Map):
            raise Unfit(f"{name}: {table!r} is not a table of names and what they mean.")
        lists |= {f"{name}.{k}": v if name == "outcomes" else (v,) for k, v in table.items()}
    for name, texts in lists.items():
        if not isinstance(texts, (list, tuple)) or not all(isinstance(t, str) for t in texts):
            raise Unfit(f"{name}: {texts!r} is not text. Put it in quotes, and several in a list.")


def _column(data: Map[str, Any], kind: str) -> Column:
    if (
        not isinstance(data, Map)
        or not isinstance(data.get("header"), str)
        or set(data) - {f.name for f in fields(Column)}
    ):
        raise Unfit(f"columns: {data!r} is not a column. Write header, field and, where needed, name, reads, known.")
    _one_of(f"columns, {data['header']}, field", data.get("field", ""), ("", *FIELDS[kind]))
    _one_of(f"columns, {data['header']}, reads", data.get("reads", "text"), READS)
    if not all(isinstance(text, str) for text in (data.get("name", ""), *data.get("known", ()))):
        raise Unfit(f"columns, {data['header']}: name and known are texts. Put them in quotes.")
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
    return Column(**values)


def _one_of(where: str, value: Any, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise Unfit(f"{where}: {value!r} is none of {', '.join(repr(a) for a in allowed)}.")


def _lists(data: Any) -> Any:
    if isinstance(data, Map):
        return {k: _lists(v) for k, v in data.items()}
    return [_lists(v) for v in data] if isinstance(data, (list, tuple)) else data


def _spare(kind: str) -> str:
    """Where columns go that no field wants: a person's custom attributes, a touch's properties."""
    return {"leads": "custom", "touches": "property", "deals": "custom"}.get(kind, "")


def _by_name(header: str, values: Sequence[str], kind: str, taken: set[str]) -> str:
    """The first field that people call so and that can hold these values. Salesforce's endings and a leading "contact" are passed over."""
    name = re.sub(r"(__c|_\d+)$", "", slug(header))
    forms = {_squeezed(name), _squeezed(re.sub(r"^(contact|person|lead|mailing|klant|kunde)_?(?=.)", "", name))}
    for wanted in FIELDS[kind]:
        free = wanted in MANY or wanted not in taken
        if free and forms & _LOOKUP.get(wanted, frozenset()) and _believable(wanted, values):
            return wanted
    return ""


def _by_content(values: Sequence[str], kind: str, taken: set[str]) -> str:
    if not values:
        return ""
    looks: tuple[tuple[str, Callable[[str], bool]], ...] = (
        ("email", lambda v: bool(identity.email(v))),
        ("url", lambda v: v.startswith(("http://", "https://"))),
        (_when(kind), _is_date),
        ("phone", lambda v: bool(re.fullmatch(r"(\+|00?)[\d\s().-]{8,18}", v))),
    )
    for wanted, test in looks:
        free = wanted in FIELDS[kind] and (wanted in MANY or wanted not in taken)
        if free and sum(map(test, values)) > 0.6 * len(values):
            return wanted
    alike = len(set(values)) == len(values) > 2 and all(re.fullmatch(r"[0-9a-fA-F-]{8,}", v) for v in values)
    own = {"leads": "id", "touches": "touch_id", "deals": "deal_id", "costs": "cost_id", "verdicts": "id"}[kind]
    return own if alike and own not in taken else ""


def _when(kind: str) -> str:
    return {"deals": "closed_at", "costs": "day"}.get(kind, "at")


def _is_date(text: str) -> bool:
    if not re.search(r"\d[-/.: ]", text):
        return False
    try:
        return bool(moments.day(text, (moments.explains(text) or ("",))[0]))
    except figures.Unreadable:
        return False


def _believable(field: str, values: Sequence[str]) -> bool:
    """A column called "date" that holds no dates is no date; a title of Mr. and Mrs. is no function; what
    comes twice is not the id of a touch."""
    if field == "touch_id":
        return len(set(values)) == len(values)
    if field == "title":
        return not values or 2 * sum(v.strip(". ").casefold() in _SALUTATIONS for v in values) < len(values)
    if field in DATES:
        return not values or 2 * sum(map(_is_date, values)) >= len(values)
    if field == "email":
        return len(values) < 3 or any(map(identity.email, values))
    return True


def _reads(values: Sequence[str]) -> str:
    """How a custom column is read: as yes or no, or as text."""
    words = {v.casefold() for v in values}
    return (
        "yes"
        if values and words <= figures.YES | figures.NO and words & {"true", "false", "yes", "no", "ja", "nee", "nein"}
        else "text"
    )
