"""All product files have the form that the layers read, and what they refer to exists."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from importlib import resources
from typing import Any

import msgspec
import pytest

from assess.knowledge.data_files import data_rows, data_toml
from containerize.pilot.protocols.dialogues import CONVERSATIONS
from containerize.pilot.protocols.protocol_detection import HTTP
from containerize.pilot.seeds import SEEDS
from containerize.plan.foreground_start import FORMS
from inventory.products.catalogue import ProductFileError, parsed, products
from inventory.products.detection.web_server_detection import READERS
from inventory.products.product import Product, ProgramTable

PRODUCTS = products()
PATTERNS = {
    "client_addresses", "packages", "main_class", "directory_arguments", "files", "directory_settings",
    "directory_pattern", "process", "port_pattern",
    "version_in_path", "usual", "set_by", "sign", "version", "title", "uses",
}  # fmt: skip
"""Fields that hold regular expressions, in any table (a title of a product is a plain one, too)."""


def tables(product: Product) -> Iterator[tuple[str, Any]]:
    """Every table of a product with its name; those that may be repeated one by one."""
    for name in product.__struct_fields__:
        value = getattr(product, name)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, msgspec.Struct):
                yield name, each


def test_there_are_many() -> None:
    assert len(PRODUCTS) >= 40


@pytest.mark.parametrize("identifier", PRODUCTS)
def test_a_file_is_named_plainly_and_says_where_its_knowledge_is_from(identifier: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", identifier)
    text = resources.files("inventory").joinpath("products", f"{identifier}.toml").read_text("utf-8")
    assert re.match(r"# Sources?: \S", text)


@pytest.mark.parametrize("identifier", PRODUCTS)
def test_every_pattern_is_one(identifier: str) -> None:
    product = PRODUCTS[identifier]
    for _, table in [("", product), *tables(product)]:
        for field in PATTERNS.intersection(table.__struct_fields__):
            value = getattr(table, field)
            for pattern in (value,) if isinstance(value, str) else value:
                re.compile(pattern)


@pytest.mark.parametrize("identifier", PRODUCTS)
def test_a_file_teaches_something(identifier: str) -> None:
    assert list(tables(PRODUCTS[identifier]))


def test_titles_are_unique() -> None:
    assert [title for title, count in Counter(each.title for each in PRODUCTS.values()).items() if count > 1] == []


def test_what_files_name_exists() -> None:
    """Functions and rows of the layers' explicit tables."""
    known = {
        "reader": set(READERS),
        "form": {"", *FORMS},
        "protocol": {HTTP, *(each.name for each in CONVERSATIONS)},
        "seed": set(SEEDS),
        "state": {each["id"] for each in data_toml("state_kinds.toml")["kind"]},
        "host function": {each["id"] for each in data_toml("host_functions.toml")["function"] if "id" in each},
        "port protocol": {each["protocol"] for each in data_toml("port_protocols.toml")["protocol"]},
        "end of life": {each["product"] for each in data_rows("products_end_of_life.csv")},
    }
    known["port protocol"] |= {
        each.protocol for product in PRODUCTS.values() for each in product.port_protocol if each.family
    }
    named: dict[str, set[str]] = {kind: set() for kind in known}
    for product in PRODUCTS.values():
        for name, table in tables(product):
            match name:
                case "web_server":
                    named["reader"].add(table.reader)
                case "foreground":
                    named["form"].add(table.form)
                case "protocol" | "seed":
                    named[name].add(table.name)
                case "state":
                    named["state"].add(table.kind)
                case "host_function":
                    named["host function"].add(table.function)
                case "port_protocol":
                    named["port protocol"].add(table.protocol)
                case "end_of_life":
                    named["end of life"].add(table.product)
    assert all(named.values())
    assert {kind: names - known[kind] for kind, names in named.items() if names - known[kind]} == {}


def test_a_protocol_is_defined_once() -> None:
    defined = [each["protocol"] for each in data_toml("port_protocols.toml")["protocol"]]
    defined += [each.protocol for product in PRODUCTS.values() for each in product.port_protocol if each.family]
    assert len(defined) == len(set(defined))


SHARED_NAMES = {"beam.smp", "beam", "imapd"}
"""Erlang runs several products under one name; Cyrus and Courier both have an imapd."""


def test_no_two_products_claim_one_program_in_the_same_table() -> None:
    claims: dict[tuple[str, str], set[str]] = {}
    for identifier, product in PRODUCTS.items():
        for name, table in tables(product):
            if isinstance(table, ProgramTable):
                for program in product.programs_of(table):
                    claims.setdefault((name, program), set()).add(identifier)
    assert claims
    assert {key: each for key, each in claims.items() if len(each) > 1 and key[1] not in SHARED_NAMES} == {}


def test_an_unknown_key_is_an_error_that_names_file_and_field() -> None:
    with pytest.raises(ProductFileError, match=r"shop\.toml: .*colour.*\$\.ports"):
        parsed("shop.toml", b'title = "Shop"\n[ports]\ncolour = 1\n')


@pytest.mark.parametrize("port", ["0", "65536", '"http"'])
def test_a_port_is_a_port(port: str) -> None:
    with pytest.raises(ProductFileError, match=r"shop\.toml"):
        parsed("shop.toml", f'title = "Shop"\n[ports]\ntcp = [{port}]\n'.encode())


def test_what_is_no_toml_is_an_error_that_names_the_file() -> None:
    with pytest.raises(ProductFileError, match=r"shop\.toml"):
        parsed("shop.toml", b"title = \xff")
