"""In by e-mail and password, in for the first time by an invitation, and out."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from tilth.team.knocks import knocked, let_in, wait_until
from tilth.team.models import Invitation, Member, Unwelcome
from tilth.web import clock, words

from .forms import Join, SignIn


@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    onward = _onward(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(onward)
    form = SignIn(request.POST or None)
    if request.method == "POST" and form.is_valid() and _opens(request, form, clock.now()):
        return HttpResponseRedirect(onward)
    context = {"form": form, "next": onward, "nobody": not Member.objects.exists()}
    return render(request, "sign_in/sign_in.html", context, status=422 if form.is_bound else 200)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign-in")


@sensitive_post_parameters("password")
def join(request: HttpRequest, secret: str) -> HttpResponse:
    now = clock.now()
    try:
        invitation = Invitation.open(secret, now)
        form = Join(request.POST or None, initial={"email": invitation.email})
        if form.is_valid():
            member = invitation.accept(now=now, **form.cleaned_data)
            login(request, member, backend="django.contrib.auth.backends.ModelBackend")
            return redirect("today")
    except Unwelcome as why:
        if request.user.is_authenticated:  # a second click on the button, or the link opened again
            return redirect("today")
        return render(request, "sign_in/unwelcome.html", {"why": why}, status=410)
    return render(
        request, "sign_in/join.html", {"form": form, "invitation": invitation}, status=422 if form.is_bound else 200
    )


def _opens(request: HttpRequest, form: SignIn, now: datetime) -> bool:
    """Sign in with what the form says; False, and an error on the form, when that is not right."""
    email, address = form.cleaned_data["email"].strip().lower(), _address(request)
    if until := wait_until(email, address, now):
        form.add_error(None, _("Too many wrong passwords. Try again in %(span)s.") % {"span": words.span(until - now)})
        return False
    member = authenticate(request, username=email, password=form.cleaned_data["password"])
    if member is None:
        knocked(email, address, now)
        form.add_error(None, _("E-mail or password is not right."))
        return False
    let_in(email, address)
    login(request, member)
    return True


def _onward(request: HttpRequest) -> str:
    url = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if safe else resolve_url(settings.LOGIN_REDIRECT_URL)


def _address(request: HttpRequest) -> str:
    """Where the browser is; behind a trusted proxy, what the proxy says."""
    if getattr(settings, "SECURE_PROXY_SSL_HEADER", None) and (via := request.headers.get("X-Forwarded-For")):
        return via.rpartition(",")[2].strip()
    return request.META.get("REMOTE_ADDR", "")
