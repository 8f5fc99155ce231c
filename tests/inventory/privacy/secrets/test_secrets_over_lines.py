"""A secret stays hidden when the line breaks between its name and its value, or within either."""

from __future__ import annotations

import pytest

from inventory.privacy.secrets.recognition import finds
from inventory.recording import Part, SectionRecording
from inventory.sections.files.configuration import SECTION
from tests.support.live import REDACTOR

SECRET = b"gEh3im77xQz9"
SPLIT = {
    "backslash": b"SetEnv DB_PASSWORD \\\n  gEh3im77xQz9\nListen 80",
    "backslash and an empty line": b"SetEnv DB_PASSWORD \\\n\n  gEh3im77xQz9",
    "backslash in the name": b"SetEnv DB_PASS\\\nWORD gEh3im77xQz9",
    "two backslashes": b"SetEnv \\\n DB_PASSWORD \\\n  gEh3im77xQz9",
    "backslash and carriage return": b"AuthLDAPBindPassword \\\r\n   gEh3im77xQz9\r\n",
    "header of Apache": b'RequestHeader set Authorization \\\n "Basic dXNlcjpgEh3im77xQz9=="',
    "header of nginx": b'proxy_set_header Authorization\n   "Basic dXNlcjpgEh3im77xQz9==";',
    "header of nginx with a comment between": b'proxy_set_header X-Api-Key # x\n # y\n   "gEh3im77xQz9";',
    "variable of nginx": b"set $api_key\n  gEh3im77xQz9;",
    "quotes over lines": b'set $password "abc\ngEh3im77xQz9\n";',
    "parameter of nginx": b"fastcgi_param DB_PASSWORD\n    gEh3im77xQz9;",
    "attribute of XML": b'<Connector keystorePass=\n"gEh3im77xQz9" />',
    "attribute of XML with its sign apart": b'<Resource password\n=\n"gEh3im77xQz9" />',
    "assignment in a program": b"ENV['DB_PASSWORD'] =\n  'gEh3im77xQz9'",
    "folded LDIF": b'olcSyncrepl: {0}rid=1 host=db01 bindmethod=simple credentials="gEh3\n im77xQz9" retry=60',
}


@pytest.mark.parametrize("text", SPLIT.values(), ids=SPLIT)
def test_a_broken_line_does_not_show_its_secret(text: bytes) -> None:
    hidden = REDACTOR.text(text)

    assert not any(piece in hidden for piece in (SECRET, b"im77xQz9"))
    assert hidden.count(b"\n") == text.count(b"\n")
    assert REDACTOR.text(hidden) == hidden


def test_a_file_with_a_broken_line_counts_as_one_with_a_secret() -> None:
    assert [hit.line for hit in finds(SPLIT["backslash"], "/etc/apache2/envvars.conf")] == [2]


@pytest.mark.parametrize(
    "text",
    [
        b"password =\nuser = joe\n",
        b"db_password: \\\n",
        b"SetEnv HOME \\\n /srv/app\n",
        b"set $token\n $arg_x;\n",
        b"location /password {\n  root /srv;\n}\n",
        b'<Connector keystorePass="${pass}"\n port="8443" />\n',
    ],
)
def test_what_follows_a_name_without_belonging_to_it_stays(text: bytes) -> None:
    assert REDACTOR.text(text) == text


def test_a_comment_that_was_not_sent_does_not_part_a_secret_from_its_name() -> None:
    rows = b"/etc/nginx/nginx.conf:1:fastcgi_param DB_PASSWORD\n:3:  gEh3im77xQz9;\n"
    recording = SectionRecording("configuration", (Part("read", b"/etc/nginx/nginx.conf\n"), Part("whole", rows)))
    kept = SECTION.redact(recording, REDACTOR)

    assert SECRET not in kept.to_text()
    noted = kept.part("secrets")
    assert noted is not None
    assert noted.content.startswith(b"/etc/nginx/nginx.conf:3:")
