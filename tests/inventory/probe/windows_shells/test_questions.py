"""What Windows hosts are asked can be said in both shells, fits on their command lines, and changes nothing."""

from __future__ import annotations

import re

import pytest

from inventory.platforms import Platform
from inventory.probe.windows_shells import command_prompt, powershell
from inventory.probe.windows_shells.questions import WindowsQuestion, questions, wmi_question
from inventory.sections import SECTIONS

NONCE = "0123456789abcdef" * 2
FRAGMENTS = [(each.name, variant.fragment) for each in SECTIONS if (variant := each.variant(Platform.WINDOWS))]
ASKED = [(name, question) for name, fragment in FRAGMENTS for question in questions(fragment)]
PROGRAMS = (
    "reg query ", "netstat -ano", "tasklist /", "sc queryex ", "schtasks /query ", "driverquery /", "fltmc filters",
    "netsh http show ", "netsh int ipv4 show ", "dir /b ", "type ",
)  # fmt: skip
# What a cmdlet that changes something begins with, and what opens a connection.
CHANGES = re.compile(
    r"\b(Set|New-Item|Remove|Add|Clear|Start|Stop|Restart|Enable|Disable|Invoke-Web|Out-File|Export|Write)\w*-|>"
    r"|Net\.|Sockets|Download|WriteAll|Invoke-(?!Expression)",
    re.IGNORECASE,
)


@pytest.mark.parametrize(("section", "question"), ASKED)
def test_only_programs_that_look_are_run(section: str, question: WindowsQuestion) -> None:
    kind, words = question.kind, question.words
    if kind in ("run", "or", "cmd"):
        assert words.startswith(PROGRAMS), section
    if kind == "ps":
        assert not CHANGES.search(words), section


@pytest.mark.parametrize(("section", "question"), ASKED)
def test_arguments_mean_the_same_in_both_shells(section: str, question: WindowsQuestion) -> None:
    kind, words = question.kind, question.words
    if kind in ("run", "or", "reg"):
        assert not re.search(r"[$`(){};@,'%&|<>^!]", words), section
    if kind in ("run", "or", "reg", "cmd"):
        assert not re.search(r"[&|<>^!()]", words), "cmd.exe reads the line twice"
    if kind == "wmi":
        assert wmi_question(words).names


def test_parts_of_a_section_have_names_of_their_own() -> None:
    for section, fragment in FRAGMENTS:
        for other in ("ps", "cmd"):
            names = [each.part for each in questions(fragment) if each.kind != other]
            assert len(names) == len(set(names)), section
            assert all(re.fullmatch(r"[a-z0-9_.-]+", name) for name in names), section


def test_a_fallback_follows_a_question_that_both_shells_ask() -> None:
    for section, fragment in FRAGMENTS:
        kinds = [each.kind for each in questions(fragment)]
        assert all(kinds[at - 1] in ("wmi", "run", "reg") for at, kind in enumerate(kinds) if kind == "or"), section


def test_the_script_is_ascii_and_asks_every_section() -> None:
    script = powershell.compose(FRAGMENTS, NONCE)

    assert script.isascii()
    for name, _ in FRAGMENTS:
        assert f'"`n$N begin {name}"' in script


def test_the_command_begins_as_ansible_s_own_do() -> None:
    """Its connection plugins for WinRM and PSRP hand such a command on as it is."""
    from ansible.plugins.loader import shell_loader

    prefix = shell_loader.get("powershell")._encode_script("", as_list=False, strict_mode=False, preserve_rc=False)
    assert powershell.COMMAND.startswith(prefix)


def test_no_line_for_cmd_is_longer_than_it_takes() -> None:
    lines = command_prompt.compose(FRAGMENTS, NONCE)

    assert 1 < len(lines) < 5
    for line in lines:
        # The SSH server of Windows puts cmd.exe /c and quotes around it.
        assert len(f'c:\\windows\\system32\\cmd.exe /c "{line}"') < 8191
    assert sum(line.count(f"{NONCE} begin ") for line in lines) == len(FRAGMENTS) + 1


def test_quotes_of_a_line_for_cmd_leave_no_metacharacter_to_the_first_reader() -> None:
    """Whoever reads the line first sees it in quotes: what is within inner quotes is bare then."""
    for line in command_prompt.compose(FRAGMENTS, NONCE):
        inner = line.partition('/c "')[2].removesuffix('"').split('"')[1::2]
        assert not [piece for piece in inner if re.search(r"[&|<>^()]", piece)]


def test_a_mistake_in_a_fragment_is_found_when_it_is_composed() -> None:
    with pytest.raises(ValueError, match="no question"):
        questions("ask me anything")
    with pytest.raises(ValueError, match="WMI"):
        wmi_question("Win32_Process where; drop")
    with pytest.raises(ValueError, match="characters"):
        command_prompt.compose([("long", "run a " + "x" * 9000)], NONCE)
