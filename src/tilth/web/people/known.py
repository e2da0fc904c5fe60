"""What several parts of one page read of a person, each asked for once and only when it is shown."""

from dataclasses import dataclass
from functools import cached_property

from tilth.nurture.evidence import Care, care_of
from tilth.people.models import Person
from tilth.qualify.models import Standing
from tilth.touches.models import Origin
from tilth.web.groups.shown import Group, part_of
from tilth.web.shell import Shell

from .content import Content, content


@dataclass(frozen=True)
class Known:
    """One person, as one page shows them to one member."""

    person: Person
    around: Shell

    @cached_property
    def standing(self) -> Standing | None:
        rows = Standing.objects.filter(person=self.person).select_related("version")
        return rows.defer("version__document").first()

    @cached_property
    def origin(self) -> Origin | None:
        return Origin.objects.filter(person=self.person).select_related("offer", "campaign").first()

    @cached_property
    def content(self) -> Content:
        return content(self.person, self.around.terms, self.standing)

    @cached_property
    def part(self) -> Group | None:
        return part_of(self.person)

    @cached_property
    def care(self) -> list[Care]:
        return care_of(self.person.pk)
