from django import forms
from django.utils.translation import gettext_lazy as _

from tilth.touches.models import Team


class NewSource(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Website, app, service desk"))
    team = forms.ChoiceField(
        label=_("Who makes what it tells of"),
        choices=[
            (Team.PERSON, _("The customer: visits, forms, use")),
            (Team.MARKETING, _("Marketing: mails that were sent")),
            (Team.SALES, _("Sales: calls and meetings")),
            (Team.SERVICE, _("Service: tickets")),
        ],
    )
