from django.urls import path

from . import verbs

urlpatterns = [
    path("people/<int:pk>/handoff/", verbs.hand_off, name="hand-off"),
    path("handoffs/<int:pk>/acceptance/", verbs.acceptance, name="acceptance"),
    path("handoffs/<int:pk>/return/", verbs.return_lead, name="return"),
    path("handoffs/<int:pk>/qualified/", verbs.qualified, name="qualified"),
    path("handoffs/<int:pk>/hand-back/", verbs.hand_back, name="hand-back"),
    path("joinings/<int:pk>/out/", verbs.taken_out, name="taken-out"),
]
