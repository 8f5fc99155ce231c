"""Secrets that only their place in a line, a list or a block shows, of many products; and what looks alike."""

from __future__ import annotations

import pytest

from inventory.privacy.redaction import Redactor
from inventory.privacy.secrets.file_examination import file_holds_secret

_REDACTOR = Redactor(b"0123456789abcdef")

_SHOWN = (
    # mail
    (": user : @", "client_send = : user : @"),
    ("Exim's caret form", 'client_send = "^user^@"'),
    ("Exim's servers", "hide mysql_servers = localhost/db/user/@"),
    ("Exim's comparison", "server_condition = ${if and{{eq{$2}{web}}{eq{$3}{@}}}{yes}{no}}"),
    ("a relay with a bracket", "[mail.example.org]:587 user@example.org:@"),
    ("Dovecot's scheme", "bob:{PLAIN-MD5}@:1000:1000"),
    # web
    ("squid's manager", "cachemgr_passwd @ all"),
    ("a variable of nginx", 'set $api_token "@";'),
    ("Apache's fake login", "AuthBasicFake demo @"),
    ("a link that is signed", 'secure_link_md5 "$uri @";'),
    # networks
    ("a trap's receiver", "snmp-server host 192.0.2.1 version 2c @"),
    ("a user of SNMP", "snmp-server user u g v3 auth sha @ priv aes 128 Anderes77"),
    ("a community", 'community = "@"'),
    ("a community of Juniper", "set snmp community @ authorization read-only"),
    ("a key of a peer", "pre-shared-key address 192.0.2.1 key @"),
    ("an encrypted word", "set psksecret ENC @"),
    ("a key of OpenWrt", "option key '@'"),
    ("iSCSI", "incominguser u @"),
    # programs
    ("a list of variables", "my ($user, $pass) = ('u', '@');"),
    ("two targets", 'USER, PASSWORD = "u", "@"'),
    ("a row", "INSERT INTO users (id, login, password) VALUES (1, 'a', '@');"),
    ("a row below its names", "INSERT INTO users (id, password) VALUES\n(1, '@'),\n(2, 'Zweites-8');"),
    ("Perl's quotes", "'passwd' => q{@},"),
    ("a pair of arguments", 'modparam("uac", "auth_password", "@")'),
    ("a default of the environment", "MAIL_PASSWORD = os.environ.get('X', '@')"),
    ("a symbol", 'set :password, "@"'),
    ("Lisp", '(setq smtp-password "@")'),
    ("a block on one line", "x { passwd @; type tun; }"),
    ("a function around it", "UPDATE users SET password=MD5('@') WHERE id=1;"),
    ("a declared variable", 'variable "db_password" {\n  type = string\n  default = "@"\n}'),
    ("value before name", '{"env":[{"name":"A","value":"b"},{"value":"@","name":"API_TOKEN"}]}'),
    ("a table of tokens", '{"acl":{"tokens":{"master":"@"}}}'),
    ("a list of tokens", 'tokens = ["@"]'),
    ("a Secret, kind last", "apiVersion: v1\ndata:\n  url: @\nkind: Secret"),
    ("an element below", '<key name="ldap_password">\n  <value>@</value>\n</key>'),
    ("an element within", '<property name="password"><value>@</value></property>'),
    # commands
    ("options of curl in one word", "curl -sSku u:@ http://x"),
    ("zip's options in one word", "zip -rP @ x.zip y"),
    ("a quoted command", 'su - u -c "x -p @ -u y"'),
    ("a variable of options", 'OPTIONS="-u u -p @ --port 1"'),
    ("a login by option", "/opt/agent --auth u:@ --port 1"),
    ("a login at a host", "u:@@host.example.org:/ /m sshfs x 0 0"),
    ("words handed to a command", 'echo -e "@\\n@" | passwd u'),
    ("a command that tells it", 'msmtp --passwordeval="echo @"'),
    ("what openssl hashes", "openssl passwd -6 -salt abc @"),
    ("a hook", "curl -X POST https://api.telegram.org/bot123456789:AA@abcdefghijklmnopqrstuvwxyz/send"),
    ("basic credentials", 'if (req.http.Authorization != "Basic dXNlcjpLdW5kZW4tNTU=") {'),
)
_SECRET = "Kunden-55"


@pytest.mark.parametrize(("what", "text"), _SHOWN, ids=[what for what, _ in _SHOWN])
def test_a_secret_that_its_place_shows_is_hidden(what: str, text: str) -> None:
    text = text.replace("@@", "\0").replace(" user@example", " user\1example").replace("@", _SECRET)
    shown = text.replace("\0", _SECRET + "@").replace("\1", "@")
    hidden = _REDACTOR.text(shown.encode()).decode()
    assert _SECRET not in hidden
    assert "dXNlcjpLdW5kZW4tNTU=" not in hidden


_HARMLESS = (
    "token:x:1001:1001:Token service:/srv/token:/usr/sbin/nologin",
    "token:x:1001:",
    "user = www-data:www-data",
    'user: "1000:1000"',
    "allow 192.0.2.0/24;",
    "community 65000:100",
    "snmp-server enable traps",
    "key = value",
    "option key 1",
    "check_command check_ping!100.0,20%!500.0,60%",
    "set interfaces ge-0/0/0 unit 0 family inet",
    "INSERT INTO t (id, name) VALUES (1, 'Kunden-55');",
    "a, b = 1, 2",
    "git clone git@github.com:owner/repo.git",
    "image: registry.example.org/app:1.2@sha256:0123456789abcdef",
    "Maintainer: Bob Example <bob@example.org>",
    "curl -sSL https://example.org/install",
    '{"tokens": {"primary": "#ff8800", "type": "color"}}',
    'variable "region" {\n  default = "eu-central-1"\n}',
    "open -a Terminal",
    "password is required",
    "kind: ConfigMap\ndata:\n  url: http://x",
    "set :application, 'shop'",
)


@pytest.mark.parametrize("text", _HARMLESS)
def test_what_looks_alike_is_left(text: str) -> None:
    assert _REDACTOR.text(text.encode()).decode() == text
    assert file_holds_secret(text.encode() + b"\n", "/etc/app/app.conf") is None


_FILES = (
    ("/srv/rails/config/master.key", "0123456789abcdef0123456789abcdef\n"),
    ("/etc/openvpn/client/login.txt", "bob\nGartenzaun\n"),
    ("/etc/hostapd/hostapd.eap_user", '"bob"\tMSCHAPV2\t"geheim9"\t[2]\n'),
    ("/etc/sms/smsd.conf", "pin = 7391\n"),
    ("/etc/app/app.conf", "password = 12345678\n"),
    ("/root/.curlrc", "user = u:Koriander\n"),
)


@pytest.mark.parametrize(("path", "content"), _FILES)
def test_a_file_with_a_secret_of_these_kinds_is_in_no_image(path: str, content: str) -> None:
    assert file_holds_secret(content.encode(), path) is not None


def test_the_shipped_word_of_a_first_start_keeps_no_file_out() -> None:
    assert file_holds_secret(b"client a {\n\tsecret = testing123\n}\n", "/etc/freeradius/clients.conf") is None
