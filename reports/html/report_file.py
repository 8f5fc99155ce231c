"""The report as one HTML file: complete without script, searchable with it, without external resources.

Layer A is what the templates write: all of it readable without script and style. Layer B is the data block and
the script, which put the whole tables in the place of the first rows. A strict Content-Security-Policy allows that
one script and that one style by their hashes, so that nothing a host sent could run even if it got past the escaping.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from inventory.errors import WorkspaceError
from reports.view.labels import fragment
from reports.view.page import ReportPage
from reports.view.script_data import chunks, index
from reports.view.visible_text import shown

SCRIPT = ("elements", "data", "address", "columns", "table", "details", "page")
"""The files of the script, in the order in which they need each other."""

STATIC_BYTES = 340_000
"""Size of the static layer. Details fill what the tables leave of it; the page says how many it has."""

PLAIN_BYTES = 150_000
"""Data blocks above this are compressed: it costs the reader some milliseconds and saves two thirds of the file."""


@dataclass(frozen=True, slots=True)
class DataBlock:
    """A block of data in the page. JSON, or JSON under gzip and base64."""

    name: str
    content: Markup
    gzip: bool

    @property
    def type(self) -> str:
        """The media type; neither is one that a browser runs."""
        return "application/octet-stream" if self.gzip else "application/json"


def render(page: ReportPage) -> str:
    """The whole file."""
    environment = _environment()
    style, script = _asset("report.css"), report_script()
    values = {
        "page": page,
        "style": Markup(style),  # noqa: S704 - our own file
        "script": Markup(script),  # noqa: S704 - our own file
        "policy": policy(style, script),
    }
    template = environment.get_template("report.html.j2")
    bare = template.render(values, details=None, details_note="", data=())
    details, note = _details_that_fit(environment, page, STATIC_BYTES - len(bare.encode()) + len(style) + len(script))
    return template.render(values, details=details, details_note=note, data=data_blocks(page))


def write(page: ReportPage, path: Path) -> None:
    """Write the file whole or not at all; raises WorkspaceError."""
    content = render(page).encode("utf-8", "backslashreplace")
    temporary = ""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        words = f"the report cannot be written to {path}: {error.strerror}; assess report -o FILE writes it elsewhere"
        raise WorkspaceError(words) from error


def policy(style: str, script: str) -> str:
    """The Content-Security-Policy: nothing may load, and only this style and this script may apply."""
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def data_blocks(page: ReportPage) -> tuple[DataBlock, ...]:
    """The blocks of data: the tables in one, the details in chunks."""
    texts = [("index", _json(index(page)))]
    texts += [(f"details-{number}", _json(chunk)) for number, chunk in enumerate(chunks(page))]
    compressed = sum(len(text) for _name, text in texts) > PLAIN_BYTES
    return tuple(
        DataBlock(name, Markup(_packed(text) if compressed else text), compressed)  # noqa: S704 - _json leaves no markup
        for name, text in texts
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Every string that a template prints goes through here, so that none can be forgotten.
        finalize=lambda value: shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
    )
    environment.filters["fragment"] = fragment
    environment.filters["capitalize_first"] = lambda text: text[:1].upper() + text[1:]
    return environment


def _details_that_fit(environment: Environment, page: ReportPage, room: int) -> tuple[list[Markup], str]:
    macro = vars(environment.get_template("detail.j2").module)["detail"]
    made: list[Markup] = []
    for detail in page.details():
        text = macro(detail)
        room -= len(text.encode())
        if room < 0:
            break
        made.append(text)
    if len(made) == page.details_total:
        return made, ""
    return made, (
        f"Showing {len(made):,} of {page.details_total:,} workloads and hosts, in table order. "
        "The others open from the tables if scripts are enabled, and are in the export."
    )


def report_script() -> str:
    """The script of the page: its files one after another, in their own scope."""
    return "\n".join(('"use strict";', "(() => {", *(_asset(f"script/{name}.js") for name in SCRIPT), "})();"))


def _asset(name: str) -> str:
    # Browsers turn CRLF into LF before they hash, so a checkout with other line ends would break the policy.
    return files("reports").joinpath("static", name).read_text("utf-8").replace("\r\n", "\n").strip()


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _json(value: object) -> str:
    """JSON that can stand inside of a script element: no text in it can end the element or begin a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _packed(text: str) -> str:
    # mtime 0: the same assessment gives the same file.
    return base64.b64encode(gzip.compress(text.encode("utf-8"), compresslevel=6, mtime=0)).decode()
