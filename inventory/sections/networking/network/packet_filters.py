"""Readers of what ``nft list ruleset`` and ``iptables-save`` print."""

from __future__ import annotations

import re
from collections.abc import Iterable

from inventory.formats.procfs.process_files import whole_lines
from inventory.model.firewall import Firewall, FirewallChain, FirewallRule
from inventory.observation import Origin
from inventory.recording import Part, SectionRecording

_IPTABLES = {"ip4": "ip", "ip6": "ip6"}
_CHAIN = re.compile(r":(?P<name>\S+) (?P<policy>\S+)(?: \[\d+:\d+\])?")
_TABLE = re.compile(r"table (?:(?P<family>\w+) )?(?P<name>\S+) \{")
_NFT_CHAIN = re.compile(r"chain (?P<name>\S+) \{")
_POLICY = re.compile(r"policy (?P<policy>\w+);")


def read_firewall(recording: SectionRecording, section: str) -> Firewall:
    """All parts together. A part that is missing adds nothing, nor does a line of an unknown form."""
    chains: list[FirewallChain] = []
    rules: list[FirewallRule] = []
    for part in recording.parts:
        if part.name == "nft":
            _nft(part, section, chains, rules)
        elif part.name in _IPTABLES:
            _iptables(part, section, chains, rules)
    return Firewall(tuple(chains), tuple(rules))


def _texts(part: Part) -> Iterable[tuple[int, str]]:
    for number, line in enumerate(whole_lines(part), 1):
        yield number, line.decode("utf-8", "surrogateescape").strip()


def _iptables(part: Part, section: str, chains: list[FirewallChain], rules: list[FirewallRule]) -> None:
    family, table = _IPTABLES[part.name], ""
    for number, text in _texts(part):
        origin = Origin(section, part.name, number)
        if text.startswith("*"):
            table = text[1:]
        elif match := _CHAIN.fullmatch(text):
            policy = match["policy"].lower()
            chains.append(FirewallChain(family, table, match["name"], "" if policy == "-" else policy, origin))
        elif text.startswith(("-A ", "[")) and " " in (rule := text[text.find("-A ") :])[3:]:
            _, chain, words = rule.split(" ", 2)
            rules.append(FirewallRule("iptables", family, table, chain, words, origin))


def _nft(part: Part, section: str, chains: list[FirewallChain], rules: list[FirewallRule]) -> None:
    """Blocks in braces; within a chain each line is a rule, and one with an open brace continues in the next."""
    family, table, chain, depth, skipped = "ip", "", "", 0, 0
    pending = ""
    for number, text in _texts(part):
        origin = Origin(section, part.name, number)
        opens = text.count("{") - text.count("}")
        if depth == 0:
            if match := _TABLE.fullmatch(text):
                family, table, depth = match["family"] or "ip", match["name"], 1
        elif depth == 1:
            if skipped or (opens > 0 and not _NFT_CHAIN.fullmatch(text)):
                skipped = max(skipped + opens, 0)  # a set, a map, a counter: no rules
            elif match := _NFT_CHAIN.fullmatch(text):
                chain, depth, pending = match["name"], 2, ""
                chains.append(FirewallChain(family, table, chain, "", origin))
            elif text == "}":
                depth = 0
        elif text == "}" and not pending:
            depth = 1
        elif text.startswith("type ") and " hook " in text:
            policy = _POLICY.search(text)
            chains[-1] = FirewallChain(family, table, chain, policy["policy"] if policy else "", chains[-1].origin)
        elif text and not text.startswith("#"):
            pending = f"{pending} {text}".strip()
            if pending.count("{") <= pending.count("}"):
                rules.append(FirewallRule("nft", family, table, chain, pending, origin))
                pending = ""
