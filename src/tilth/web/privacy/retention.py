"""For how long we keep what: a number of days for each kind, and what would go by it, before anything is saved."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tilth.privacy.retention import KINDS, SHORTEST, keep_for, next_night, rules, would_go
from tilth.team.models import Role
from tilth.web import answer, shell
from tilth.web.access import members

LONGEST = 36_500


@members(Role.ADMIN, Role.MANAGER)
def retention(request: HttpRequest) -> HttpResponse:
    """The page; with what would go by the days that were typed, or saving them."""
    here = shell.of(request)
    lines = _lines(request)
    wrong = any(line["error"] for line in lines)
    if request.method == "POST" and not wrong:
        for line in lines:
            keep_for(KINDS[line["key"]], line["days"], here.me, here.now)
        answer.said(request, _("Saved. What is too old goes tonight."))
        return redirect("retention")
    for line in lines:
        line["goes"] = would_go(KINDS[line["key"]], line["days"], here.now) if line["days"] else None
    return render(
        request, "privacy/retention.html", {"lines": lines, "shortest": SHORTEST}, status=422 if wrong else 200
    )


def _lines(request: HttpRequest) -> list[dict[str, Any]]:
    """One line a kind: as it was typed, else as the rule has it."""
    here, known = shell.of(request), rules()
    typed = request.POST if request.method == "POST" else request.GET
    out = []
    for key, kind in KINDS.items():
        rule = known.get(key)
        kept = rule.days if rule else None
        written = typed.get(key, str(kept or "")).strip()
        days = int(written) if written.isascii() and written.isdecimal() and len(written) < 7 else None
        right = not written or (days is not None and SHORTEST <= days <= LONGEST)
        out.append({
            "key": key, "name": kind.name, "says": kind.says, "written": written, "days": days if right else None, "rule": rule,
            "error": "" if right else _("A number of days from %(least)s on, or nothing.") % {"least": SHORTEST},
            "changed": right and days != kept, "next": next_night(here.now, rule) if rule and rule.days else None,
        })  # fmt: skip
    return out
