"""Who decides together: the roles in a buying group, and which one a job title suggests.

The five roles are those of Webster and Wind (1972), "A General Model for Understanding Organizational Buying Behavior".
A title only suggests: nobody gets a role that a member did not choose.
"""

import re
from collections.abc import Iterable

from .duplicates import plain

ROLES = ("decider", "influencer", "user", "buyer", "gatekeeper")
_SUGGESTS = {
    "buyer": r"purchas|procure|buyer|inkoop|inkoper|einkauf|einkaufer|beschaffung",
    "gatekeeper": r"assist|secretar|receptio|office manager|sekretar|empfang|receptionist|secretaresse",
    "decider": r"\b(ceo|cfo|coo|owner|founder|president|managing director|director|directeur|eigenar|eigenaar|dga|bestuur|geschaftsfuhr|geschaftsf|inhaber|vorstand|prokurist)",
    "influencer": r"\b(cto|cio|it|head|lead|manager|leider|leiter|consultant|adviser|advisor|adviseur|berater|architect|engineer|ingenieur|controller|chef)",
    "user": r"operator|grower|teler|kweker|gartner|planner|technician|monteur|medewerker|mitarbeiter|specialist|analyst|user|gebruiker|anwender",
}


def suggested(title: str) -> str:
    """The role that a job title suggests, "" where it suggests none. Titles are Dutch, English or German."""
    words = plain(title)
    return next((role for role, said in _SUGGESTS.items() if re.search(plain_pattern(said), words)), "")


def plain_pattern(pattern: str) -> str:
    """A pattern in the spelling of `plain`."""
    for written, same in (("ue", "u"), ("oe", "o"), ("ae", "a"), ("ij", "y")):
        pattern = pattern.replace(written, same)
    return pattern


def gaps(roles: Iterable[str]) -> list[str]:
    """The roles that nobody in a group has, in their order."""
    taken = set(roles)
    return [role for role in ROLES if role not in taken]
