"""The programs whose arguments hold secrets, and the options that do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tool:
    """The options of one program that take secrets.

    ``attached``: options whose value follows without a space. ``separate``: options whose value is the next word.
    ``pair``: options (either way) whose value is ``user<separator>secret``. ``after``: words (subcommands) after whose
    following ``skip`` words the secret is. ``only_with``: a word that must be present at all. ``first``: the secret is
    the word of this number, from 0, that is not an option. ``last``: it is the last word that is not an option.
    ``clustered``: other letters may precede the one of the option (``-sSu``).
    """

    attached: tuple[bytes, ...] = ()
    separate: tuple[bytes, ...] = ()
    pair: tuple[bytes, ...] = ()
    separator: bytes = b":"
    after: tuple[bytes, ...] = ()
    skip: int = 0
    only_with: bytes = b""
    first: int | None = None
    last: bool = False
    clustered: bool = False


_MYSQL = Tool(attached=(b"-p",))
_PASSWORD_P = Tool(separate=(b"-P",), attached=(b"-P",), clustered=True)
_LDAP = Tool(separate=(b"-w",), attached=(b"-w",))
_LDAP_PASSWORD = Tool(separate=(b"-w", b"-s", b"-a"), attached=(b"-w", b"-s"))
SMB = Tool(pair=(b"-U", b"--user"), separator=b"%")
_SNMP = Tool(separate=(b"-c", b"-C", b"-A", b"-X"))
_MONGO = Tool(separate=(b"-p",), attached=(b"-p",))
_LOGIN = Tool(separate=(b"-p",), only_with=b"login")
ORACLE = Tool(after=(b"",))  # see _oracle
_PASSWORD_SMALL_P = Tool(separate=(b"-p",))
_ARCHIVE = Tool(attached=(b"-p",))

TOOLS: dict[bytes, Tool] = {
    **dict.fromkeys(
        b"""mysql mysqldump mysqladmin mysqlimport mysqlshow mysqlcheck mysqlslap mysqlbinlog mysqlpump mysql_upgrade
        mysqlhotcopy mariadb mariadb-dump mariadb-admin mariadb-check mariadb-import mariadb-show mariadb-binlog
        mariadb-upgrade mysqlcheck mariabackup xtrabackup innobackupex mariadb-backup mytop mysqlsh ndb_restore
        perror mysql_secure_installation""".split(),
        _MYSQL,
    ),
    **dict.fromkeys(b"mydumper myloader innotop".split(), Tool(attached=(b"-p",), separate=(b"-p",))),
    **dict.fromkeys(
        b"""cqlsh rabbitmqadmin influx hdbsql isql-fb gbak gsec bteq useradd usermod elasticsearch-users twine knife
        az xe esxcli vmware-cmd racadm fence_ipmilan fence_ilo fence_drac5 fence_apc fence_vmware ncftp aria2c
        ttisql nzload check_mysql check_pgsql check_mssql add-user.sh""".split(),
        _PASSWORD_SMALL_P,
    ),
    **dict.fromkeys(b"dig nsupdate delv".split(), Tool(pair=(b"-y",), separator=b":")),
    **dict.fromkeys(b"http https check_http check_tcp".split(), Tool(pair=(b"-a", b"--auth"))),
    b"mysqladmin": Tool(attached=(b"-p",), after=(b"password",)),
    b"mariadb-admin": Tool(attached=(b"-p",), after=(b"password",)),
    b"mosquitto_passwd": Tool(after=(b"-b", b"-cb"), skip=2),
    b"ipa-server-install": Tool(separate=(b"-p", b"-a")),
    b"ipa-replica-install": Tool(separate=(b"-p", b"-w")),
    b"ccrypt": Tool(separate=(b"-K",)),
    b"mcrypt": Tool(separate=(b"-k",)),
    **dict.fromkeys(b"beeline fs_cli doveadm cypher-shell".split(), _PASSWORD_SMALL_P),
    b"check_nt": Tool(separate=(b"-s",)),
    **dict.fromkeys(b"kamctl opensipsctl".split(), Tool(after=(b"add", b"passwd"), skip=1)),
    **dict.fromkeys(b"ejabberdctl prosodyctl".split(), Tool(after=(b"register", b"change_password"), skip=2)),
    b"pdftk": Tool(after=(b"input_pw", b"user_pw", b"owner_pw")),
    b"mkpasswd": Tool(last=True),
    b"oathtool": Tool(last=True),
    b"rcon": _PASSWORD_P,
    b"mcrcon": Tool(separate=(b"-p",)),
    b"wmic": Tool(pair=(b"-U",), separator=b"%"),
    b"eapol_test": Tool(separate=(b"-s",)),
    b"iwconfig": Tool(after=(b"key", b"enc")),
    **dict.fromkeys(b"gotty ttyd".split(), Tool(pair=(b"-c", b"--credential"))),
    **dict.fromkeys(b"ss-server ss-local ss-redir ss-tunnel sslocal ssserver edge".split(), Tool(separate=(b"-k",))),
    **dict.fromkeys(b"frpc frps".split(), Tool(separate=(b"-t",))),
    **dict.fromkeys(b"freerdp wlfreerdp".split(), Tool(attached=(b"/p:",))),
    b"kdb5_util": Tool(separate=(b"-P",)),
    b"trapsess": _SNMP,
    **dict.fromkeys(b"dsconf dsidm dsctl vsql kadmin psadmin".split(), Tool(separate=(b"-w",))),
    **dict.fromkeys(b"unrar rar".split(), Tool(attached=(b"-p", b"-hp"))),
    **dict.fromkeys(
        b"redis-cli redis-benchmark valkey-cli memtier_benchmark keydb-cli".split(), Tool(separate=(b"-a",))
    ),
    **dict.fromkeys(
        b"pkcs11-tool pkcs15-tool pkcs15-init softhsm2-util".split(), Tool(separate=(b"--pin", b"--so-pin"))
    ),
    **dict.fromkeys(b"ldapsearch ldapadd ldapmodify ldapdelete ldapwhoami ldapcompare".split(), _LDAP),
    b"ldappasswd": _LDAP_PASSWORD,
    **dict.fromkeys(b"smbclient rpcclient winexe smbget smbcacls net".split(), SMB),
    **dict.fromkeys(b"snmpget snmpwalk snmpset snmpbulkwalk snmpgetnext snmptrap check_snmp".split(), _SNMP),
    **dict.fromkeys(b"mongo mongosh mongodump mongorestore mongoexport mongoimport mongostat".split(), _MONGO),
    **dict.fromkeys(b"sqlcmd osql bcp isql tsql ipmitool mosquitto_pub mosquitto_sub zip unzip".split(), _PASSWORD_P),
    **dict.fromkeys(b"docker podman buildah skopeo helm".split(), _LOGIN),
    **dict.fromkeys(b"sqlplus expdp impdp sqlldr rman".split(), ORACLE),
    **dict.fromkeys(b"7z 7za 7zr".split(), _ARCHIVE),
    b"sshpass": Tool(attached=(b"-p",), separate=(b"-p",)),
    b"curl": Tool(pair=(b"-u", b"-U", b"--user", b"--proxy-user"), clustered=True),
    b"etcdctl": Tool(pair=(b"--user",)),
    b"ab": Tool(pair=(b"-A", b"-P")),
    b"jenkins-cli.jar": Tool(pair=(b"-auth",)),
    b"splunk": Tool(pair=(b"-auth",)),
    b"dbmcli": Tool(pair=(b"-u",), separator=b","),
    b"wbinfo": Tool(pair=(b"-a", b"--authenticate"), separator=b"%"),
    b"vault": Tool(after=(b"login",)),
    b"ngrok": Tool(after=(b"authtoken", b"add-authtoken")),
    b"nmcli": Tool(after=(b"password", b"wifi-sec.psk", b"802-11-wireless-security.psk", b"wifi-sec.wep-key0")),
    b"pppd": Tool(after=(b"password",)),
    b"mc": Tool(after=(b"set", b"add"), skip=3),
    b"samba-tool": Tool(after=(b"create", b"add"), skip=1),
    b"hdbuserstore": Tool(after=(b"SET", b"Set", b"set"), skip=3),
    b"sapcontrol": Tool(after=(b"-user",), skip=1),
    b"grafana-cli": Tool(after=(b"reset-admin-password",)),
    b"composer": Tool(after=(b"http-basic",), skip=1),
    b"wpa_passphrase": Tool(first=1),
    b"radtest": Tool(first=1),
    b"rclone": Tool(after=(b"obscure", b"pass")),
    b"sendemail": Tool(separate=(b"-xp",)),
    b"sendEmail": Tool(separate=(b"-xp",)),
    b"sipsak": Tool(separate=(b"-a",)),
    b"slappasswd": Tool(separate=(b"-s",)),
    b"pk12util": Tool(separate=(b"-W", b"-K")),
    b"gitlab-runner": Tool(separate=(b"-r",)),
    b"iscsiadm": Tool(separate=(b"-v",)),
    b"certutil": Tool(separate=(b"-W",)),
    b"lftp": Tool(pair=(b"-u",), separator=b","),  # and see _lftp
    b"ncftpput": Tool(separate=(b"-p",)),
    b"ncftpget": Tool(separate=(b"-p",)),
    b"plink": Tool(separate=(b"-pw",)),
    b"pscp": Tool(separate=(b"-pw",)),
    b"psftp": Tool(separate=(b"-pw",)),
    b"rdesktop": Tool(separate=(b"-p",)),
    b"xfreerdp": Tool(attached=(b"/p:",)),
    b"swaks": Tool(separate=(b"-ap", b"--ap")),
    b"ssh-keygen": Tool(separate=(b"-N", b"-P")),
    b"openssl": Tool(separate=(b"-k", b"-K", b"-hmac")),
    b"rabbitmqctl": Tool(after=(b"add_user", b"change_password", b"authenticate_user"), skip=1),
    b"htpasswd": Tool(after=(b"-b", b"-cb", b"-bc", b"-bB", b"-Bb", b"-nb", b"-bn", b"-nbB", b"-cbB"), skip=2),
}
