"""Letting colleagues in and out: invitations, withdrawing them, closing and opening an account."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth.journal.models import note
from tilth.team.models import Invitation, Member, Role
from tilth.web import answer, shell
from tilth.web.access import members

from .forms import Invite
from .page import HOSTS, show


@members(*HOSTS)
@require_POST
@transaction.atomic
def invite(request: HttpRequest) -> HttpResponse:
    """The answer shows the link, once; only its hash is kept."""
    here = shell.of(request)
    form = Invite(here.me, request.POST)
    if not form.is_valid():
        return show(request, invite=form)
    row, secret = Invitation.write(form.cleaned_data["role"], here.now, form.cleaned_data["email"], here.me)
    note("invited", row, here.now, here.me, role=row.role)
    return show(request, link=request.build_absolute_uri(reverse("join", args=[secret])), invited=row)


@members(*HOSTS)
@require_POST
@transaction.atomic
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """The link opens nothing any more."""
    here, row = shell.of(request), get_object_or_404(Invitation, pk=pk, member=None)
    note("withdrew invitation", row, here.now, here.me, role=row.role)
    row.delete()
    answer.said(request, _("The invitation is withdrawn."))
    return redirect("team")


@members(*HOSTS)
@require_POST
@transaction.atomic
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an account, or open it again. What its member did stays; what they hold needs a new owner."""
    here, member = shell.of(request), get_object_or_404(Member, pk=pk)
    list(Member.objects.select_for_update().filter(role=Role.ADMIN))  # two who close each other take turns
    opens = request.POST.get("open") == "yes"
    if why := _refusal(here.me, member, opens):
        answer.refused(request, why)
        return redirect("team")
    if member.is_active != opens:
        Member.objects.filter(pk=pk).update(is_active=opens)
        note("opened account" if opens else "closed account", member, here.now, here.me)
    said = _("%(who)s can sign in again.") if opens else _("%(who)s cannot sign in any more.")
    answer.said(request, said % {"who": member.name})
    return redirect("team")


def _refusal(by: Member, member: Member, opens: bool) -> str:
    """Why this account stays as it is; "" when it may change."""
    if member.pk == by.pk:
        return _("Your own account stays open. Ask a colleague to close it.")
    if member.role == Role.ADMIN and by.role != Role.ADMIN:
        return _("Only an administrator closes or opens an administrator’s account.")
    others = Member.objects.filter(role=Role.ADMIN, is_active=True).exclude(pk=member.pk)
    if not opens and member.role == Role.ADMIN and not others.exists():
        return _("This is the last administrator. Invite another one first.")
    return ""
