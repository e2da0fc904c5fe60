"""Logging what happened with a person: a call, a mail, a meeting, a note; and how it went."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tilth.core.follow_up import MOST_DOCUMENTS, MOST_MINUTES
from tilth.handoff import verbs
from tilth.people.models import Person
from tilth.touches.models import Touch
from tilth.web import shell, words
from tilth.web.access import members
from tilth.web.typed import text, whole
from tilth.web.verbs import do

SAID = {
    "call": gettext_lazy("%(who)s: call logged"),
    "mail": gettext_lazy("%(who)s: mail logged"),
    "meeting": gettext_lazy("%(who)s: meeting logged"),
    "chat": gettext_lazy("%(who)s: chat logged"),
    "note": gettext_lazy("%(who)s: note kept"),
}
LOGGED = {
    "note": gettext_lazy("Note"),
    "call": gettext_lazy("Call"),
    "meeting": gettext_lazy("Meeting"),
    "mail": gettext_lazy("Mail"),
    "chat": gettext_lazy("Chat"),
}


@members()
@require_POST
def contacts(request: HttpRequest, pk: int) -> HttpResponse:
    person, around = get_object_or_404(Person, pk=pk), shell.of(request)
    kind, outcome, note = text(request, "kind", 20), text(request, "outcome", 40), text(request, "note", 4_000)
    sent, spent = whole(request, "documents", MOST_DOCUMENTS), whole(request, "minutes", MOST_MINUTES)
    return do(
        request,
        person.pk,
        lambda: verbs.log_contact(person, around.me, kind, around.now, outcome, note, documents=sent, minutes=spent),
        str(SAID.get(kind, "")) % {"who": person},
    )


@members()
@require_POST
def outcome(request: HttpRequest, pk: int) -> HttpResponse:
    touch, around = get_object_or_404(Touch.objects.select_related("person"), pk=pk), shell.of(request)
    said = text(request, "outcome", 40)
    told = _("%(who)s: %(outcome)s") % {"who": touch.person or "", "outcome": words.outcome(said)}
    return do(request, touch.person_id, lambda: verbs.add_outcome(touch, around.me, said, around.now), told, undo=False)
