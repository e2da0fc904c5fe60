"""On which days a country, or a region of it, does not work. From the `holidays` library."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

import holidays


class UnknownPlace(ValueError):
    """No such country or region; the message lists what there is."""


def public_holidays(country: str, region: str, years: Iterable[int]) -> frozenset[date]:
    """Days on which the law closes a place.

    country    two letters (ISO 3166-1), any case; empty means no holidays at all
    region     as in ISO 3166-2 without the country (BY for Bavaria); empty means the whole country
    raises     UnknownPlace
    """
    if not country:
        return frozenset()
    return frozenset().union(*(_in_year(country.upper(), region.upper(), year) for year in years))


@lru_cache(maxsize=512)
def _in_year(country: str, region: str, year: int) -> frozenset[date]:
    places = holidays.list_supported_countries()
    if country not in places:
        raise UnknownPlace(f"No holidays are known for the country {country!r}. Write two letters, such as NL.")
    if region and region not in places[country]:
        known = ", ".join(places[country]) or "none, so leave it empty"
        raise UnknownPlace(f"{country} has no region {region!r} with holidays of its own. Regions: {known}.")
    return frozenset(holidays.country_holidays(country, subdiv=region or None, years=year))
