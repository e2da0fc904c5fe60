"""What tables are called on pages."""

from typing import Any

from django.apps import apps
from django.utils.translation import gettext_lazy as _

NAMES: dict[str, Any] = {
    "touches.touch": _("Contacts"), "people.learned": _("What we learned"), "people.email": _("Addresses"), "people.phone": _("Phone numbers"),
    "people.personid": _("Ids in other systems"), "people.visitor": _("Browsers"), "people.link": _("Personal links"), "people.company": _("Companies"),
    "people.merge": _("Merges"), "people.position": _("Positions"), "people.news": _("Reminders to look again"), "people.person": _("People"),
    "consent.consent": _("Consents"), "consent.legalbasis": _("Legal bases"), "consent.limit": _("Limits"), "qualify.standing": _("Standing"), "qualify.ripe": _("The short list"),
    "qualify.stagechange": _("Stages reached"), "qualify.newlead": _("News of a new lead"), "touches.origin": _("How it began"),
    "touches.correction": _("Corrections"), "touches.referral": _("Referrals"), "touches.nextstep": _("Next steps"),
    "handoff.handoff": _("Handoffs"), "handoff.holding": _("Who has the lead"), "handoff.acceptance": _("Acceptances"),
    "handoff.return": _("Returns"), "handoff.qualified": _("SQLs"), "handoff.handback": _("Hand-backs"), "handoff.merged": _("Merged handoffs"),
    "handoff.joining": _("Joined handoffs"),
    "deals.deal": _("Deals"), "deals.won": _("Deals won"), "deals.lost": _("Deals lost"), "deals.flag": _("Oddities of deals"),
    "promises.obligation": _("Promises"), "promises.settlement": _("How promises ended"), "forms.submission": _("Forms sent"),
    "notify.message": _("Mails"), "notify.notice": _("Notices"), "groups.membership": _("Buying groups"), "journal.entry": _("Lines of the journal"),
    "privacy.takeout": _("Files to take along"), "capture.received": _("Deliveries"), "capture.failedrow": _("Failed rows of imports"),
    "capture.import": _("Imports"), "spool": _("Deliveries that were set aside"), "files": _("Lines of files"),
}  # fmt: skip


def called(label: str) -> str:
    """A table by its name for people."""
    if label in NAMES:
        return str(NAMES[label])
    app, _dot, model = label.partition(".")
    return str(apps.get_model(app, model)._meta.verbose_name_plural).capitalize()
