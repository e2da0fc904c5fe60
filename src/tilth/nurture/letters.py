"""What a mail of a track looks like: its text, a button, and below it who writes, why, and the way out.

Links are the reader's own, and tell us who clicked, only where they agreed to be recognised. No picture tells us who
opened it. Source: docs/algorithms/nurture.md
"""

from dataclasses import dataclass
from email.utils import formataddr

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import override

from tilth.consent.models import Purpose, may
from tilth.content.models import Offer
from tilth.core.nurture import Spec, Step, filled
from tilth.notify import frame, unsubscribe
from tilth.people import links
from tilth.people.models import Person
from tilth.team.models import Member

from .models import Mailing, Track


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str
    html: str
    headers: dict[str, str]


def mail_key(track: int, step: str) -> str:
    """By what a mail is known in links and in the timeline; the same for all who get it."""
    return f"track {track} {step}"


def letter(track: Track, spec: Spec, step: Step, person: Person, ground: str) -> Letter:
    """The mail of a step as one person gets it: answers go to the track's sender, and one click ends it."""
    plain, page = written(spec, step, track.sender, _told(person), ground, unsubscribe.link(person))
    own = may(person.pk, Purpose.TRACKING)
    plain, page = (_with_own_links(body, person, track, step) if own else body for body in (plain, page))
    answers = {"Reply-To": formataddr((track.sender.name, track.sender.email))}
    subject = filled(step.subject, _told(person) | {"sender": track.sender.name})
    return Letter(subject, plain, page, answers | unsubscribe.headers(person))


def _with_own_links(body: str, person: Person, track: Track, step: Step) -> str:
    return links.personal(body, person, mail_key(track.pk, step.id))


def written(spec: Spec, step: Step, sender: Member, told: dict[str, str], ground: str, way_out: str) -> tuple[str, str]:
    """The mail as text and as HTML, for a reader of whom this is told."""
    body = filled(step.text.replace("\r\n", "\n"), told | {"sender": sender.name}).strip()
    with override(spec.language):
        button = _button(step)
        why, no_more = _why(ground), _("No more of these mails")
    paragraphs = [p.strip() for p in body.split("\n\n") if p.strip()]
    text = [*paragraphs, *([f"{button}:\n{step.url}"] if step.url else [])]
    text += ["-- ", spec.imprint.strip(), why, f"{no_more}:\n{way_out}"]
    lines = format_html_join("", "<p>{}</p>", ((_lines(p),) for p in paragraphs))
    link = frame.button(step.url, button) if step.url else ""
    foot = format_html("{}<br>{}<br>{}", _lines(spec.imprint.strip()), why, frame.quiet_link(way_out, no_more))
    page = frame.page(spec.language, format_html("{}{}", lines, link), foot)
    return "\n\n".join(text) + "\n", page


def _button(step: Step) -> str:
    """What the button says: which piece of content it opens."""
    offer = Offer.objects.filter(key=step.offer).first() if step.offer else None
    return _("Open: %(what)s") % {"what": offer.name} if offer else _("Read on")


def _why(ground: str) -> str:
    if ground == Mailing.Ground.CUSTOMER:
        return _("You get this mail because you are a customer of ours.")
    return _("You get this mail because you agreed to hear from us by e-mail.")


def _told(person: Person) -> dict[str, str]:
    return {
        "first name": person.first_name,
        "last name": person.last_name,
        "company": person.company.name if person.company else "",
    }


def _lines(text: str) -> SafeString:
    return format_html_join(SafeString("<br>"), "{}", ((line,) for line in text.split("\n")))
