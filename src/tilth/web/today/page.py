"""Today: each role has its own. A new role's day is one file and one line in `DAYS`."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from tilth.team.models import Role
from tilth.web import shell
from tilth.web.access import members

from . import admin, manager, marketing, sales, service

DAYS = {
    Role.SALES: sales.today,
    Role.MARKETING: marketing.today,
    Role.MANAGER: manager.today,
    Role.SERVICE: service.today,
    Role.ADMIN: admin.today,
}


@members()
def today(request: HttpRequest) -> HttpResponseBase:
    view = DAYS.get(Role(shell.of(request).me.role))
    return view(request) if view else redirect("leads")
