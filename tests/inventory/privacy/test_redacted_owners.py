"""A file, a process or an account changes nothing in what others' texts become when secrets are hidden in them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from inventory.formats.windows_tables import escaped
from inventory.platforms import Platform
from inventory.privacy.redaction import Redactor
from inventory.privacy.secrets import values
from inventory.recording import SectionRecording
from inventory.sections import SECTIONS
from tests.support.live import REDACTOR
from tests.support.recordings import answer

BY_NAME = {section.name: section for section in SECTIONS}
FILES = [b"/etc/app%d/app.conf" % number for number in range(40)]
LINES = (
    b"db_host = pgsql01.corp.example",
    b"listen = 0.0.0.0:8080",
    b"",
    b"VkVSWUxPTkdOQU1F0123456789012345678901234567890123",
)

Form = Callable[[list[bytes], tuple[bytes, ...]], bytes]


def redacted(recording: SectionRecording, platform: Platform = Platform.POSIX) -> SectionRecording:
    return BY_NAME[recording.section].redacted(recording, REDACTOR, platform)


def content(recording: SectionRecording, name: str, platform: Platform = Platform.POSIX) -> bytes:
    part = redacted(recording, platform).part(name)
    assert part is not None
    return part.content


def numbered(files: list[bytes], lines: tuple[bytes, ...]) -> bytes:
    """What the search of configuration answers."""
    return b"".join(b"%s:%d:%s\n" % (path, at, line) for path in files for at, line in enumerate(lines, 1))


def prefixed(files: list[bytes], lines: tuple[bytes, ...]) -> bytes:
    return b"".join(b"%s:%s\n" % (path, line) for path in files for line in lines)


PLANTED = (
    b"PuTTY-User-Key-File-2: ssh-rsa\nPrivate-Lines: 9999",
    b"Private-Lines: 9999",
    b"-----BEGIN RSA PRIVATE KEY-----",
    b"password: |",
    b"<password>",
    b"untrusted comment: minisign encrypted secret key",
    b"password=pgsql01.corp.example",
    b"\n".join(b"password%d=pgsql%02d.corp.example" % (number, number) for number in range(300)),
)
"""What a user may write into a file to make it look as if secrets followed, or as if others' words were secrets."""


@pytest.mark.parametrize("planted", PLANTED)
@pytest.mark.parametrize(
    ("section", "part", "form", "path"),
    [
        ("configuration", "lines", numbered, b"/home/eve/x.conf"),
        ("cron", "users", prefixed, b"/var/spool/cron/crontabs/eve"),
        ("services", "unit-files", prefixed, b"/home/eve/.config/systemd/user/x.service"),
        ("network", "files", prefixed, b"/etc/network/interfaces.d/x"),
        ("packages", "sources", prefixed, b"/etc/apt/sources.list.d/x.list"),
        ("mounts", "files", prefixed, b"/etc/auto.x"),
        ("storage", "devices", prefixed, b"/etc/drbd.d/x.res"),
    ],
)
def test_a_planted_line_leaves_other_files_whole(
    section: str, part: str, form: Form, path: bytes, planted: bytes
) -> None:
    others = form(FILES, LINES)
    eve = form([path], tuple(planted.split(b"\n")))

    assert content(answer(section, **{part.replace("-", "_"): eve + others}), part).endswith(others)


def test_a_planted_number_of_lines_hides_only_what_looks_like_a_key() -> None:
    text = b"Private-Lines: 9999\nhost = db01\n" + b"port = 80\n" * 20
    assert REDACTOR.text(text) == text


@pytest.mark.parametrize("planted", [b"password=Xpgsql01", b"<password>", b"-----BEGIN RSA PRIVATE KEY-----"])
def test_a_planted_comment_of_an_account_leaves_other_accounts_whole(planted: bytes) -> None:
    others = b"Xpgsql01:x:1001:1001:Xpgsql01:/home/Xpgsql01:/bin/sh\n"
    accounts = b"eve:x:1000:1000:%s:/home/eve:/bin/sh\n" % planted + others

    assert content(answer("users", passwd=accounts), "passwd").endswith(others)


def test_a_planted_mount_leaves_other_mounts_whole() -> None:
    """Any user may mount a file system of FUSE, and names its source."""
    others = b"22 1 8:1 / /srv/pgsql01.corp.example rw - ext4 /dev/sda1 rw\n"
    eve = b"21 1 0:5 / /home/eve/m rw - fuse.sshfs password=pgsql01.corp.example rw\n"

    assert content(answer("mounts", table=eve + others), "table").endswith(others)


def test_a_planted_name_of_a_file_hides_no_error() -> None:
    """Errors are counted: what could not be read is a gap."""
    errors = b"find: x\n<password>\nfind: /root: Permission denied\nfind: /srv: Permission denied\n"

    assert redacted(answer("configuration", errors=errors, lines=b"")).errors == errors


def test_what_a_program_says_of_itself_leaves_other_units_whole() -> None:
    others = b"Id=db.service\nExecStart={ path=/srv/pgsql01/bin/start ; argv[]=/srv/pgsql01/bin/start }\n"
    eve = b"Id=eve.service\nStatusText=password=pgsql01/bin/start password=pgsql01x\n"

    assert content(answer("services", units=eve + b"\n" + others), "units").endswith(others)


def test_a_planted_command_leaves_the_tasks_and_processes_of_windows_whole() -> None:
    task = "<!-- \\%s -->\n<Task>\n<Exec><Command>%s</Command></Exec>\n</Task>\n"
    others = (task % ("Db", r"C:\pgsql01x\start.exe")).encode()
    tasks = content(
        answer("cron", tasks=(task % ("Eve", "x password=pgsql01x")).encode() + others), "tasks", Platform.WINDOWS
    )
    assert tasks.endswith(others)

    rows = [("1", "x password=pgsql01x"), ("2", r"C:\pgsql01x\start.exe")]
    table = "ProcessId\tCommandLine\n" + "".join(f"{pid}\t{escaped(line)}\n" for pid, line in rows)
    assert content(answer("processes", list=table.encode()), "list", Platform.WINDOWS).endswith(
        escaped(rows[1][1]).encode() + b"\n"
    )


def processes(*vectors: tuple[int, int, bytes, bytes]) -> SectionRecording:
    """PID, account, arguments and environment of processes."""
    return answer(
        "processes",
        status=b"".join(b"/proc/%d/status:Uid:\t%d\t%d\t%d\t%d\n" % (pid, *[uid] * 4) for pid, uid, _, _ in vectors),
        cmdline=b"".join(b"/proc/%d/cmdline:%s\n" % (pid, words) for pid, _, words, _ in vectors),
        environ=b"".join(b"/proc/%d/environ:%s\n" % (pid, words) for pid, _, _, words in vectors),
    )


def test_a_secret_of_the_environment_is_hidden_in_the_arguments_of_the_same_process_only() -> None:
    recording = processes(
        (10, 33, b"app\0connect\0Hunter2Horse\0", b"DB_PASSWORD=Hunter2Horse\0"),
        (11, 33, b"ls\0Hunter2Horse\0", b"HOME=/\0"),
    )
    arguments = content(recording, "cmdline").split(b"\n")

    assert b"Hunter2Horse" not in arguments[0]
    assert arguments[1] == b"/proc/11/cmdline:ls\0Hunter2Horse\0"


def test_an_account_cannot_try_what_the_secret_of_another_is() -> None:
    """A token that equals another's says that the guess was right, to all who may read a report."""
    recording = processes(
        (10, 0, b"app\0--password=Hunter2\0", b"A=b\0"),
        (11, 0, b"app\0--password=Hunter2\0", b"A=c\0"),
        (12, 1000, b"app\0--password=Hunter2\0", b"A=d\0"),
    )
    first, same, eve = values.TOKEN.findall(content(recording, "cmdline"))
    assert first == same != eve

    files = numbered([b"/etc/app.conf", b"/home/eve/app.conf"], (b"password = Hunter2",))
    tokens = values.TOKEN.findall(content(answer("configuration", lines=files), "lines"))
    assert len(set(tokens)) == 2

    comments = b"".join(b"%s:x:1:1:password=Hunter2:/:/bin/sh\n" % name for name in (b"bob", b"eve"))
    assert set(values.TOKEN.findall(content(answer("users", passwd=comments), "passwd"))) == {b"<redacted>"}


def test_a_token_has_digits_enough_to_be_one_secrets_alone() -> None:
    """Of 8 digits, 100,000 guesses in one file hit a given token by chance once in 40,000 scans; nobody can tell."""
    assert re.fullmatch(rb"<redacted:[0-9a-f]{16}>", REDACTOR.secret(b"Hunter2"))
    assert REDACTOR.text(b"password = <redacted:1f2e3d4c>\n") == b"password = <redacted:1f2e3d4c>\n"


def test_hosts_have_tokens_of_their_own_and_ids_have_not() -> None:
    one, other = REDACTOR.within(b"web01"), REDACTOR.within(b"web02")

    assert one.secret(b"Hunter2") != other.secret(b"Hunter2")
    assert one.identifier(b"0123") == other.identifier(b"0123") != Redactor(b"q" * 32).identifier(b"0123")
    assert one.within(b"a").secret(b"x") != REDACTOR.within(b"web01a").secret(b"x")


def test_more_secrets_than_can_be_looked_for_hide_the_whole_file() -> None:
    """What is left out of the search for further occurrences must not be shown."""
    count = 90_000
    text = (
        b"\n".join(b"password = Hunter%08dHorse" % number for number in range(count)) + b"\nconnect Hunter00000007Horse"
    )

    assert b"Hunter" not in REDACTOR.text(text)
