"""What came through forms and may be spam: let through, or called spam. Nothing of it is thrown away."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth import conveyor
from tilth.forms import submissions
from tilth.forms.models import Submission
from tilth.web import answer, shell
from tilth.web.access import members

from .listing import WHO
from .words import doubt

SHOWN = 100


@members(*WHO)
def held(request: HttpRequest) -> HttpResponse:
    rows = submissions.held()
    context = {"rows": [(row, doubt(row.doubt)) for row in rows[:SHOWN]], "count": rows.count()}
    return render(request, "forms/held.html", context)


@members(*WHO)
@require_POST
def judge(request: HttpRequest, pk: int) -> HttpResponse:
    here, row = shell.of(request), get_object_or_404(submissions.held(), pk=pk)
    if request.POST.get("do") == "spam":
        submissions.is_spam(row, here.me, here.now)
        answer.said(request, _("Called spam. It stays with the form and is not shown here again."))
    else:
        submissions.let_through(row, here.me, here.now)
        person = Submission.objects.values_list("person", flat=True).get(pk=row.pk)
        if person:
            conveyor.catch_up_on(person, here.now)
        answer.said(request, _("Let through."))
    return redirect("forms-held")
