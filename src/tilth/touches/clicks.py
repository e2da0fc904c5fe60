"""A personal link was followed: a click in a mail, which counts once it is settled."""

from datetime import datetime

from tilth.core.evidence import Known, marked, of_request
from tilth.people.models import Link

from .models import Evidence, Touch
from .record import key, record


def clicked(link: Link, agent: str, network: str, known: Known, now: datetime) -> Touch:
    """Write a click down. The same program in the same network within the same second is the same click.

    agent, network   of who asked, as far as we keep that
    known            what this house knows of machines and of its own people
    """
    machine = of_request(agent, network, known) or ("colleague" if link.person_id in known.colleagues else "")
    marks = {"machine": machine, "agent": agent, "network": network, "hidden": link.hidden}
    touch, _new = record(
        "mail_click", now, now, person=link.person, evidence=Evidence.UNSETTLED, url=link.url,
        properties=marked({"mail": link.mail, "link": link.pk}, {k: v for k, v in marks.items() if v}),
        key=key("link", f"{link.pk} {agent} {network} {now:%Y-%m-%d %H:%M:%S}"),
    )  # fmt: skip
    return touch
