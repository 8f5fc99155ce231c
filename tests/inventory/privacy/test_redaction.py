"""Redaction hides every secret it claims to know, and leaves facts and lines alone."""

from __future__ import annotations

import base64

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from inventory.privacy.redaction import Redactor
from inventory.privacy.secrets import values
from inventory.sections import SECTIONS
from tests.inventory.privacy.secret_forms import FORMS, KEY_BLOCK, REDACTOR, secret_in_form
from tests.support.recordings import answer

OTHER = Redactor(b"fedcba9876543210fedcba9876543210")


@given(secret_in_form())
@settings(deadline=None)
def test_a_secret_survives_in_no_form(case: tuple[str, str]) -> None:
    form, secret = case
    redacted = REDACTOR.text(form.replace("SECRET", secret).encode())
    assert secret.encode() not in redacted.replace(b"redacted", b"")
    assert b"<redacted:" in redacted


@pytest.mark.parametrize("form", [form for form, _ in FORMS])
def test_what_stands_around_a_secret_is_kept(form: str) -> None:
    redacted = REDACTOR.text(form.replace("SECRET", "Hunter2Horse").encode()).decode()
    before, after = form.split("SECRET")
    assert redacted.startswith(before)
    assert redacted.endswith(after)


@given(secret_in_form(), st.lists(secret_in_form(), max_size=4))
@settings(deadline=None)
def test_redacting_again_changes_nothing_and_lines_stay_lines(
    case: tuple[str, str], more: list[tuple[str, str]]
) -> None:
    text = "\n".join(form.replace("SECRET", secret) for form, secret in (case, *more)).encode()
    once = REDACTOR.text(text)
    assert REDACTOR.text(once) == once
    assert once.count(b"\n") == text.count(b"\n")


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.sampled_from(
                [form.replace("SECRET", "x'\"<>\\y").encode() for form, _ in FORMS]
                + [
                    b"<redacted:1f2e3d4c>",
                    b"password=",
                    b"password='",
                    b'"',
                    b"'",
                    b"\\",
                    b"<",
                    b"-----BEGIN RSA PRIVATE KEY-----",
                ]
                + KEY_BLOCK.splitlines()
            ),
        ),
        max_size=12,
    ),
    st.sampled_from([b"", b"\n", b" ", b"="]),
)
@settings(deadline=None)
@example([KEY_BLOCK], b"")
@example([b"-pass \x00'", *[b"\x00'"] * 12, b"'"], b" ")
def test_any_bytes_are_redacted_stably(pieces: list[bytes], glue: bytes) -> None:
    text = glue.join(pieces)
    once = REDACTOR.text(text)
    assert once.count(b"\n") == text.count(b"\n")
    assert REDACTOR.text(once) == once


@given(
    st.binary(min_size=1, max_size=100).filter(lambda value: b"\n" not in value), st.binary(min_size=1, max_size=100)
)
def test_equal_secrets_have_equal_tokens_and_other_keys_other_tokens(secret: bytes, other: bytes) -> None:
    token = REDACTOR.secret(secret)
    assert values.TOKEN.fullmatch(token)
    assert REDACTOR.secret(secret) == token
    assert REDACTOR.secret(token) == token
    assert OTHER.secret(secret) != token


def test_the_same_password_has_the_same_token_in_every_form() -> None:
    text = b"password = Hunter2Horse\nurl = mysql://app:Hunter2Horse@db01/app\nmysql -uapp -pHunter2Horse app\n"
    tokens = values.TOKEN.findall(REDACTOR.text(text))
    assert len(tokens) == 3
    assert len(set(tokens)) == 1


def test_a_secret_is_hidden_where_no_rule_looks_when_it_is_known_from_another_line() -> None:
    text = b"password = Hunter2Horse\nconnect('db01', 'app', 'Hunter2Horse')\n"
    assert b"Hunter2Horse" not in REDACTOR.text(text)


FACTS = (
    "password_file=/etc/app/password",
    "PasswordAuthentication no",
    "PermitEmptyPasswords no",
    "passwd:         files systemd",
    "passwd: compat",
    "shadow:         files",
    "passwd:     files sss",
    "root:x:0:0:root:/root:/bin/bash",
    "ssl:x:109:www-data",
    "password\trequisite\tpam_unix.so nullok obscure yescrypt",
    "password   include   common-password",
    "proxy_pass http://127.0.0.1:8080;",
    "ProxyPass /app http://localhost:8080/app",
    "fastcgi_pass unix:/run/php/php8.2-fpm.sock;",
    "PWD=/var/www",
    "OLDPWD=/",
    "auth_basic_user_file /etc/nginx/.htpasswd;",
    "ssl_certificate_key /etc/ssl/private/web01.key;",
    "SSLCertificateKeyFile /etc/ssl/private/web01.key",
    "private_key = /etc/ssl/private/web01.pem",
    "smtp_sasl_password_maps = hash:/etc/postfix/sasl_passwd",
    "PASS_MAX_DAYS   99999",
    "password = $DB_PASSWORD",
    "password: ${DB_PASSWORD}",
    "password: {{ vault_password }}",
    "DB_PASSWORD=$(cat /run/secrets/db)",
    "//srv/share /mnt cifs credentials=/etc/cifs.cred,uid=0 0 0",
    "GOOGLE_APPLICATION_CREDENTIALS=/etc/app/key.json",
    "http://db01:8080/path/name@example.org",
    "https://[2001:db8::1]:443/x@y",
    "git clone ssh://git@git.example.org/app.git",
    "ServerTokens Prod",
    "server_tokens off;",
    "max_password_length=20",
    "key = value",
    "SPDX-License-Identifier: LGPL-2.1-or-later",
    "kpasswd\t\t464/tcp",
    "ConditionCredential=|sysusers.extra",
    "Listen 192.0.2.10:80",
    "mysql -u app -h db01 -P3306 app",
    "docker run -p 80:80 web",
    "cp -p 80 /srv/x",
    "root 1 0 0 10:15:00 ? /sbin/init",
    "id:2:initdefault:",
    "ca:12345:ctrlaltdel:/sbin/shutdown -t1 -a -r now",
)


@pytest.mark.parametrize("line", FACTS)
def test_a_fact_without_a_secret_is_not_touched(line: str) -> None:
    assert REDACTOR.text(line.encode()).decode() == line


@pytest.mark.parametrize(
    "line",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "token ghp_0123456789abcdefghijABCDEFGHIJ012345 x",
        "SLACK=xoxb-123456789012-abcdefABCDEF",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
        "root:$6$saltsalt$" + "A" * 86 + ":18000:0:99999:7:::",
        "app:$apr1$saltsalt$" + "b" * 22,
        "olcRootPW: {SSHA}dGhpcyBpcyBhIHRlc3Q=",
        "app:$2y$10$" + "c" * 53,
        'key: "Zm9vYmFyYmF6cXV4MTIzNDU2"',
        '"auth": "' + base64.b64encode(b"app:Hunter2").decode() + '"',
    ],
)
def test_a_secret_is_known_by_its_shape(line: str) -> None:
    redacted = REDACTOR.text(line.encode())
    assert b"<redacted:" in redacted


def test_every_line_of_a_private_key_is_hidden_and_what_follows_is_not() -> None:
    redacted = REDACTOR.text(b"# key\n" + KEY_BLOCK + b"port = 80\n")
    assert b"MIIE" not in redacted
    assert b"a0Fh" not in redacted
    assert redacted.count(b"\n") == KEY_BLOCK.count(b"\n") + 2
    assert redacted.endswith(b"port = 80\n")


def test_a_quoted_first_line_of_a_key_does_not_hide_the_rest_of_a_file() -> None:
    text = b"-----BEGIN PRIVATE KEY-----\nlisten 0.0.0.0:80 default\nport = 80\n"
    assert REDACTOR.text(text) == text


def test_a_certificate_is_public() -> None:
    text = b"-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIE\n-----END CERTIFICATE-----\n"
    assert REDACTOR.text(text) == text


def test_blocks_of_yaml_and_xml_are_hidden() -> None:
    yaml = REDACTOR.text(b"db:\n  password: |\n    first line\n    second\n  host: db01\n")
    assert b"first" not in yaml
    assert b"second" not in yaml
    assert yaml.endswith(b"  host: db01\n")
    xml = REDACTOR.text(b"<password>\n  horse\n</password>\n<host>db01</host>\n")
    assert b"horse" not in xml
    assert xml.endswith(b"</password>\n<host>db01</host>\n")


def test_a_long_hostile_line_takes_no_long_time() -> None:
    """Without a bound these lines would take hours, and the test's own limit would end it."""
    for piece in (
        b"password='",
        b'a_password="',
        b"key=",
        b"aa://a:",
        b'<a name="password"',
        b"curl -u ",
        b'\'\\"password\\":',
        b"pass" * 9,
        b"Cookie:x",
    ):
        REDACTOR.text(piece * (60_000 // len(piece)))
    for piece in (
        b"<password><![CDATA[",
        b"echo -",
        b"echo x|passwd a ",
        b"eyJ-",
        b"http://u:p@h/",
        b'curl "\\"\'',
    ):
        REDACTOR.text(piece * (1_000_000 // len(piece)))


@pytest.mark.parametrize(
    ("section", "part", "piece"),
    [
        ("network", "files", b"/etc/x:\n"),
        ("network", "files", b"<nvpair "),
        ("sysctls", "contents", b"stable_secret "),
        ("sysctls", "contents", b"stable_secret= x "),
    ],
)
def test_a_long_hostile_file_takes_no_long_time(section: str, part: str, piece: bytes) -> None:
    content = b"/etc/x:" + piece * (1_000_000 // len(piece))
    (by_name,) = (each for each in SECTIONS if each.name == section)
    by_name.redact(answer(section, **{part: content}), REDACTOR)


def test_the_key_is_never_shown() -> None:
    assert "0123" not in repr(REDACTOR)


def test_what_was_harmless_once_is_so_for_every_key_and_only_the_same_bytes() -> None:
    """Harmless texts are remembered across hosts; a byte more is another text."""
    text = b"# a setting of many hosts\nlisten = 80\n" * 20
    first, second = Redactor(b"k" * 32), Redactor(b"q" * 32)
    assert first.text(text) == second.text(text) == text
    secret = text + b"password = Hunter2Horse\n"
    for redactor in (first, second, first):
        assert b"Hunter2Horse" not in redactor.text(secret)
    assert first.text(secret) != second.text(secret), "a text with a secret is not remembered"
