from django.urls import path

from . import page

urlpatterns = [path("board/", page.board, name="board")]
