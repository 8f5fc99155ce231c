"""The type of the facts of each section, from the annotations of Snapshot's properties."""

from __future__ import annotations

import inspect
import typing
from functools import cached_property, lru_cache
from typing import Any, get_args, get_origin

from inventory.observation import Found
from inventory.snapshot import Snapshot


@lru_cache(maxsize=256)
def fact_type(section: str) -> Any:
    """The type of the value of a section; Any for one that Snapshot has no property of."""
    own = inspect.getattr_static(Snapshot, section, None)
    function = own.func if isinstance(own, cached_property) else own.fget if isinstance(own, property) else None
    if function is None:
        return Any
    observation = typing.get_type_hints(function)["return"]
    found = next((each for each in get_args(observation) if get_origin(each) is Found), None)
    return Any if found is None else get_args(found)[0]
