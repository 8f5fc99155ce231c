"""Redaction hides every secret it claims to know, and leaves facts and lines alone."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from inventory.redaction import Redactor, file_holds_secret, finds
from inventory.secrets import values

REDACTOR = Redactor(b"0123456789abcdef0123456789abcdef")
OTHER = Redactor(b"fedcba9876543210fedcba9876543210")

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
# What a password may be made of in each syntax: the syntax's own delimiters are left out, nothing else.
PLAIN = LETTERS + "!#%*+-._~^@/:=?"
QUOTED = PLAIN + " $&(),;<>[]{}|"
EVERYTHING = QUOTED + "äß€"

FORMS: tuple[tuple[str, str], ...] = (
    ("password = SECRET", EVERYTHING),
    ("password=SECRET", PLAIN),
    ("    password: SECRET", EVERYTHING),
    ("# password = SECRET", PLAIN),
    ('DB_PASS: "SECRET"', EVERYTHING),
    ("DB_PASSWORD='SECRET'", EVERYTHING),
    ("export PGPASSWORD=SECRET", PLAIN),
    ("PGPASSWORD=SECRET psql -h db01", PLAIN),
    ("      - MYSQL_ROOT_PASSWORD=SECRET", PLAIN),
    ("spring.datasource.password=SECRET", PLAIN),
    ("$config['db']['password'] = 'SECRET';", EVERYTHING),
    ("define('DB_PASSWORD', 'SECRET');", EVERYTHING),
    ("define( 'DB_PASSWORD' , \"SECRET\" );", EVERYTHING),
    ("'pass' => 'SECRET',", EVERYTHING),
    ('{"user": "app", "password": "SECRET", "host": "db01"}', EVERYTHING),
    ('{\\"password\\":\\"SECRET\\"}', PLAIN),
    ('String dbPassword = "SECRET";', EVERYTHING),
    ("password := `SECRET`", PLAIN),
    ('password: str = "SECRET"', EVERYTHING),
    ("props.setProperty(\"db.password\", \"SECRET\");", EVERYTHING),
    ("<password>SECRET</password>", QUOTED.replace("<", "").replace(">", "")),
    ("<db:password type=\"x\">SECRET</db:password>", PLAIN),
    ("<password><![CDATA[SECRET]]></password>", QUOTED.replace("]", "")),
    ('<property name="connection.password">SECRET</property>', PLAIN),
    ('<property name="password" value="SECRET"/>', QUOTED.replace("<", "").replace(">", "")),
    ('<Resource username="app" password="SECRET" url="jdbc:mysql://db01/app"/>', QUOTED),
    ("GRANT ALL ON app.* TO 'app'@'%' IDENTIFIED BY 'SECRET';", QUOTED),
    ("ALTER USER app IDENTIFIED WITH mysql_native_password BY 'SECRET'", QUOTED),
    ("CREATE ROLE app LOGIN PASSWORD 'SECRET';", QUOTED),
    ("db01:5432:app:app:SECRET", LETTERS + "!#%*+-._~^@=?"),
    ("machine ftp.example.org login app password SECRET", PLAIN),
    ("mysql://app:SECRET@db01:3306/app?ssl=1", LETTERS + "!%*+-._~^@:="),
    ("url = 'postgresql+psycopg2://app:SECRET@db01/app'", LETTERS + "!%*+-._~^@:="),
    ("redis://:SECRET@cache01:6379/0", LETTERS + "!%*+-._~^:="),
    ("jdbc:oracle:thin:scott/SECRET@db01:1521:orcl", LETTERS + "!%*+-._~^"),
    ("jdbc:mysql://db01/app?user=app&password=SECRET&useSSL=false", LETTERS + "!%*+-._~^@:/"),
    ("Server=db01;User Id=app;Password=SECRET;Database=app", LETTERS + "!%*+-._~^@:/"),
    ("dsn = \"host=db01 user=app password=SECRET dbname=app\"", LETTERS + "!%*+-._~^@:/"),
    ("//srv/share /mnt cifs username=app,password=SECRET,uid=0 0 0", LETTERS + "!%*+-._~^@:/"),
    ("ExecStart=/usr/bin/app --password=SECRET --port 80", PLAIN),
    ("ExecStart=/usr/bin/app --password SECRET --port 80", LETTERS + "!%*+._~^@:/="),
    ("/usr/bin/app --db-password 'SECRET' --port 80", QUOTED),
    ("java -Ddb.password=SECRET -jar /opt/app/app.jar", PLAIN),
    ("keytool -storepass SECRET -list", LETTERS + "!%*+._~^@:/="),
    ("* * * * * root mysqldump -uroot -pSECRET app", LETTERS + "!%*+._~^@:/="),
    ("mysql -u root -p'SECRET' app", QUOTED),
    ("sshpass -p SECRET ssh app@db01", LETTERS + "!%*+._~^@:/="),
    ("curl -u app:SECRET http://db01/", LETTERS + "!%*+._~^@:/="),
    ("curl --user 'app:SECRET' http://db01/", QUOTED),
    ("redis-cli -h cache01 -a SECRET ping", LETTERS + "!%*+._~^@:/="),
    ("ldapsearch -x -D cn=admin -w SECRET -b dc=x", LETTERS + "!%*+._~^@:/="),
    ("smbclient //srv/share -U app%SECRET", LETTERS + "!*+._~^@:/="),
    ("echo 'app:SECRET' | chpasswd", LETTERS + "!*+._~^@/="),
    ("Environment=DB_PASSWORD=SECRET LANG=C", PLAIN),
    ('Environment="DB_PASSWORD=SECRET" LANG=C', EVERYTHING),
    ("SetEnv DB_PASSWORD SECRET", PLAIN),
    ("fastcgi_param DB_PASSWORD SECRET;", LETTERS + "!%*+._~^@:/="),
    ("requirepass SECRET", PLAIN),
    ("bindpw SECRET", PLAIN),
    ('    secret "SECRET";', QUOTED),
    ("user app on ~* +@all >SECRET", LETTERS + "!%*+._~^@:/="),
    ("stats auth admin:SECRET", LETTERS + "!%*+._~^@/="),
    ('psk="SECRET"', QUOTED),
    ("Authorization: Bearer SECRET", LETTERS + "-._~+/"),
    ("secretKeyBase: SECRET", EVERYTHING),
    ("password=&quot;SECRET&quot;", PLAIN),
)  # fmt: skip

KEY_BLOCK = b"""-----BEGIN RSA PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED

MIIEpAIBAAKCAQEA7bq2
a0FhZm9vYmFyYmF6cXV4
-----END RSA PRIVATE KEY-----
"""


def is_no_word_with_a_meaning(secret: str) -> bool:
    """Switches (``no``), references (``$X``), openings of structures and blanks are no secrets by design."""
    raw = secret.encode()
    return (
        len(secret.strip()) >= 6
        and secret.lower() not in "redacted password secret passwd"  # would be found in the form itself
        and secret == secret.strip()
        and not values.is_switch(raw)
        and not values.is_reference(raw)
        and not values.is_path(raw)
        and re.search(r"[A-Za-z0-9]{3}", secret) is not None
        and secret[0].isalnum()
        and secret[-1].isalnum()
    )


@st.composite
def secret_in_form(draw: st.DrawFn) -> tuple[str, str]:
    form, alphabet = draw(st.sampled_from(FORMS))
    secret = draw(st.text(alphabet, min_size=6, max_size=40).filter(is_no_word_with_a_meaning))
    return form, secret


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


@given(st.text(EVERYTHING + "\n'\"", min_size=6, max_size=30).filter(is_no_word_with_a_meaning))
@settings(deadline=None)
def test_arguments_and_environment_own_their_whole_value(secret: str) -> None:
    raw = secret.encode()
    argv = b"\0".join(
        [b"/usr/bin/app", b"--password", b"x" + raw, b"--token=" + raw, b"-Ddb.password=" + raw, b"--port", b"80", b""]
    )
    hidden = REDACTOR.arguments(argv).split(b"\0")
    assert hidden[0] == b"/usr/bin/app"
    assert hidden[5:] == [b"--port", b"80", b""]
    assert raw not in b"\0".join(hidden)
    environment = REDACTOR.environment(b"PATH=/bin\0DB_PASSWORD=" + raw + b"\0PWD=/srv\0")
    assert raw not in environment
    assert environment.startswith(b"PATH=/bin\0DB_PASSWORD=")
    assert environment.endswith(b"\0PWD=/srv\0")


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["mysql", "-uroot", "-pHunter2", "-P3306"], ["mysql", "-uroot", "-p*", "-P3306"]),
        (["/usr/bin/sshpass", "-p", "Hunter2", "ssh", "a@b"], ["/usr/bin/sshpass", "-p", "*", "ssh", "a@b"]),
        (["sudo", "curl", "-u", "a:Hunter2", "http://x"], ["sudo", "curl", "-u", "a:*", "http://x"]),
        (["docker", "run", "-p", "80:80", "x"], ["docker", "run", "-p", "80:80", "x"]),
        (["sh", "-c", "exec mysql -pHunter2 app"], ["sh", "-c", "exec mysql -p* app"]),
        (["nginx: master process /usr/sbin/nginx"], ["nginx: master process /usr/sbin/nginx"]),
        (["java", "-Xmx1g", "-jar", "a.jar", "--spring.datasource.password=Hunter2"],
         ["java", "-Xmx1g", "-jar", "a.jar", "--spring.datasource.password=*"]),
    ],
)  # fmt: skip
def test_options_of_known_programs(argv: list[str], expected: list[str]) -> None:
    hidden = REDACTOR.arguments("\0".join(argv).encode())
    assert values.TOKEN.sub(b"*", hidden).decode().split("\0") == expected


@given(st.lists(st.binary(max_size=30), max_size=8))
@settings(deadline=None)
def test_arguments_keep_their_number(words: list[bytes]) -> None:
    raw = b"\0".join(words)
    assert REDACTOR.arguments(raw).count(b"\0") == raw.count(b"\0")
    assert REDACTOR.environment(raw).count(b"\0") == raw.count(b"\0")


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
    ):
        REDACTOR.text(piece * (60_000 // len(piece)))


def test_the_key_is_never_shown() -> None:
    assert "0123" not in repr(REDACTOR)


def test_finds_gives_lines_and_never_values() -> None:
    hits = finds(b"[db]\nhost = db01\npassword = Hunter2\n", "/etc/app/app.ini")
    assert [hit.line for hit in hits] == [3]
    assert "Hunter2" not in repr(hits)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/etc/app/app.ini", b"[db]\nhost = db01\npassword = geheim\n"),
        ("/etc/shadow", b""),
        ("/etc/ssh/ssh_host_rsa_key", b""),
        ("/home/app/.ssh/id_ed25519", b""),
        ("/var/www/.htpasswd", b"app:abJnggxhB/yWI\n"),
        ("/etc/app/app.jks", b""),
        ("/etc/app/store", b"\xfe\xed\xfe\xed\0\0\0\2\0\0\0\1\0\0\0\1"),
        ("/etc/krb5.keytab", b""),
        ("/root/.pgpass", b""),
        ("/root/.netrc", b""),
        ("/root/.git-credentials", b""),
        ("/etc/app/tls.pem", KEY_BLOCK),
        ("/var/www/config.php", b"<?php\n$db_password = 'geheim';\n"),
        ("/var/www/db.php", b"<?php\nmysql_connect('db01', 'app');\n$conf = array('db_pass' => 'apppass');\n"),
        ("/etc/app/app.conf", b"url = mysql://app:secret@db01/app # geheim\n"),
        ("/opt/app/settings.py", b'SECRET_KEY = "a8f5f167f44f4964e6c998dee827110c"\n'),
        ("/opt/app/run.sh", b"#!/bin/sh\nDB_PASSWORD=geheim\nexport DB_PASSWORD\n"),
        ("/opt/app/conf.xml", b"<a>\n<password>geheim</password>\n</a>\n"),
    ],
)
def test_a_file_with_a_secret_is_known_and_the_reason_names_no_value(path: str, content: bytes) -> None:
    reason = file_holds_secret(content, path)
    assert reason
    assert "geheim" not in reason


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/etc/nsswitch.conf", b"passwd: files\ngroup: files\n"),
        ("/etc/ssh/sshd_config", b"PasswordAuthentication no\nHostKey /etc/ssh/ssh_host_rsa_key\n"),
        ("/etc/ssh/ssh_host_rsa_key.pub", b"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC root@web01\n"),
        ("/etc/redis/redis.conf", b"port 6379\n# requirepass foobared\n"),
        ("/var/www/login.php", b"<?php\n$password = $_POST['password'];\n$label['password'] = 'Your password';\n"),
        ("/opt/app/forms.py", b'password = forms.CharField(label="Password")\nif password == other:\n    pass\n'),
        ("/usr/share/doc/README.md", b"password: hunter2\n"),
        ("/usr/bin/true", b"\x7fELF\0\0password=hunter2\n"),
        ("/etc/ssl/certs/java/cacerts", b"\xfe\xed\xfe\xed\0\0\0\2\0\0\0\0"),
        ("/lib/systemd/system/x.service", b"#  SPDX-License-Identifier: LGPL-2.1-or-later\n[Service]\nUser=app\n"),
        ("/usr/lib/js/highlight.js", b'{token:"punctuation",regex:"x"}\n'),
    ],
)
def test_an_innocent_file_is_not_left_out(path: str, content: bytes) -> None:
    assert file_holds_secret(content, path) is None


def test_what_was_harmless_once_is_so_for_every_key_and_only_the_same_bytes() -> None:
    """Harmless texts are remembered across hosts; a byte more is another text."""
    text = b"# a setting of many hosts\nlisten = 80\n" * 20
    first, second = Redactor(b"k" * 32), Redactor(b"q" * 32)
    assert first.text(text) == second.text(text) == text
    secret = text + b"password = Hunter2Horse\n"
    for redactor in (first, second, first):
        assert b"Hunter2Horse" not in redactor.text(secret)
    assert first.text(secret) != second.text(secret), "a text with a secret is not remembered"
