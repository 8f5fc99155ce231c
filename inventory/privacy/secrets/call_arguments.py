"""Secrets that a program hands to a function by position: ``new PDO("mysql:…", "app", "secret")``.

A call may go over several lines. Only what is written out counts, never a variable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from inventory.privacy.secrets import secret_names, values
from inventory.privacy.secrets.spans import Span

KIND = "password in a call"

_SECOND, _THIRD, _FOURTH, _FIFTH = 1, 2, 3, 4
_POSITIONS: dict[bytes, int] = {
    **dict.fromkeys(
        b"""oci_connect oci_pconnect oci_new_connect ocilogon ociplogon login authenticate auth httpbasicauth
        httpdigestauth basicauth setbasicauth basic_auth basicauthentication usernamepasswordcredentials
        passwordauthentication networkcredential pscredential createqueueconnection createtopicconnection bind_s
        simple_bind simple_bind_s simplebind openssl_get_privatekey openssl_pkey_get_private password_auth
        add_password_auth httpauth http_auth authplain plainauth auth_basic authbasic withcredentials setcredentials
        createuser create_user adduser add_user basic_credentials usernamepassword withbasicauth
        webserver basicawscredentials awsbasiccredentials plaincredentials set_auth credentials
        usernamepasswordauthenticationtoken""".split(),
        _SECOND,
    ),
    **dict.fromkeys(
        b"""pdo mysqli mysql_connect mysql_pconnect mysqli_connect maxdb_connect mssql_connect mssql_pconnect
        sybase_connect sybase_pconnect ibase_connect ibase_pconnect fbird_connect ifx_connect ingres_connect
        odbc_connect odbc_pconnect db2_connect db2_pconnect cubrid_connect ldap_bind ftp_login imap_open imap_reopen
        ssh2_auth_password real_connect getconnection sequelize add_password net_ssh_auth logonuser dbi_connect
        plain_auth plainauth ftp ftp_tls sftpclient sshclient ftpclient ftp_connect ldap_connection
        sqlconnect""".split(),
        _THIRD,
    ),
    b"amqpstreamconnection": _FOURTH,
    **dict.fromkeys(b"mysqli_real_connect mysql_real_connect".split(), _FOURTH),
    **dict.fromkeys(b"crypt password_hash".split(), 0),
    b"ssh2_auth_pubkey_file": _FIFTH,
    **dict.fromkeys(b"createconnection sign createhmac mcrypt_encrypt mcrypt_decrypt".split(), _SECOND),
    **dict.fromkeys(b"hash_hmac openssl_encrypt openssl_decrypt".split(), _THIRD),
}
"""The argument that holds the secret, counted from 0, by the last name before the parenthesis in lower case."""
_BY_ARGUMENTS = (b"connect", b"bind", b"open", b"logon")
_SETTERS = frozenset(b"set with use password passwd passphrase secret convertto".split())
_CLIENT = re.compile(rb"\b(?:mysql|maria|pg|ftp|oci8|tds|ldap|imap|pop3|sftp)\w{0,20}(?:\.|::|->)$", re.IGNORECASE)
_READS_DSN = re.compile(
    rb"(?:dbi|mysql|mysqli|pgsql|postgresql|sqlsrv|oci|odbc|jdbc|dblib|firebird|ibm|informix|mariadb|cubrid):", re.I
)

_DSN_FIRST = re.compile(rb"\s{0,20}[\"']" + _READS_DSN.pattern, re.I)
_HEAD = re.compile(
    rb"(?P<name>[A-Za-z_]\w{0,60}+)\s?\(|(?P<list>[\[(])(?=\s*[\"'])|\b(?P<bare>basic_auth|login)\s(?=[\"'])"
)
_ARGUMENT = re.compile(
    rb"""\s*+(?:Some\(\s*+)?+(?:[bBuUrRfF@NL]{0,2}(?:"(?P<double>(?:[^"\\\n]|\\.){0,400}+)"|'(?P<single>(?:[^'\\\n]|\\.){0,400}+)'|`(?P<back>[^`\n]{0,400}+)`)
    |(?P<other>(?:[^\s"'(),\[\]{}]++|\((?:[^()"'\n]{0,200})\)|\{[^{}"'\n]{0,200}\}|\s++(?![,)]))++))\s*+(?:\.\w+\(\)\s*+)?""",
    re.VERBOSE,
)
_MOST_ARGUMENTS = 6

TRIGGERS: tuple[bytes, ...] = (
    *b"""connect( login( logon( pconnect( mysqli( pdo( bind( bind_s( open( auth( auth= auth=> basicauth basic_auth
    credential password( authentication( getconnection( createuser( create_user( authenticate( add_password(
    sequelize( sign( hmac( _encrypt( _decrypt( dbi: mysql: pgsql: jdbc: odbc:
    auth_password( setpass setkey( addkey( webserver( crypt( password_hash( password', password",
    """.split(),
    *(
        b".new(",
        b"authenticationtoken(",
        b"ftp(",
        b"ftp_tls(",
        b"client(",
        b"connection(",
        b"connect (",
        b"login '",
        b'login "',
        b"auth =",
        b"auth: [",
    ),
)


def find(content: bytes, start: int, end: int) -> Iterator[tuple[int, Span]]:
    """Secrets of the calls that begin in the line ``start:end``: where its line begins, and the span in that line."""
    done = start
    for head in _HEAD.finditer(content, start, end):
        if head.start() < done or not _worth_reading(content, head):
            continue
        arguments = list(_arguments(content, head.end()))
        place = _place(content, head, [value for _, _, value in arguments], start)
        if place is None or place >= len(arguments):
            continue
        at, stop, value = arguments[place]
        if value is None or not value.strip() or values.is_token(value) or values.is_reference(value):
            continue
        if values.is_switch(value) or re.fullmatch(
            rb"(?:RS|HS|ES|SHA|MD|sha|md)-?\d{1,3}|[$@%]\w+|\{\$?\w+\}|:\w+", value
        ):
            continue
        if arguments[0][2] in (b"anonymous", b"ftp"):
            continue
        line = content.rfind(b"\n", 0, at) + 1
        done = max(done, stop)
        yield line, Span(at - line, stop - line, KIND, True)


def _worth_reading(content: bytes, head: re.Match[bytes]) -> bool:
    name = head["name"]
    return (
        name is None
        or name.lower() in _POSITIONS
        or name.lower() in _BY_ARGUMENTS
        or secret_names.is_secret(name)
        or name.lower() in (b"setkey", b"addkey", b"connection", b"new")
        or _DSN_FIRST.match(content, head.end()) is not None
    )


def _arguments(content: bytes, at: int) -> Iterator[tuple[int, int, bytes | None]]:
    """Start, end and text of each argument that is written out; of others the text is None."""
    limit = min(len(content), at + 2048)
    for _ in range(_MOST_ARGUMENTS):
        argument = _ARGUMENT.match(content, at, limit)
        if argument is None:
            return
        kind = argument.lastgroup or "other"
        yield *argument.span(kind), None if kind == "other" else argument[kind]
        at = argument.end()
        if content[at : at + 1] != b",":
            return
        at += 1


def _place(content: bytes, head: re.Match[bytes], given: list[bytes | None], start: int) -> int | None:
    """The argument that is the secret."""
    first = given[0] if given else None
    if first is not None and _READS_DSN.match(first) and len(given) >= 3:
        return _THIRD
    if head["list"]:
        before = content[max(start, head.start() - 40) : head.start()]
        if len(given) == 2 and re.search(rb"\bauth[\"']?\s*(?:=>?|:)\s*$", before):
            return _SECOND
        pair = len(given) == 2 and first is not None and secret_names.is_secret(first)
        return _SECOND if pair and re.search(rb"[\[({,=:]\s*$", before) else None
    if head["bare"]:
        return _SECOND
    name = head["name"].lower()
    if name in _POSITIONS:
        place = _FOURTH if name == b"credentials" and len(given) == 4 else _POSITIONS[name]
        return place if len(given) > place else _SECOND if len(given) == 2 and place == _THIRD else None
    if name in _BY_ARGUMENTS and len(given) >= 2 and first is not None:
        if len(given) == 2:
            return _SECOND if name == b"bind" and b"=" in first else None
        third = given[2]
        return _SECOND if third is None or re.search(rb"[/:]|\.\w+\.", third) else _THIRD
    if name == b"new":
        client = _CLIENT.search(content, max(start, head.start() - 40), head.start())
        return _THIRD if client and len(given) >= 3 else None
    if name == b"connection":
        return _THIRD if len(given) >= 3 and given[1] is not None and b"=" in given[1] else None
    words = secret_names.words(head["name"])
    if len(given) == 1 and words and words[0] in _SETTERS and words[-1] == b"key":
        return 0 if first is not None and values.looks_random(first) else None
    if 1 <= len(given) <= 3 and words and words[0] in _SETTERS and secret_names.is_secret(head["name"]):
        return len(given) - 1
    return None
