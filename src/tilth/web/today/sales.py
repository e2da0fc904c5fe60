"""Today for sales: the shared goal, and the queue in the order in which waiting costs most."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.web.access import members


@members("sales")
def today(request: HttpRequest) -> HttpResponse:
    return render(request, "today/sales.html")
