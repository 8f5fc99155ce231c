"""Hiding the secrets in what Windows answers: by the name of the property or value, and in command lines.

A product key is one too: it is what a licence is worth.
"""

from __future__ import annotations

import re
from dataclasses import replace

from inventory.formats.windows_registry import rewrite_values
from inventory.formats.windows_tables import rewrite_cells
from inventory.recording import Part, SectionRecording
from inventory.section import Redact

_COMMANDS = frozenset({"CommandLine", "PathName", "ImagePath", "StartCommand"})
_PRODUCT_KEYS = re.compile(r"DigitalProductId\d?|ProductKey|SerialNumber", re.IGNORECASE)
# Options of Windows begin with a slash, and a word that follows is their value. A lone /p is a port as often as not, so
# it counts only behind programs that mean a password by it. Everything is bounded: a host may send one endless line.
_VALUE = rb"""("[^"\r\n]*"|[^\s"<>/&|*][^\s"<>]*)"""
_OPTIONS = tuple(
    re.compile(expression + _VALUE)
    for expression in (
        rb"(?i)((?<![^\s\"'>])[/-](?:pw|pwd|pass|passwd|password|rp|secret|token|apikey)(?:[:=]|[ \t]{1,9}))",
        rb"(?i)(\b(?:psexec(?:64)?|schtasks|wmic|cmdkey|runas|sc|ftp|plink|pscp)(?:\.exe)?\"?[ \t]"
        rb"[^\r\n]{0,300}?[ \t][/-]p(?:[:=]|[ \t]{1,9}))",
        rb"(?i)(\bnet(?:\.exe)?\"?[ \t]{1,9}use[ \t][^\r\n]{0,300}?[/-]u(?:ser)?:\S{1,200}[ \t]{1,9})",
        rb"(?i)(\bnet(?:\.exe)?\"?[ \t]{1,9}use[ \t]{1,9}(?:\S:[ \t]{1,9})?\\\\\S{1,200}[ \t]{1,9})",
        rb"(\b(?i:osql|sqlcmd|isql|bcp)(?i:\.exe)?\"?[ \t][^\r\n]{0,300}?[ \t]-P)",
    )
)
_REGISTRY = re.compile(rb"^HKEY_[A-Z_]+(?:\\|\r?$)", re.MULTILINE)
_TABLE = re.compile(rb"\A\s*[A-Za-z]\w*(?:\t\w+)*\r?\n|^[A-Za-z]\w*=", re.MULTILINE)


def redact_windows(recording: SectionRecording, redact: Redact) -> SectionRecording:
    """The redaction of every variant for Windows, for answers of all its kinds."""
    parts = tuple(_part(part, redact) for part in recording.parts)
    return replace(recording, parts=parts, errors=redact.lines(recording.errors))


def _part(part: Part, redact: Redact) -> Part:
    def change(name: str, value: bytes) -> bytes:
        return _value(name, value, redact)

    if _REGISTRY.search(part.content):
        return rewrite_values(part, change)
    if part.status == 0 and _TABLE.search(part.content):
        redact = redact.plain()  # the rows are of several owners
        return rewrite_cells(part, change)
    return replace(part, content=redact_command_lines(part.content, redact))


def redact_commands(content: bytes, redact: Redact) -> bytes:
    """A text in which there are command lines of Windows, without the secrets that programs are given."""
    return redact.text(_without_options(content, redact))


def redact_command_lines(content: bytes, redact: Redact) -> bytes:
    """The same where each line may be of another owner."""
    return redact.lines(_without_options(content, redact.plain()))


def _without_options(content: bytes, redact: Redact) -> bytes:
    def hide(match: re.Match[bytes]) -> bytes:
        word = match[2]
        if word.startswith(b'"'):
            return match[1] + b'"' + redact.secret(word[1:-1]) + b'"'
        return match[1] + redact.secret(word)

    for expression in _OPTIONS:
        content = expression.sub(hide, content)
    return content


def _value(name: str, value: bytes, redact: Redact) -> bytes:
    if _PRODUCT_KEYS.fullmatch(name):
        return redact.secret(value)
    if name in _COMMANDS:
        return redact_commands(redact.arguments(value), redact)
    # "Default Password" of the registry is DefaultPassword to those who know names of settings.
    setting = re.sub(r"[^A-Za-z0-9_]", "", name).encode()
    value = _without_options(value, redact)
    if not setting or b"\n" in value:
        return redact.text(value)
    hidden = redact.text(setting + b"=" + value)
    return hidden[len(setting) + 1 :] if hidden.startswith(setting + b"=") else redact.text(value)
