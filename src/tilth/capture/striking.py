"""Events of people who were erased on request do not even stay in the delivery that brought them."""

from collections.abc import Iterable

from tilth.core.forgetting import struck

from .models import Received

NOTHING = b'{"batch":[]}'


def strike(found: Iterable[tuple[Received, int]]) -> None:
    """Take events out of their deliveries, by their places; a mark keeps the places of the others. Inside a transaction."""
    places: dict[int, set[int]] = {}
    deliveries: dict[int, Received] = {}
    for received, place in found:
        deliveries[received.pk] = received
        places.setdefault(received.pk, set()).add(place)
    for pk, received in deliveries.items():
        received.body = struck(bytes(received.body), places[pk]) or NOTHING
        Received.objects.filter(pk=pk).update(body=received.body)
