"""Whatever a section sends is searched for secrets, unless the section is exempt here by name, with the reason."""

from __future__ import annotations

import contextlib

import pytest

from inventory.platforms import Platform
from inventory.section import ParseError, Section, redact_errors, redact_lines
from inventory.sections import SECTIONS
from tests.support.live import REDACTOR
from tests.support.recordings import answer, hosts_with, recorded

NAMES = "names of files, owners and sizes; no content"
KERNEL = "tables of numbers that the kernel prints"
EXEMPT = {
    "libraries": NAMES,
    "open_files": NAMES,
    "sizes": NAMES,
    "changed_files": NAMES,
    "unmanaged_files": NAMES,
    "language_packages": "names and versions of packages that pass a narrow pattern on the host",
    "sockets": KERNEL,
    "ipc": KERNEL,
    "use": KERNEL,
    "certificate_stores": "certificates, which are public; a private key is never asked for",
}
PARTS = {
    "system": "boot cgroup clock cpu dmi hardware init init-links links locale machine marks memory node online pci"
    " release ticks timezone",
    "kernel": "config formats modules security state tainted uname",
    "executables": "family links links-own still",
    "processes": "cgroup hidden limits links links-own ns ns-own probe stat status still ticks",
    "containers": "engines",
    "cron": "places scripts",
    "packages": "apk apk-owners apt-auto apt-list-names dpkg dpkg-owners rpm rpm-owners rpm-paths",
    "network": "addresses filters ip4-tables ip6-tables kernel layers order rules",
    "sysctls": "files settings user values",
    "configuration": "cut refused secrets",
}
"""Parts of other sections that are tables of the kernel, names of files and numbers, and stay as they are."""
SECRET = b"tr0ub4dor-and-3"


def test_only_these_sections_are_exempt() -> None:
    exempt = {
        section.name
        for section in SECTIONS
        if any((variant.redact or section.redact) is redact_errors for variant in section.variants)
    }
    assert exempt == EXEMPT.keys()
    usual = Section("one", "one", ())
    assert usual.redact is redact_lines, "a section that says nothing is redacted"


@pytest.mark.parametrize("name", sorted({section.name for section in SECTIONS} - EXEMPT.keys()))
def test_a_password_in_any_other_part_is_hidden(name: str) -> None:
    """Or the whole answer is thrown away, as one that no parser could read."""
    (section,) = [section for section in SECTIONS if section.name == name]
    parts = {part.name for host in hosts_with(name) for part in recorded(host, name).parts}
    for platform in Platform:
        if section.variant(platform) is None:
            continue
        for part in sorted(parts - set(PARTS.get(name, "").split())):
            recording = answer(name, **{part.replace("-", "_"): b"x=1\npassword=" + SECRET + b"\n"})
            with contextlib.suppress(ParseError):
                redacted = section.redacted(recording, REDACTOR, platform)
                assert all(SECRET not in each.content for each in redacted.parts), part
