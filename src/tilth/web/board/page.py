"""The board: whoever sales has, by state. Moving a card is a verb; so each card has its verbs as buttons, which dragging presses."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.handoff.models import Holding
from tilth.team.models import Member, Role
from tilth.web import shell
from tilth.web.access import members

from .columns import filled


@members(Role.SALES, Role.MANAGER)
def board(request: HttpRequest) -> HttpResponse:
    around = shell.of(request)
    owners = list(Member.objects.selling()) if around.me.role == Role.MANAGER else []
    told = request.GET.get("owner", "")
    owner = next((m for m in owners if str(m.pk) == told), None)
    holdings = Holding.objects.all()
    if around.me.role == Role.SALES or owner:
        holdings = holdings.filter(owner=owner or around.me)
    columns = filled(holdings, around.now)
    context = {
        "columns": columns,
        "owners": owners,
        "owner": owner,
        "any": any(column.leads for column in columns),
    }
    return render(request, "board/board.html", context)
