"""Read ``brownfield.yaml``; every error names the file and the line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec
import yaml
from msgspec import structs
from msgspec.structs import asdict

from assess.policy.conditions import WrongCondition, check_condition
from assess.policy.model import CustomRule, JudgementFile, Policy, Waiver, WorkloadOverride
from assess.policy.policy_schema import policy_schema
from assess.policy.priorities import priorities_from
from inventory.errors import BrownfieldError

NAME = "brownfield.yaml"
_LARGEST = 1 << 20


class PolicyError(BrownfieldError):
    """The judgement file cannot be used; the sentence begins with ``file:line``."""


def policy_beside(inventory: Path, known_rules: Iterable[tuple[str, ...]]) -> Policy:
    """The judgement of the file beside hosts.ini; an empty one when there is none. Raises PolicyError."""
    path = (inventory if inventory.is_dir() else inventory.parent) / NAME
    return read_policy(path, known_rules) if path.exists() else Policy()


def read_policy(path: Path, known_rules: Iterable[tuple[str, ...]]) -> Policy:
    """Read and check a file. ``known_rules``: id, name and former names of each rule. Raises PolicyError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PolicyError(f"{path} cannot be read ({error.strerror}); it should hold your own judgement") from error
    if len(content) > _LARGEST:
        raise PolicyError(f"{path} is larger than a megabyte; is it the right file?")
    return parse_policy(content, str(path), known_rules)


def parse_policy(content: bytes, path: str, known_rules: Iterable[tuple[str, ...]]) -> Policy:
    """The judgement in YAML text; ``path`` is for messages. Raises PolicyError."""
    try:
        node = yaml.compose(content, Loader=_Loader)
        document = _plain(node) if node is not None else None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PolicyError(f"{path}:{line}: {error.problem or 'this is not YAML'}") from error
    except (yaml.YAMLError, UnicodeError, RecursionError, ValueError) as error:
        raise PolicyError(f"{path}:1: this cannot be read as YAML ({type(error).__name__})") from error
    if node is None or not isinstance(document, dict):
        raise PolicyError(f"{path}:1: it must begin with version: 1")
    try:
        file = msgspec.convert(document, JudgementFile)
        for index, rule in enumerate(file.rules):
            check_condition(rule.when, ("rules", index, "when"))
    except msgspec.ValidationError as error:
        raise PolicyError(_sentence(str(error), document, node, path)) from error
    except WrongCondition as error:
        raise PolicyError(f"{path}:{_line(node, *error.place)}: {_dotted(error.place)}{error}") from error
    judged = Policy(
        path,
        tuple(
            CustomRule(**{**asdict(each), "why": each.why or each.message}, line=_line(node, "rules", index))
            for index, each in enumerate(file.rules)
        ),
        tuple(Waiver(**asdict(each), line=_line(node, "waivers", i)) for i, each in enumerate(file.waivers)),
        tuple(
            WorkloadOverride(**asdict(each), line=_line(node, "workloads", i)) for i, each in enumerate(file.workloads)
        ),
        priorities_from(file.priorities),
    )
    if len(set(file.priorities)) < len(file.priorities):
        twice = next(each for each in file.priorities if file.priorities.count(each) > 1)
        raise PolicyError(f"{path}:{_line(node, 'priorities')}: priorities: {twice} is there twice")
    _check_waivers(judged)
    return _with_rule_names(judged, tuple(known_rules))


class _Loader(yaml.SafeLoader):
    """YAML without aliases, which could make a small file endless, and without dates: a day is text here."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call] # the stubs lack it
            raise yaml.composer.ComposerError(None, None, "aliases are not used here", event.start_mark)
        return super().compose_node(parent, index)


def _plain(node: yaml.Node) -> Any:
    """The values of a node; keys are text, and a key that is there twice is an error."""
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value)
            if name in found:
                raise yaml.composer.ComposerError(None, None, f"{name} is there twice", key.start_mark)
            found[name] = _plain(value)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_plain(each) for each in node.value]
    match node.tag.rpartition(":")[2]:
        case "int":
            return int(str(node.value).replace("_", ""), 0)
        case "bool":
            return str(node.value).lower() in ("true", "yes", "on")
        case "null":
            return None
        case _:
            return str(node.value)


_PLACE = re.compile(r"\.?([a-z_]+)|\[(\d+)\]")
_NAMED = re.compile(r"Object (contains unknown|missing required) field `(.*)`")
_DAYS = "Invalid RFC3339 encoded date"


def _sentence(fault: str, document: dict[str, Any], node: yaml.Node, path: str) -> str:
    """The sentence of a fault that msgspec found: ``what - at `$.waivers[0].until```."""
    what, _, at = fault.partition(" - at `$")
    steps = [int(number) if number else name for name, number in _PLACE.findall(at)]
    value: Any = document
    form: Any = policy_schema()
    for step in steps:
        value = value[step]
        form = form["items"] if isinstance(step, int) else form["properties"][step]
    if (match := _NAMED.fullmatch(what)) is None:
        if what == _DAYS:
            what = f"{value} is not a day, such as 2027-03-31"
        elif "enum" in form:
            what = f"{value!r} is not one of {', '.join(str(word) for word in form['enum'] if word is not None)}"
        else:
            what = what.replace("`", "")
    elif match[1] == "missing required":
        what = f"{match[2]} is missing"
    else:
        steps.append(match[2])
        what = f"unknown field{did_you_mean(match[2], form['properties'])}"
    return f"{path}:{_line(node, *steps)}: {_dotted(steps)}{what}"


def _dotted(steps: Sequence[str | int]) -> str:
    return f"{'.'.join(map(str, steps))}: " if steps else ""


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """``; did you mean …?``, or ``otherwise`` when nothing is close."""
    close = get_close_matches(word, list(known), 1)
    return f"; did you mean {close[0]}?" if close else otherwise


def _line(node: yaml.Node, *path: Any) -> int:
    """The line (from 1) of what ``path`` (keys and indexes) leads to, or of the last that is there."""
    for step in path:
        if isinstance(node, yaml.MappingNode):
            inner = next((value for key, value in node.value if str(key.value) == step), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            inner = node.value[step]
        else:
            inner = None
        if inner is None:
            break
        node = inner
    return int(node.start_mark.line) + 1


def _check_waivers(judged: Policy) -> None:
    for waiver in judged.waivers:
        if not (waiver.workload or waiver.host):
            raise PolicyError(f"{judged.path}:{waiver.line}: the waiver of {waiver.rule} needs workload or host")


def _with_rule_names(judged: Policy, known_rules: tuple[tuple[str, ...], ...]) -> Policy:
    """Check that ids and names are unique and that each waiver is for an existing rule; replace former rule names."""
    known = {name for pair in known_rules for name in pair}
    for rule in judged.rules:
        for name in (rule.id, rule.name):
            if name in known:
                raise PolicyError(f"{judged.path}:{rule.line}: there is a rule {name} already")
            known.add(name)
    for waiver in judged.waivers:
        if waiver.rule not in known:
            hint = did_you_mean(waiver.rule, known, "; `assess rules` lists them")
            raise PolicyError(f"{judged.path}:{waiver.line}: there is no rule {waiver.rule}{hint}")
    names = {former: name for _, name, *aliases in known_rules for former in aliases}
    waivers = tuple(structs.replace(each, rule=names.get(each.rule, each.rule)) for each in judged.waivers)
    return replace(judged, waivers=waivers)
