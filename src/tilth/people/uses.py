"""Uses of names and browsers as the database has them, and all that hang together with some of them.

Reads   visitors, addresses, user ids; what else refers to a person
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import ForeignObjectRel, Q

from tilth.core.whose import Name, Says, Use

from . import bulk
from .models import Email, Learned, News, Person, PersonId, Phone, Visitor

USER = "user"  # the system whose ids `userId` and `groupId` are: one namespace for all sources
CROWD = 100  # what more uses share is no sign that they are one person: a test account, a browser on a fair
FROM_EVENTS = "event"  # how the origin of what an event told begins
_COLUMNS = ("pk", "key", "person_id", "at", "browser_id", "user", "address", "says", "shared")
_FOLLOW = (Email, PersonId, Phone, Visitor, Learned, News)  # these go where the names go


@dataclass(slots=True)
class Row:
    """A visitor's row."""

    pk: int
    key: str
    person: int | None
    at: datetime
    browser: int | None = None
    user: str = ""
    address: str = ""
    says: int = Says.NOTHING
    shared: bool = False


@dataclass
class Around:
    """Uses that hang together by a browser or a name.

    uses     each with its row; None while it has none
    owners   whose a name is now
    kept     persons whose names stay theirs: they came from elsewhere, or somebody has worked with them
    crowded  names that too many share; whose they are, they stay
    """

    uses: dict[Use, Row | None] = field(default_factory=dict)
    owners: dict[Name, int] = field(default_factory=dict)
    kept: set[int] = field(default_factory=set)
    crowded: set[Name] = field(default_factory=set)

    @property
    def fixed(self) -> dict[Name, int]:
        return {name: person for name, person in self.owners.items() if person in self.kept}


def by_key(keys: Iterable[str]) -> dict[str, Row]:
    """Visitors by their keys; those that are not yet there are left out."""
    rows = bulk.lookup(
        Visitor, "key", keys, "id", "key", "person_id", "at", "browser_id", "user", "address", "says", "shared"
    )
    return {key: Row(pk, key, person, bulk.moment(at), *rest) for pk, key, person, at, *rest in rows}


def around(fresh: Mapping[Use, Row | None], browsers: dict[str, Row]) -> Around:
    """Everything that hangs together with these uses.

    browsers    rows of browsers by key, these uses' at least; those met on the way are added
    """
    found = Around(dict(fresh))
    known = {row.pk: key for key, row in browsers.items()}
    seen: set[tuple[str, str]] = set()
    ahead = list(fresh)
    while ahead:
        steps = {step for use in ahead for step in _steps(use)} - seen
        seen |= steps
        rows = _beside(steps, browsers, found.crowded)
        strange = {row.browser for row in rows if row.browser} - {*known}
        for row in _rows(Q(pk__in=strange)) if strange else ():
            known[row.pk], browsers[row.key] = row.key, row
        ahead = []
        for row in rows:
            use = _use(row, known.get(row.browser or 0, ""))
            if use not in found.uses:
                ahead.append(use)
            found.uses[use] = row
    _owners(found)
    return found


def _steps(use: Use) -> list[tuple[str, str]]:
    """By what other uses hang together with this one. Somebody else's alias for a browser names a user by its id."""
    steps = [*use.names, *([("browser", use.browser)] if use.browser else [])]
    if use.user:
        steps.append(("browser", use.user))
    if use.says == Says.ALIAS:
        steps.append(("user", use.browser))
    return steps


def _beside(steps: set[tuple[str, str]], browsers: dict[str, Row], crowded: set[Name]) -> list[Row]:
    by: dict[str, list[str]] = {"browser": [], "user": [], "address": []}
    for kind, value in steps:
        by[kind].append(value)
    if strange := [key for key in by["browser"] if key not in browsers]:
        browsers |= by_key(strange)
    places = [browsers[key].pk for key in by["browser"] if key in browsers]
    return [
        *_few("browser", places, crowded), *_few("user", by["user"], crowded), *_few("address", by["address"], crowded)
    ]  # fmt: skip


def _few(column: str, values: list[str] | list[int], crowded: set[Name]) -> list[Row]:
    """The uses of each value; none of one that a crowd shares."""
    if not values:
        return []
    rows = _rows(Q(**{f"{column}__in": values}), len(values) + 20 * CROWD)
    if len(rows) == len(values) + 20 * CROWD:
        rows = [row for value in values for row in _rows(Q(**{column: value}), CROWD + 1)]
    many = {value for value, count in Counter(getattr(row, column) for row in rows).items() if count > CROWD}
    crowded |= {(column, value) for value in many}
    return [row for row in rows if getattr(row, column) not in many]


def _rows(where: Q, most: int | None = None) -> list[Row]:
    return [Row(*values) for values in Visitor.objects.filter(where).values_list(*_COLUMNS)[:most]]


def _use(row: Row, browser: str) -> Use:
    vouched = row.person if row.says == Says.VOUCHED else 0
    return Use(browser, row.user, row.address, row.says, vouched or 0)


def _owners(found: Around) -> None:
    """Whose the names are, and which persons keep theirs."""
    names = {name for use in found.uses for name in use.names} | {
        ("user", use.browser) for use in found.uses if use.says == Says.ALIAS
    }
    users, addresses = ([value for kind, value in names if kind == k] for k in ("user", "address"))
    owners = _names(Q(system=USER, value__in=users), Q(address__in=addresses))
    people = {*owners.values(), *(use.person for use in found.uses if use.person)}
    people |= {row.person for row in found.uses.values() if row and row.person}
    found.owners = owners | _names(Q(system=USER, person__in=people), Q(person__in=people))
    found.kept = kept(people) | {use.person for use in found.uses if use.person}
    found.kept |= {
        person for name, person in found.owners.items() if name not in names or name in found.crowded
    }  # fmt: skip


def _names(ids: Q, emails: Q) -> dict[Name, int]:
    users = PersonId.objects.filter(ids).values_list("value", "person_id")
    addresses = Email.objects.filter(emails).values_list("address", "person_id")
    return {("user", v): p for v, p in users} | {("address", a): p for a, p in addresses}


def kept(people: Iterable[int]) -> set[int]:
    """Those of these persons that are more than what events told: no event makes another of them.

    Somebody told of them elsewhere, or anything but what follows from events by rule refers to them.
    """
    left = set(people)
    out: set[int] = set()
    told = Learned.objects.filter(person__in=left)
    if left:
        out |= {*told.exclude(origin__startswith=FROM_EVENTS).values_list("person", flat=True)}
    for relation in Person._meta.get_fields(include_hidden=True):
        if not (isinstance(relation, ForeignObjectRel) and left - out):
            continue
        model, name = relation.related_model, relation.field.name
        if model in _FOLLOW or getattr(model, "derived", False):
            continue
        rows = model._base_manager.filter(**{f"{name}__in": left - out})
        if hasattr(model, "visitor"):
            rows = rows.filter(visitor=None)
        out |= {*rows.values_list(name, flat=True)}
    return out
