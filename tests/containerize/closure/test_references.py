"""What texts name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containerize.closure import references
from containerize.closure.elf_libraries import needs_of
from containerize.closure.path_rules import application_root
from containerize.closure.references import NOTHING, find_references, references_in_arguments


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("DocumentRoot /var/www/app/public", "/var/www/app/public"),
        ('SSLCertificateKeyFile "/etc/ssl/private/x.key"', "/etc/ssl/private/x.key"),
        ("exec('/usr/local/bin/badge ' . $x)", "/usr/local/bin/badge"),
        ("PIDFile=/run/x.pid", "/run/x.pid"),
        ("include /etc/nginx/conf.d/*.conf;", "/etc/nginx/conf.d"),
        ("CustomLog |/usr/bin/rotatelogs,x", "/usr/bin/rotatelogs"),
    ],
)
def test_paths_are_found_in_the_ways_people_write_them(line: str, path: str) -> None:
    assert path in find_references("x.conf", line.encode()).paths


@pytest.mark.parametrize(
    "line", ["# see /usr/bin/x", "  ; /usr/bin/x", "http://host/usr/bin/x", "a/usr/bin/x", "$D/usr/bin/x"]
)
def test_comments_addresses_and_parts_of_paths_name_nothing(line: str) -> None:
    assert "/usr/bin/x" not in find_references("x.conf", line.encode()).paths


def test_shell_scripts_name_the_programs_they_run_and_not_their_arguments() -> None:
    script = b"""#!/bin/sh
# convert was used once
X=1 first --flag second | third; fourth && fifth || sixth
out=$(seventh a) `eighth`
if ninth; then tenth; fi
"""
    programs = find_references("run", script).programs
    assert {"first", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"} <= programs
    assert not programs & {"convert", "second", "--flag"}


@pytest.mark.parametrize(
    ("name", "code", "program"),
    [
        ("a.php", "<?php $x = shell_exec('identify -format %w ' . $f);", "identify"),
        ("a.py", 'subprocess.check_output(["git", "log"])', "git"),
        ("a.py", "os.execvp('nice', ['nice'])", "nice"),
        ("a.rb", "system('pdftk a.pdf')", "pdftk"),
        ("a.pl", "open(my $f, '-|', 'x'); system(\"sudo -n rndc reload\");", "rndc"),
        ("a.js", "child_process.execFile('ffmpeg', ['-i'])", "ffmpeg"),
        ("A.java", 'new ProcessBuilder("soffice", "--headless").start()', "soffice"),
    ],
)
def test_code_names_the_programs_it_starts(name: str, code: str, program: str) -> None:
    assert program in find_references(name, code.encode()).programs


def test_modules_are_named_as_the_language_names_them() -> None:
    python = find_references(
        "a.py", b"import os, yaml\nfrom flask.views import View\nimportlib.import_module('plug.in')\n"
    )
    assert {("Python", "os"), ("Python", "yaml"), ("Python", "flask.views"), ("Python", "plug.in")} <= python.modules
    perl = find_references("a.pl", b"use DBI;\nrequire Mail::Sendmail;\n")
    assert {("Perl", "DBI"), ("Perl", "Mail::Sendmail")} <= perl.modules


def test_a_binary_names_nothing_here_and_its_needs_are_read() -> None:
    content = Path("/bin/true").read_bytes()
    assert find_references("/bin/true", content) == NOTHING
    needs = needs_of(content)
    assert needs is not None
    assert any(name.startswith("libc.so") for name in needs.libraries)
    assert needs.interpreter.startswith("/")


def test_arguments_name_paths_also_behind_signs() -> None:
    vector = (b"java", b"-Dcatalina.base=/var/lib/tomcat9", b"-classpath", b"/usr/share/a.jar:/usr/share/b.jar")
    assert references_in_arguments(vector).paths == {"/var/lib/tomcat9", "/usr/share/a.jar", "/usr/share/b.jar"}


@given(st.text(), st.sampled_from(["x", "x.py", "x.php", "x.sh", "x.conf", "x.xml"]))
def test_no_text_raises(text: str, name: str) -> None:
    find_references(name, text.encode("utf-8", "replace"))


@given(st.binary(max_size=4000))
def test_no_bytes_behind_an_elf_header_raise(content: bytes) -> None:
    needs_of(b"\x7fELF\x02\x01\x01" + content)


@pytest.mark.parametrize(
    ("path", "root"),
    [
        ("/opt/app/lib/x", "/opt/app"),
        ("/opt/x", None),
        ("/usr/local/bin/x", None),
        ("/usr/local/lib/gateway/x", "/usr/local/lib/gateway"),
        ("/usr/local/tomcat/lib/x", "/usr/local/tomcat"),
        ("/home/u/app/x", "/home/u/app"),
        ("/home/u/x", None),
        ("/var/www/app/public/x", "/var/www/app"),
        ("/var/lib/tomcat9/webapps/parts/x", "/var/lib/tomcat9/webapps"),
        ("/data/app/x", "/data/app"),
        ("/app/server", "/app"),
        ("/usr/lib/x/y", None),
        ("/etc/x/y", None),
    ],
)
def test_an_application_is_what_people_put_in_one_place(path: str, root: str | None) -> None:
    assert application_root(path, directory=False) == root


_PIECES = st.sampled_from(
    [
        "exec(",
        "system(",
        "popen2(",
        "run([",
        "call(",
        "check_call(",
        "spawnl",
        "capture2x",
        "ProcessBuilder(",
        "create_subprocess_exec(",
        "command",
        "which",
        '"ls',
        '-l"',
        "'id'",
        "`x`",
        '"',
        "'",
        "(",
        "[",
        ",",
        ".",
        "é",
        "foo.so",
        "libc.so.6",
        "pam_x.so",
        ".so",
        ".sock",
        "_a",
        "9abc",
        "name",
        "#",
        "#!",
        "//",
        "*",
        ";",
        "<!--",
        "-->",
    ]
)
_TEXTS = st.lists(st.tuples(_PIECES, st.sampled_from(["", "", " ", "\n", "\t"])), max_size=40).map(
    lambda rows: "".join(piece + gap for piece, gap in rows)
)


@given(_TEXTS)
def test_the_quick_ways_give_what_the_plain_patterns_give(text: str) -> None:
    assert [call.span() for call in references._calls(text)] == [
        call.span() for call in references._CALL.finditer(text)
    ]
    assert set(references._words(text, references._Limited())) == set(re.findall(r"\b[A-Za-z_]\w{2,}\b", text))
    named = find_references("x", text.encode()).objects
    assert named == set(references._SHARED_OBJECT.findall(re.sub(r"(?m)^[ \t]*#(?!!).*$", "", text)))
    plain = re.sub(r"(?s)<!--.*?-->", "", text)
    assert "".join(references._without_xml_comments(text)) == plain


def test_calls_are_found_across_the_borders_of_pieces() -> None:
    for shift in range(-12, 12):
        text = "x" * (references._PIECE + shift) + " shell_exec('id') " + "é" * references._PIECE + " system('ls')"
        assert [call[1] for call in references._calls(text)] == ["id", "ls"]
