"""What was told before there were events: each notice gets its event, and who wanted mails of new leads has chosen them."""

from django.db import migrations
from django.db.migrations.state import StateApps


def forward(apps: StateApps, _editor: object) -> None:
    event, notice = apps.get_model("notify", "Event"), apps.get_model("notify", "Notice")
    for person, at in notice.objects.filter(event=None).values_list("person", "at").distinct():
        row = event.objects.create(
            what="lead", row=f"old {person} {at.timestamp()}", person_id=person, at=at, told_at=at
        )
        notice.objects.filter(person=person, at=at).update(event=row)
    choice, member = apps.get_model("notify", "Choice"), apps.get_model("team", "Member")
    wanted = member.objects.filter(mails_leads=True).values_list("pk", flat=True)
    choice.objects.bulk_create(
        [choice(member_id=pk, what="lead", channel="mail", how="at_once") for pk in wanted], ignore_conflicts=True
    )


def backward(apps: StateApps, _editor: object) -> None:
    wanted = apps.get_model("notify", "Choice").objects.filter(what="lead", channel="mail", how="at_once")
    apps.get_model("team", "Member").objects.filter(pk__in=wanted.values("member")).update(mails_leads=True)


class Migration(migrations.Migration):
    dependencies = [("notify", "0004_events"), ("team", "0003_weeks")]

    operations = [migrations.RunPython(forward, backward)]
