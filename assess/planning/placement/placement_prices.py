"""Prices and limits of placement (``placement.toml``, product files), read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from assess.knowledge.data_files import data_toml
from assess.planning.placement.placement_problem import Prices
from inventory.products.catalogue import products


@dataclass(frozen=True, slots=True)
class PlacementTable:
    """See the comments of the file. ``fixed`` and ``by_name`` are (transport, port); ``assumed`` one server's size."""

    prices: Prices
    server: float
    move_base: float
    move_client: float
    move_line: float
    move_unseen: float
    move_told: float
    cpu_headroom: float
    cpu_headroom_measured: float
    memory_headroom: float
    share: float
    hours: int
    assumed: Mapping[str, float]
    fixed: frozenset[tuple[str, int]]
    by_name: frozenset[tuple[str, int]]
    web_programs: frozenset[str]
    data_programs: frozenset[str]


@lru_cache(maxsize=1)
def placement_table() -> PlacementTable:
    """The table."""
    table = data_toml("placement.toml")
    prices, move, headroom = table["prices"], table["move"], table["headroom"]
    hints = [(each, product.programs_of(each)) for product in products().values() if (each := product.placement)]
    return PlacementTable(
        prices=Prices(prices["address"], prices["proxy"], prices["proxy_port"]),
        server=prices["server"],
        move_base=move["base"],
        move_client=move["client"],
        move_line=move["line"],
        move_unseen=move["unseen"],
        move_told=move["told"],
        cpu_headroom=headroom["cpu"],
        cpu_headroom_measured=headroom["cpu_measured"],
        memory_headroom=headroom["memory"],
        share=headroom["share"],
        hours=headroom["hours"],
        assumed={name: float(amount) for name, amount in table["assumed"].items()},
        fixed=frozenset((transport, port) for transport, ports in table["fixed"].items() for port in ports),
        by_name=frozenset(("tcp", port) for port in table["by_name"]["tcp"]),
        web_programs=frozenset(name for each, names in hints if each.by_name for name in names),
        data_programs=frozenset(name for each, names in hints if each.keeps_data_of_others for name in names),
    )
