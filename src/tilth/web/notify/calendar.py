"""A member's calendar at its secret address. Who has the address reads it, and nothing else."""

from datetime import UTC

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tilth.notify.channels import calendar as feed
from tilth.web import clock


@require_safe
def calendar(request: HttpRequest, secret: str) -> HttpResponse:
    now = clock.now()
    member = feed.whose(secret, now)
    if member is None:
        raise Http404
    with timezone.override(UTC):
        body = feed.written(member, now)
    headers = {"X-Robots-Tag": "noindex", "Content-Disposition": 'inline; filename="tilth.ics"'}
    return HttpResponse(body, content_type="text/calendar; charset=utf-8", headers=headers)
