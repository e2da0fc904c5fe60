"""Today for service: find who is calling, note what they said, and what service heard last."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.journal.models import Entry
from tilth.team.models import Member, Role
from tilth.touches.models import Touch
from tilth.web import shell
from tilth.web.access import members
from tilth.web.find.search import search
from tilth.web.people import next_steps
from tilth.web.people.timeline import what

SHOWN = 12
NEWEST = 5_000  # lines of the journal that are looked through for one's own


@members(Role.SERVICE)
def today(request: HttpRequest) -> HttpResponse:
    here, wanted = shell.of(request), request.GET.get("q", "").strip()
    context = {
        "next_steps": next_steps.mine(here),
        "q": wanted,
        "people": search(wanted).people if wanted else [],
        "last": _last(here.me),
    }
    return render(request, "today/service.html", context)


def _last(member: Member) -> list[tuple[Touch, str]]:
    """What this member logged lately and what that was, newest first; what was taken back since is left out."""
    newest = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    mine = Entry.objects.filter(pk__gt=newest - NEWEST, by_id=member.pk, subject="touch", verb__startswith="logged ")
    ids = list(mine.order_by("-pk").values_list("subject_id", flat=True)[:SHOWN])
    touches = Touch.objects.select_related("person__company").filter(evidence__gt=0).in_bulk(ids)
    return [(touches[pk], what(touches[pk])) for pk in ids if pk in touches]
