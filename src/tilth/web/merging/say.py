"""Why two may be one, in words."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from tilth.core.duplicates import AGAINST, how_sure
from tilth.people.models import Company, Duplicate, Person

SURE = {"certain": _("almost certainly one"), "likely": _("probably one"), "possible": _("perhaps one")}
WHY = {
    "same_mail": _("the same mailbox"),
    "same_phone": _("the same number"),
    "same_name": _("the same name"),
    "close_name": _("nearly the same name"),
    "same_company": _("at the same company"),
    "same_mailbox": _("the same name before the @"),
    "same_firm": _("the same name"),
    "same_domain": _("the same registered domain"),
    "no_domain": _("one has no domain"),
    "same_label": _("the same name in their domains"),
    "same_city": _("in the same place"),
    "other_name": _("different names"),
    "other_mail": _("different addresses at work"),
    "other_country": _("different countries"),
    "other_company": _("different companies"),
    "other_domain": _("different domains"),
}


@dataclass(frozen=True)
class Proposal:
    """Two that may be one, how sure that is, what speaks for it and what against."""

    row: Duplicate

    @property
    def two(self) -> tuple[Person | Company | None, Person | Company | None]:
        return (self.row.person, self.row.other) if self.row.person_id else (self.row.company, self.row.other_company)

    @property
    def sure(self) -> str:
        return str(SURE[how_sure(self.row.score)])

    @property
    def speaks_for(self) -> list[str]:
        return [str(WHY[r]) for r in self.row.reasons if r in WHY and r not in AGAINST]

    @property
    def speaks_against(self) -> list[str]:
        return [str(WHY[r]) for r in self.row.reasons if r in WHY and r in AGAINST]
