from django.urls import path

from . import page, people

urlpatterns = [
    path("balance/", page.balance, name="balance"),
    path("balance/people/", people.behind, name="balance-people"),
]
