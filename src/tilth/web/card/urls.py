from django.urls import path

from . import page, worker

urlpatterns = [
    path("card/", page.card, name="card"),
    path("card/worker-<str:asked>.js", worker.worker, name="card-worker"),
]
