"""Why a touch counts for nothing, in words; and a member's word on it: a person did it, or a machine."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tilth.core import evidence as rules
from tilth.handoff.verbs import Done
from tilth.people.models import Person
from tilth.touches.models import Evidence, Touch
from tilth.touches.said import MACHINE, PERSON, say
from tilth.web import shell
from tilth.web.access import members
from tilth.web.typed import text
from tilth.web.verbs import do

WHO: Mapping[str, Any] = {
    rules.BOT: gettext_lazy("a program: counts for nothing"),
    rules.SCANNER: gettext_lazy("a mail scanner: counts for nothing"),
    rules.MONITOR: gettext_lazy("an uptime monitor: counts for nothing"),
    rules.COLLEAGUE: gettext_lazy("one of our own people: counts for nothing"),
}
SIGNS: Mapping[str, Any] = {
    rules.HIDDEN: gettext_lazy("followed a link that no reader sees"),
    rules.NAMED: gettext_lazy("came with a program that says what it is"),
    rules.EARLY: gettext_lazy("came before the mail was there"),
    rules.ALL_LINKS: gettext_lazy("followed every link of the mail"),
    rules.TOO_FAST: gettext_lazy("followed several links at once"),
    rules.SAME: gettext_lazy("has followed a link that no reader sees"),
}
MOST = 100  # touches in one line


def why(touch: Touch) -> str:
    """Why a touch counts for nothing, or in spite of the signs; "" where there is nothing to explain."""
    marks = rules.marks_of(touch.properties)
    if marks.get("said") == PERSON and touch.evidence > Evidence.MACHINE:
        return _("a person did it, says %(who)s") % {"who": marks.get("by", "")}
    if touch.evidence == Evidence.RETRACTED:
        return _("taken back: counts for nothing")
    if touch.evidence == Evidence.UNSETTLED:
        return _("just now: counts once it is clear that no machine did it")
    return _machine(marks) if touch.evidence == Evidence.MACHINE else ""


def _machine(marks: Mapping[str, Any]) -> str:
    if marks.get("said") == MACHINE:
        return _("a machine, says %(who)s: counts for nothing") % {"who": marks.get("by", "")}
    who = WHO.get(str(marks.get("machine")))
    sign = SIGNS.get(str(marks.get("sign")))
    return ", ".join(str(part) for part in (who or _("a machine, not a person: counts for nothing"), sign) if part)


@members()
@require_POST
def said(request: HttpRequest, pk: int) -> HttpResponse:
    """What a member knows of some touches of one person."""
    person, around = get_object_or_404(Person, pk=pk), shell.of(request)
    what = PERSON if text(request, "what", 10) == PERSON else MACHINE
    asked = [int(t) for t in request.POST.getlist("touch")[:MOST] if t.isascii() and t.isdigit() and len(t) < 19]
    mine = Touch.objects.filter(pk__in=asked, person=person).values_list("pk", flat=True)
    told = _("%(who)s: a person did it") if what == PERSON else _("%(who)s: a machine did it, it counts for nothing")
    return do(request, person.pk, lambda: Done(person, say(mine, around.me, what, around.now)), told % {"who": person})
