"""On which days a country, or a region of it, does not work. From the `holidays` library."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

import holidays


class UnknownPlace(ValueError):
    """No such country or region; the message lists what there is."""


def public_holidays(country: str, region: str, years: Iterable[int]) -> frozenset[date]:
    """Days on which the law closes a place.

    country    two capitals (ISO 3166-1); empty means no holidays at all
    region     as in ISO 3166-2 without the country (BY for Bavaria); empty means the whole country
    raises     UnknownPlace
    """
    if not country:
        return frozenset()
    check(country, region)
    return frozenset().union(*(_in_year(country, region, year) for year in years))


def check(country: str, region: str) -> None:
    """Make sure that holidays are known for a place.

    raises     UnknownPlace
    """
    places = _places()
    if country not in places:
        raise UnknownPlace(f"No holidays are known for the country {country!r}. Write two capitals, such as NL.")
    if region and region not in places[country]:
        known = ", ".join(places[country]) or "none, so leave it empty"
        raise UnknownPlace(f"{country} has no region {region!r} with holidays of its own. Regions: {known}.")


@lru_cache(maxsize=1)
def _places() -> dict[str, list[str]]:
    return holidays.list_supported_countries()


@lru_cache(maxsize=512)
def _in_year(country: str, region: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, subdiv=region or None, years=year))
