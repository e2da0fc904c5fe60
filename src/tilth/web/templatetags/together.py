"""{% together %}: what can be done to the leads that are ticked on this page."""

from typing import Any

from django import template

from tilth.web.together.doings import offered

register = template.Library()


@register.inclusion_tag("together/_bar.html", takes_context=True)
def together(context: Any) -> dict[str, Any]:
    return {"doings": offered(context["shell"]), "csrf_token": context.get("csrf_token")}
