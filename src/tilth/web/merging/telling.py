"""Telling a seller that their lead turned out to be somebody else's."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from tilth.handoff.models import Holding
from tilth.handoff.verbs import Done
from tilth.notify import outbox
from tilth.team.models import Member
from tilth.web.shell import Shell


def tell(done: Done, survivor: Any, around: Shell) -> bool:
    """A mail to who loses the lead by a merge; False when nobody does."""
    loses = done.entry.data.get("tell") if done.entry else None
    member = Member.objects.filter(pk=loses).first() if loses else None
    holding = Holding.objects.filter(person=survivor).select_related("owner").first() if member else None
    if member is None or holding is None:
        return False
    words = {"who": survivor, "other": done.row.name, "owner": holding.owner, "by": around.me}
    text = _(
        "%(by)s found that %(who)s and %(other)s are the same person.\n\n"
        "The older handoff counts, so %(owner)s has the lead now. Nothing more is owed from yours; your deals stay yours.\n"
    )
    link = outbox.address(reverse("person", args=[survivor.pk]))
    subject = _("%(who)s is with %(owner)s now") % words
    return outbox.put(
        f"merged {done.row.pk}", member.email, subject, f"{text % words}\n{link}\n", "", around.now, member=member
    )
