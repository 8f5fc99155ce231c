"""Ansible's error messages, as one sentence with the line of the file.

ansible-core 2.16 wrote ``Failed to parse F with ini plugin: F:2: reason``; 2.19 writes ``Failed to parse inventory with
'ini' plugin: reason`` and no line for the ini format, so the line is looked up by the words it quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_PLUGIN = re.compile(r"Failed to parse (?:inventory|\S+) with '?(?P<plugin>[\w.]+)'? plugin: (?P<reason>.+)")
_ORIGIN = re.compile(r"^Origin: (?P<file>.+?):(?P<line>\d+)(?::\d+)?$", re.MULTILINE)
_LINE = re.compile(r"^(?P<file>/.+?):(?P<line>\d+): (?P<reason>.+)$")
_UNMATCHED = re.compile(r"Could not match supplied host pattern, ignoring: (.+)")
_QUOTED = (re.compile(r"got: (.+)$"), re.compile(r"'([^']+)'"), re.compile(r"(\[[^\][]+\])"))
_YAML = {".yml", ".yaml", ".json"}


def error_message(stderr: str, path: Path) -> str:
    """The reason why ``ansible-inventory`` could not read ``path``."""
    if "vault" in stderr.lower() or "decrypt" in stderr.lower():
        return _vault_sentence(stderr, path)
    reasons = {match["plugin"]: match for match in _PLUGIN.finditer(stderr)}
    wanted = ("yaml", "auto") if path.suffix in _YAML else ("ini", "yaml")
    match = next((reasons[plugin] for plugin in wanted if plugin in reasons), None) or next(
        iter(reversed(reasons.values())), None
    )
    if match is None:
        return f"Ansible cannot read {path}: {_last_error(stderr)}"
    reason = match["reason"].removeprefix("Failed to parse inventory: ").strip()
    if "not enough values to unpack" in reason:
        reason = "a section header has no closing bracket"
    if located := _LINE.match(reason):
        return f"{located['file']}:{located['line']}: {located['reason']}"
    if origin := _ORIGIN.search(stderr):
        return f"{origin['file']}:{origin['line']}: {reason}"
    line = _line_of(reason, path)
    return f"{path}:{line}: {reason}" if line else f"{path}: {reason}"


def warnings(stderr: str) -> Iterator[str]:
    """Warnings after which Ansible continues, for the user."""
    for match in _UNMATCHED.finditer(stderr):
        yield f"--limit: nothing is called {match[1].strip()}, so that part of the pattern is ignored"


def template_sentence(hosts_by_name: Mapping[str, Sequence[str]], reason: str) -> str:
    """The reason why variables have no value; ``hosts_by_name`` are the hosts on which each was to be filled in."""
    what = ", ".join(f"{name} of {_listed(hosts)}" for name, hosts in hosts_by_name.items())
    if "decrypt" in reason.lower() or "vault" in reason.lower():
        return f"{what} cannot be decrypted; give the right password with --vault-password-file or --ask-vault-pass"
    undefined = re.search(r"'[^']+' is undefined|has no attribute '[^']+'", reason)
    told = undefined[0] if undefined else " ".join(reason.split())[:200] or "Ansible gave no value"
    return f"{what} cannot be filled in: {told}"


def _listed(hosts: Sequence[str]) -> str:
    shown = ", ".join(hosts[:3])
    return shown if len(hosts) <= 3 else f"{shown} and {len(hosts) - 3} more hosts"


def _vault_sentence(stderr: str, path: Path) -> str:
    if "was not found" in stderr:
        return f"Ansible cannot read {path}: {_last_error(stderr)}"
    if "no vault secrets found" in stderr:
        return f"variables of {path} are encrypted; give the password with --vault-password-file or --ask-vault-pass"
    return f"the vault password does not decrypt the variables of {path}; give the right one"


def _last_error(stderr: str) -> str:
    """The first line of the last error; without any, what there is, on one line."""
    errors = re.findall(r"(?:\[ERROR\]|ERROR!?):?\s*(.+)", stderr)
    words = " ".join((errors[-1] if errors else stderr).split())
    return words[:300] or "it gave no reason"


def _line_of(reason: str, path: Path) -> int | None:
    """The line that ``reason`` quotes; None where that is not known."""
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return None
    if "no closing bracket" in reason:
        return next((n for n, line in enumerate(lines, 1) if re.match(r"\s*\[[^\]]*$", line)), None)
    for pattern in _QUOTED:
        for quoted in pattern.findall(reason):
            for number, line in enumerate(lines, 1):
                bare = line.strip()
                if not bare or bare[0] in "#;":
                    continue
                if quoted == bare or quoted in bare.split() or (len(quoted) > 8 and quoted in bare):
                    return number
    return None
