"""The product files, read once, when something first asks for a product."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

import msgspec

from inventory.products.product import Product


class ProductFileError(Exception):
    """A product file does not have the form of :mod:`inventory.products.product`; the message names file and field."""


@cache
def products() -> Mapping[str, Product]:
    """All products by identifier (the name of their file), in the order of these. Raises ProductFileError."""
    folder = resources.files("inventory").joinpath("products")
    files = {entry.name: entry for entry in folder.iterdir() if entry.name.endswith(".toml")}
    return {name.removesuffix(".toml"): parsed(name, files[name].read_bytes()) for name in sorted(files)}


def parsed(name: str, content: bytes) -> Product:
    """The product of a file called ``name``. Raises ProductFileError."""
    try:
        return msgspec.toml.decode(content, type=Product)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProductFileError(f"{name}: {error}") from None


def compared_settings(identifier: str) -> tuple[str, ...]:
    """The settings of a product that a pilot compares."""
    compare = products()[identifier].compare
    return compare.settings if compare else ()
