"""Files that are secret as a whole: by where they lie, by their name, by how they begin."""

from __future__ import annotations

import re
import struct

from inventory.privacy.secrets import private_keys

_BY_PATH: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), why)
    for pattern, why in (
        (r"/etc/g?shadow-?$|/etc/security/opasswd$|/etc/(master\.passwd|spwd\.db)$", "password hashes of accounts"),
        (r"/ssh_host_\w*key$|/etc/dropbear/[^/]*_host_key$", "private host key of the SSH server"),
        (r"/\.ssh/(id_[a-z0-9_]+|identity)$", "private SSH key"),
        (
            r"(?<!/completions)(?<!/sbin)(?<!/bin)/\.?ht(?:passwd|digest)s?(?![a-z])[^/]{0,100}$"
            r"(?<!\.py)(?<!\.py[cio])(?<!\.html)(?<!\.md)(?<!\.gz)(?<!\.conf)(?<!\.rb)(?<!\.aug)(?<!\.[1-8])",
            "password hashes of a web server",
        ),
        (r"\.keytab$|/krb5[^/]*\.keytab$", "Kerberos keys"),
        (r"/krb5cc_[^/]*$", "Kerberos tickets"),
        (r"/[._]netrc$|/\.pgpass$|/pgpass\.conf$|/\.my\.cnf$|/\.mylogin\.cnf$", "logins of a client"),
        (r"/\.git-credentials$|/\.subversion/auth/|/\.npmrc$|/\.pypirc$|/\.gem/credentials$", "logins of a client"),
        (
            r"/\.cloginrc$|/\.vnc/passwd$|/\.dockercfg$|/\.s3cfg$|/\.boto$|/\.?passwd-s3fs$|/\.one/one_auth$|/\.hub$"
            r"|/\.config/(rclone/rclone\.conf|hub|gh/hosts\.yml)$|/\.cargo/credentials(\.toml)?$|/\.databrickscfg$"
            r"|/\.?composer/auth\.json$|/\.terraform\.d/credentials\.tfrc\.json$|/\.m2/settings-security\.xml$",
            "logins of a client",
        ),
        (
            r"/\.gnupg/(private-keys-v1\.d/|secring\.gpg$)|/\.config/borg/keys/|/\.local/share/keyrings/|/kwallet/"
            r"|/(key[34]\.db|logins\.json)$",
            "stored passwords or keys of a user",
        ),
        (
            r"/corosync/authkey$|/pacemaker/authkey$|/etc/ceph/[^/]*keyring$|/krb5kdc/(stash|\.k5\.[^/]*)$"
            r"|/secrets/(master\.key|hudson\.util\.Secret|initialAdminPassword)$|/gitlab-secrets\.json$|/private_keys/"
            r"|/dbms/auth$",
            "secret of a service",
        ),
        (r"/\.aws/credentials$|/\.azure/|/\.config/gcloud/", "cloud credentials"),
        (r"/\.kube/config$|/\.docker/config\.json$", "cloud credentials"),
        (r"/etc/kubernetes/[^/]*\.conf$|/\.vault-token$|/\.erlang\.cookie$", "credentials of a cluster"),
        (r"/etc/ppp/(chap|pap|srp)-secrets$|/etc/ipsec\.secrets$|/ipsec\.d/private/", "secrets of network peers"),
        (r"/etc/mysql/debian\.cnf$|/\.debian-cnf$", "password of the database maintainer"),
        (r"/sasl_passwd(\.db)?$|/etc/sasldb2?$|/passwd\.client$", "mail logins"),
        (
            r"/etc/(libnss-)?ldap\.secret$|/etc/pam_ldap\.secret$|/rsyncd?\.secrets$|/etc/bind/rndc\.key$|/rndc\.key$",
            "secret of a service",
        ),
        (r"/etc/samba/(smbpasswd|secrets\.tdb|passdb\.tdb)$|/private/(secrets|passdb)\.tdb$", "Samba passwords"),
        (
            r"/etc/munge/munge\.key$|/\.fetchmailrc$|/\.smbcredentials$|/etc/NetworkManager/system-connections/",
            "secret of a service",
        ),
        (
            r"/etc/ssl/private/.+|/etc/letsencrypt/(archive|live)/(?=[^/]+/[^/]*privkey)[^/]+/[^/]+$|/etc/letsencrypt/accounts/.+",
            "private TLS key",
        ),
    )
)
_BY_EXTENSION = {
    "jks": "Java keystore",
    "jceks": "Java keystore",
    "keystore": "Java keystore",
    "bks": "Java keystore",
    "p12": "PKCS #12 keystore",
    "pfx": "PKCS #12 keystore",
    "kdbx": "password safe",
    "kdb": "password safe",
    "ppk": "private SSH key",
    "keytab": "Kerberos keys",
    "ovpn": "VPN profile with keys",
    "agekey": "private key",
}
_JAVA_MAGIC = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")
_BY_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5", "password safe"),
    (b"\x03\xd9\xa2\x9a\x65\xfb\x4b\xb5", "password safe"),
)
# A keytab starts with 05 02 and the length of its first entry, which is below 64 KiB.
_KEYTAB = re.compile(rb"^\x05\x02\x00\x00..\x00", re.DOTALL)


def reason_by_name(path: str) -> str | None:
    """The reason why a file of this path is secret whatever is in it; None when its path shows none."""
    rooted = path if path.startswith("/") else "/" + path
    for pattern, why in _BY_PATH:
        if pattern.search(rooted):
            return why
    name = rooted.rsplit("/", 1)[-1]
    extension = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    return _BY_EXTENSION.get(extension)


def reason_by_magic(content: bytes) -> str | None:
    """The reason why a file that begins like this is secret; None when its beginning shows none."""
    if content.startswith(_JAVA_MAGIC):
        return "Java keystore" if _java_keys(content) else None
    if private_keys.begins_file(content):
        return private_keys.KIND
    for magic, why in _BY_MAGIC:
        if content.startswith(magic):
            return why
    return "Kerberos keys" if _KEYTAB.match(content) else None


def _java_keys(content: bytes) -> bool:
    """Whether a Java keystore holds a key. One of certificates only, such as the system's ``cacerts``, is public.

    Layout (big endian): magic, version, count; then per entry a tag (1 key, 2 certificate, 3 secret), alias, date,
    data.
    """
    try:
        version, count = struct.unpack_from(">II", content, 4)
        at = 12
        for _ in range(count):
            tag, alias = struct.unpack_from(">IH", content, at)
            if tag != 2:
                return True
            at += 6 + alias + 8
            if version == 2:
                at += 2 + int(struct.unpack_from(">H", content, at)[0])
            at += 4 + int(struct.unpack_from(">I", content, at)[0])
    except struct.error:
        return True  # what cannot be read is kept out
    return False
