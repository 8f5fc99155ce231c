"""Read ``brownfield.yaml``; every error names the file and the line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from assess.model import Severity
from assess.policy.model import CustomRule, Policy, Waiver, WorkloadOverride
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
        raise PolicyError(f"{path}:{line}: {error.problem or 'this is no YAML'}") from error
    except (yaml.YAMLError, UnicodeError, RecursionError, ValueError) as error:
        raise PolicyError(f"{path}:1: this is no YAML that can be read ({type(error).__name__})") from error
    if node is None or not isinstance(document, dict):
        raise PolicyError(f"{path}:1: it must begin with version: 1")
    _check(document, node, path)
    judged = Policy(
        path,
        tuple(_rule(each, _line(node, "rules", index)) for index, each in enumerate(document.get("rules", ()))),
        tuple(
            _waiver(each, _line(node, "waivers", index), path) for index, each in enumerate(document.get("waivers", ()))
        ),
        tuple(
            _override(each, _line(node, "workloads", index)) for index, each in enumerate(document.get("workloads", ()))
        ),
        priorities_from(document.get("priorities", ())),
    )
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


def _check(document: dict[str, Any], node: yaml.Node, path: str) -> None:
    import jsonschema

    errors = sorted(
        jsonschema.Draft202012Validator(policy_schema()).iter_errors(document),
        key=lambda error: _line(node, *error.absolute_path),
    )
    if errors:
        worst = jsonschema.exceptions.best_match([errors[0]]) or errors[0]
        where = ".".join(str(part) for part in worst.absolute_path)
        said = " ".join(str(worst.message).split())[:200]
        raise PolicyError(f"{path}:{_line(node, *worst.absolute_path)}: {f'{where}: ' if where else ''}{said}")


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


def _rule(each: dict[str, Any], line: int) -> CustomRule:
    return CustomRule(
        each["id"],
        each["name"],
        Severity(each["severity"]),
        each["when"],
        each["message"],
        each.get("why", each["message"]),
        each["remedy"],
        line,
    )


def _waiver(each: dict[str, Any], line: int, path: str) -> Waiver:
    until = None
    if said := each.get("until"):
        try:
            until = date.fromisoformat(said)
        except ValueError as error:
            raise PolicyError(f"{path}:{line}: {said} is no day of the calendar") from error
    return Waiver(each["rule"], each["reason"], each.get("workload", ""), each.get("host", ""), until, line)


def _override(each: dict[str, Any], line: int) -> WorkloadOverride:
    return WorkloadOverride(
        each["match"],
        each.get("name"),
        each.get("kind"),
        each.get("part_of"),
        each.get("criticality"),
        line,
    )


def _with_rule_names(judged: Policy, known_rules: tuple[tuple[str, ...], ...]) -> Policy:
    """Check that ids and names are unique and that each waiver is for an existing rule; replace former rule names."""
    from difflib import get_close_matches

    known = {name for pair in known_rules for name in pair}
    for rule in judged.rules:
        for name in (rule.id, rule.name):
            if name in known:
                raise PolicyError(f"{judged.path}:{rule.line}: there is a rule {name} already")
            known.add(name)
    for waiver in judged.waivers:
        if waiver.rule not in known:
            close = get_close_matches(waiver.rule, known, 1)
            hint = f"; did you mean {close[0]}?" if close else "; `assess rules` lists them"
            raise PolicyError(f"{judged.path}:{waiver.line}: there is no rule {waiver.rule}{hint}")
    names = {former: name for _, name, *aliases in known_rules for former in aliases}
    return replace(
        judged, waivers=tuple(replace(each, rule=names.get(each.rule, each.rule)) for each in judged.waivers)
    )
