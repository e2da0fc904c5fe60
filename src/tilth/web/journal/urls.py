from django.urls import path

from . import undo

urlpatterns = [path("journal/<int:pk>/undo/", undo.undo, name="undo")]
