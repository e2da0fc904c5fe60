"""Turning functions over numbers and arrays into machine code. They stay plain Python, and tests run them as they stand."""

from collections.abc import Callable, Iterable, Mapping
from types import FunctionType
from typing import Any


def code(functions: Iterable[Callable[..., Any]], among: Mapping[str, Any], **options: Any) -> Callable[..., Any]:
    """The last of these functions, compiled; the first process on a machine compiles it, later ones load it.

    functions   who is called stands before who calls
    among       the names that they use: `globals()` of their file
    options     of numba.njit
    """
    import numba

    made = dict(among)
    for function in functions:
        name = function.__name__
        made[name] = numba.njit(cache=True, nogil=True, **options)(FunctionType(function.__code__, made))
    return made[name]


def still(array: Any) -> Any:
    """The same array, which nobody writes to, so that machine code is made for one kind of array only."""
    view = array.view()
    view.flags.writeable = False
    return view
