"""The start is read from an init script where its text decides it, and the script is run itself where it does not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containerize.start.init_script import init_script_start, script_itself, sourced_files
from containerize.start.managed_start import ManagedStart
from containerize.start.shell_script import read_script


def _start(text: str, **files: str) -> ManagedStart | None:
    texts = {f"/etc/default/{name}": content for name, content in files.items()}
    return init_script_start(
        "app", "/etc/init.d/app", text, texts, lambda path: path in texts or path.startswith("/usr")
    )


def test_the_call_of_start_stop_daemon_is_read_with_its_settings() -> None:
    found = _start(
        """#!/bin/sh
DAEMON=/usr/sbin/app
OPTIONS="-c /etc/app.conf"
[ -r /etc/default/app ] && . /etc/default/app
PIDFILE=/var/run/$(basename $0).pid
case "$1" in
  start)
    ulimit -n ${FILES:-1024}
    start-stop-daemon --start --quiet --chuid app:web --umask 027 --chdir /srv --pidfile /var/run/app.pid \\
      --exec "$DAEMON" -- $OPTIONS "$TITLE" || return 2
    ;;
  stop)
    start-stop-daemon --stop --exec $DAEMON
    ;;
esac
""",
        app="OPTIONS='-v -d 2'\nTITLE=\"my app\"\nFILES=4096\nexport LD_PRELOAD=/usr/lib/x.so\n",
    )
    assert found is not None
    assert (found.kind, found.arguments) == ("forking", ("/usr/sbin/app", "-v", "-d", "2", "my app"))
    assert (found.user, found.group, found.umask, found.working_directory) == ("app", "web", 0o027, "/srv")
    assert found.pid_file == "/run/app.pid"
    assert found.limits == (("nofile", 4096, 4096),)
    assert found.environment == {"LD_PRELOAD": "/usr/lib/x.so"}


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("start-stop-daemon -S -b -x /usr/sbin/app -- -n", ("/usr/sbin/app", "-n")),
        ("A=\nif [ -z \"$A\" ]; then A=-x; else A=-y; fi\nstart-stop-daemon --start --exec /usr/bin/a -- $A",
         ("/usr/bin/a", "-x")),
        ("A=1\n[ \"$A\" = 1 ] || A=-y\nstart-stop-daemon --start --exec /usr/bin/a -- ${A:+-z} ${B:--w}",
         ("/usr/bin/a", "-z", "-w")),
        ("do_start() {\n start-stop-daemon --start --exec /usr/bin/a --test > /dev/null || return 1\n"
         " start-stop-daemon --start --exec /usr/bin/a -- -f 2>/dev/null\n}\ncase $1 in start) do_start ;; esac",
         ("/usr/bin/a", "-f")),
        ("daemon --user=app --pidfile /run/a.pid /usr/sbin/a -D", ("/usr/sbin/a", "-D")),
        ("start_daemon -n 5 -p /run/a.pid /usr/sbin/a $OPTS", ("/usr/sbin/a",)),
        ("#!/lib/init/init-d-script\nDAEMON=/usr/sbin/a\nDAEMON_ARGS='-x 1'\n", ("/usr/sbin/a", "-x", "1")),
        ("#!/sbin/openrc-run\ncommand=/usr/sbin/a\ncommand_args=\"-c /etc/a\"\ncommand_background=yes\n",
         ("/usr/sbin/a", "-c", "/etc/a")),
        ("CONTROL() { start-stop-daemon \"$@\"; }\nCONTROL --start --startas /usr/bin/puma -- -b x",
         ("/usr/bin/puma", "-b", "x")),
    ],
)  # fmt: skip
def test_forms_of_a_start(text: str, arguments: tuple[str, ...]) -> None:
    found = _start(text)
    assert found is not None
    assert found.arguments == arguments


@pytest.mark.parametrize(
    "text",
    [
        "start-stop-daemon --start --exec $(which app) -- -x",
        "A=`cat /etc/x`\nstart-stop-daemon --start --exec /usr/bin/a -- $A",
        "if grep -q x /etc/y; then A=-x; fi\nstart-stop-daemon --start --exec /usr/bin/a -- $A",
        "for i in 1 2; do\n start-stop-daemon --start --exec /usr/bin/a -- $i\ndone",
        "start-stop-daemon --start --exec /usr/bin/a --chroot /srv/x",
        "start-stop-daemon --start --exec /usr/bin/a\nstart-stop-daemon --start --exec /usr/bin/b",
        "/opt/app/run.sh start",
        "daemon --user=app \"cd /x && ./run\"",
        "start-stop-daemon --start --exec",
        "",
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_not_guessed(text: str) -> None:
    assert _start(text) is None


def test_exported_variables_are_read_and_those_of_the_moment_are_named() -> None:
    found = _start(
        "set -a\n. /etc/default/app\nset +a\nB=2\nexport C=`date`\nstart-stop-daemon --start --exec /usr/bin/a",
        app="A=1\n",
    )
    assert found is not None
    assert found.environment == {"A": "1"}
    assert {"A", "B", "C"} <= found.passed


def test_a_script_that_is_run_itself_is_also_stopped_by_itself() -> None:
    start = script_itself("/etc/init.d/app")
    assert start.is_script
    assert start.kind == "forking"
    assert [each.vector for each in start.stop] == [("/etc/init.d/app", "stop")]


def test_the_files_that_a_script_sources_are_found() -> None:
    found = sourced_files('test -f /etc/x && . /etc/x\n. /lib/lsb/init-functions\nsource "/etc/default/$NAME"', "app")
    assert set(found) == {"/etc/default/app", "/etc/sysconfig/app", "/etc/conf.d/app", "/etc/x"}


@pytest.mark.parametrize(("path", "inherits"), [("/lib/lsb/init-functions", False), ("/opt/app/env.sh", True)])
def test_variables_of_a_file_that_was_not_read_are_taken_from_the_process(path: str, inherits: bool) -> None:
    found = _start(f". {path}\nstart-stop-daemon --start --exec /usr/bin/a")
    assert found is not None
    assert found.inherits is inherits


@given(st.text(alphabet="a=$'\"`\\{}()<>|&;# \n", max_size=80))
def test_no_script_is_too_odd(text: str) -> None:
    read_script(f"if {text}", {}, lambda _path: True, "/x")
    _start(f"{text}\nstart-stop-daemon --start --exec /usr/bin/a -- {text}")


@pytest.mark.parametrize(
    "piece",
    [
        "${",
        "$(",
        "`",
        "'\"",
        "if a\n",
        "case a in\n",
        "a=$a$a\n",
        "f() {\n",
        ". /etc/default/app\n",
        "${a:-",
        "x ",
        "! ",
        "if ",
        "if ! then ",
    ],
)
def test_hostile_scripts_take_bounded_time(piece: str) -> None:
    began = time.process_time()
    text = piece * (200_000 // len(piece))
    _start(text, app=". /etc/default/app\n" * 100)
    assert time.process_time() - began < 10


_GROWING = ": ${A:=aaaaaaaaaaaaaaaa}\n" + "".join(
    f": ${{{name}:={f'${before}' * 16}}}\n" for before, name in zip("ABCDEFGH", "BCDEFGHI", strict=True)
)


@pytest.mark.parametrize(
    "text",
    [
        _GROWING,
        "! " * 3000 + "true\n",
        "if " * 3000 + "true\n",
        "{ " * 50_000 + "true\n",
        f"A='{'a ' * 2000}'\nx {'$A ' * 900}\n" * 20,
        "A=1\n" + ". /etc/default/app\n" * 5000,
    ],
    ids=["defaults", "negations", "conditions", "braces", "words", "sourced files"],
)
def test_a_script_that_grows_or_nests_without_end_is_run_itself(text: str) -> None:
    began = time.process_time()
    found = _start(f"{text}\nstart-stop-daemon --start --exec /usr/sbin/app -- $I\n", app=f"x {'a ' * 50_000}\n")
    assert found is None or sum(map(len, found.arguments)) < 10_000
    assert time.process_time() - began < 5
