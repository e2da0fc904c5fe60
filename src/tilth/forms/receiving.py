"""A form comes in: kept whole as it was sent, before anything is made of it.

Reads   the edition that was shown
Writes  Submission, with what speaks against it
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime

from tilth.core import forms as core

from .models import Edition, Form, Submission
from .stamps import Stamp, opened

# Exception
#   NotTaken
#     Incomplete   something is missing or cannot be
#     Stale        the page was open for too long
#     TooMany      nobody on this network can send more for now


class NotTaken(Exception):
    """It was not kept; the form can be shown again."""


class Incomplete(NotTaken):
    """`wrong` says for each question what is not right: see core.forms.check."""

    def __init__(self, wrong: dict[str, str]) -> None:
        super().__init__(f"Not right: {', '.join(wrong)}")
        self.wrong = wrong


class Stale(NotTaken):
    """The form was given out more than a day ago."""


class TooMany(NotTaken):
    """So much comes from this network that we hear nobody there for some minutes."""


@dataclass
class Sent:
    """What a browser sent, as it sent it. `typed` maps question to answer."""

    typed: dict[str, str]
    stamp: str = ""
    trap: str = ""
    agreed: bool = False
    language: str = ""
    page: str = ""
    referrer: str = ""
    came: dict[str, str] = field(default_factory=dict)
    visitor: str = ""
    network: str = ""
    agent: str = ""
    house: str = ""


def receive(form: Form, sent: Sent, now: datetime) -> Submission:
    """Keep what was sent through a form. What was sent twice is kept once.

    house      under which address we were reached: "https://tilth.kasbouw.nl"
    returns    the row, which may be held: `doubt` says why
    raises     NotTaken
    """
    shown = opened(sent.stamp)
    edition = _edition(form, shown)
    said, wrong = core.check(edition.asks, sent.typed)
    if wrong:
        raise Incomplete(wrong)
    age = now - shown.at if shown and shown.edition == edition.pk else None
    if age is not None and age > core.OLDEST:
        raise Stale
    lately = Submission.objects.filter(network=sent.network, at__gt=now - core.LATELY).count()
    if lately >= core.FAR_TOO_MANY:
        raise TooMany
    row, _new = Submission.objects.select_related("edition__form").get_or_create(
        key=_key(form, shown, said, sent.agreed),
        defaults={
            "edition": edition, "at": now, "said": said, "agreed": sent.agreed and edition.asks.consent is not None,
            "language": edition.asks.language(sent.language), "page": core.page(sent.page), "referrer": core.page(sent.referrer),
            "came": {k: v.strip()[:200] for k, v in sent.came.items() if v.strip()}, "visitor": sent.visitor.strip()[:100],
            "network": sent.network[:45], "agent": sent.agent[:300], "house": sent.house[:300],
            "doubt": core.doubt(edition.asks, said, sent.trap, age, lately) or "",
        },
    )  # fmt: skip
    return row


def _edition(form: Form, shown: Stamp | None) -> Edition:
    """The one that was shown, where the stamp says so; else the one that is shown now."""
    editions = Edition.objects.select_related("form").filter(form=form)
    row = editions.filter(pk=shown.edition).first() if shown else None
    return row or editions.get(pk=form.edition_id or 0)


def _key(form: Form, shown: Stamp | None, said: dict[str, str], agreed: bool) -> bytes:
    whole = json.dumps([form.pk, shown.nonce if shown else "", said, agreed], sort_keys=True)
    return hashlib.blake2b(whole.encode(errors="surrogatepass"), digest_size=16).digest()
