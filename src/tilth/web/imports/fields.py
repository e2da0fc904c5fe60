"""What a column can become, in the words of the page, in groups."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from tilth.core.mapping import COMPANY, COST, DEAL, FIELDS, PERSON, TOUCH, VERDICT

LABELS = {
    "id": _("Number in the other system"), "email": _("E-mail"), "phone": _("Phone"), "name": _("Full name"),
    "first_name": _("First name"), "last_name": _("Last name"), "title": _("Job title"), "country": _("Country"),
    "language": _("Language"), "custom": _("Another attribute"), "company": _("Company"),
    "company_id": _("Number of the company"), "website": _("Website or domain"), "industry": _("Industry"),
    "employees": _("Employees"), "company_country": _("Country of the company"), "company_city": _("City"),
    "company_custom": _("Another attribute of the company"), "at": _("When it happened"), "touch": _("What happened"),
    "touch_id": _("Number of the touch"), "team": _("Team that made it"), "member": _("Colleague"), "offer": _("Offer or form"),
    "campaign": _("Campaign"), "source": _("Source"), "medium": _("Medium"), "event": _("Event"), "url": _("Page"),
    "property": _("Another detail"), "deal_id": _("Number of the deal"), "deal": _("Name of the deal"), "amount": _("Amount"),
    "currency": _("Currency"), "phase": _("Phase or outcome"), "opened_at": _("Opened"), "closed_at": _("Closed"),
    "seller": _("Seller"), "product": _("Product"), "reason": _("Reason it was lost"), "cost_id": _("Number of the line"),
    "day": _("Day"), "what": _("Description"), "verdict": _("Verdict of sales"), "rests_on": _("What the reason rests on"),
    "note": _("What was seen or heard"), "comes_back": _("What brings it back"), "wake_on": _("Look again on"),
}  # fmt: skip
READS = [
    ("text", _("as it is")),
    ("code", _("as it is, spelling evened out")),
    ("yes", _("yes or no")),
    ("number", _("number")),
    ("day", _("day")),
]
KINDS = [
    ("leads", _("Leads: people and how they came to us")),
    ("touches", _("Touches: what happened with people we may know")),
    ("deals", _("Deals: open, won and lost")),
    ("costs", _("Costs of campaigns")),
    ("verdicts", _("Verdicts of sales: accepted, returned, qualified, handed back")),
]
_GROUPS = (
    (_("Deal"), DEAL),
    (_("Cost"), COST),
    (_("Verdict"), VERDICT),
    (_("Person"), PERSON),
    (_("Company"), COMPANY),
    (_("Touch"), TOUCH),
)


def choices(kind: str) -> list[tuple[Any, Any]]:
    """The fields that this kind of file can fill, grouped, each once."""
    left = set(FIELDS[kind])
    out: list[tuple[Any, Any]] = [("", _("Leave it out"))]
    for title, names in _GROUPS:
        here = [(name, LABELS[name]) for name in names if name in left]
        left -= set(names)
        if here:
            out.append((title, here))
    return out
