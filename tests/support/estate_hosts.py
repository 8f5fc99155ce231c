"""The hosts of the sample estate, as an old server room would have them. One row a line, however long, to be read across."""
# ruff: noqa: E501

from __future__ import annotations

from tests.support.estate_words import FindingWords as F
from tests.support.estate_words import HostWords, WorkloadWords
from tests.support.estate_words import WorkloadWords as W

JESSIE = F(
    "EOL001", "minor", "Debian 8 (jessie) has had no security fixes since 30 June 2018",
    "Build on a supported release; pilot it like any other image",
    ("os-release says Debian 8 | system/os-release:1 | PRETTY_NAME=\"Debian GNU/Linux 8 (jessie)\"",),
)  # fmt: skip
CENTOS7 = F(
    "EOL001", "minor", "CentOS Linux 7 has had no security fixes since 30 June 2024",
    "Build on a supported release; pilot it like any other image",
    ("os-release says CentOS 7 | system/os-release:4 | PRETTY_NAME=\"CentOS Linux 7 (Core)\"",),
)  # fmt: skip
CENTOS6 = F(
    "EOL001", "major", "CentOS 6 has had no security fixes since 30 November 2020",
    "Build on a supported release; pilot it like any other image",
    ("redhat-release says CentOS 6.10 | system/redhat-release:1 | CentOS release 6.10 (Final)",),
)  # fmt: skip


def conflict(port: int, others: str, line: int) -> F:
    return F(
        "PRT001", "major", f"Port {port}/tcp is also wanted by {others}",
        "Give each workload its own published port or address, or put a reverse proxy in front",
        (f"listens on 0.0.0.0:{port} | sockets/tcp:{line} |    {line}: 00000000:{port:04X} 00000000:0000 0A",),
        fit=True,
    )  # fmt: skip


def state(path: str, line: int = 14) -> F:
    return F(
        "STA001", "minor", f"Keeps data in {path}",
        "Mount a volume there; the image does not hold it",
        (f"writes to {path} | open_files/fd:{line} | 431 7 {path}/current",),
    )  # fmt: skip


def functions(*names: str, uid: int = 0) -> tuple[WorkloadWords, ...]:
    """What every host runs for itself."""
    known = {
        "ssh": W("ssh", "/usr/sbin/sshd", "stay", 0, ("The container host has its own",), ("/usr/sbin/sshd -D",), listeners=("tcp 0.0.0.0 22",), packages=("openssh-server",), host_function=True),
        "cron": W("cron", "/usr/sbin/cron", "stay", 0, ("The container host has its own",), ("/usr/sbin/cron -f",), packages=("cron",), host_function=True),
        "rsyslog": W("rsyslog", "/usr/sbin/rsyslogd", "stay", 0, ("The container host has its own",), ("/usr/sbin/rsyslogd -n",), packages=("rsyslog",), host_function=True),
        "chrony": W("chrony", "/usr/sbin/chronyd", "stay", 0, ("The container host has its own",), ("/usr/sbin/chronyd -F 1",), listeners=("udp 127.0.0.1 323",), packages=("chrony",), host_function=True),
    }  # fmt: skip
    return tuple(known[name] for name in names)


HOSTS: tuple[HostWords, ...] = (
    HostWords(
        "web01", "10.20.0.11",
        workloads=(
            W(
                "apache2", "/usr/sbin/apache2", "needs work", 71,
                ("Port 80/tcp is also wanted by app01/intranet and web02/nginx", "Connects to db01 by its address", "Holds a secret in /etc/app/app.ini"),
                ("/usr/sbin/apache2 -k start",) * 6, 33,
                listeners=("tcp 0.0.0.0 80", "tcp 0.0.0.0 443"),
                connections=("10.20.0.11 45120 10.20.0.21 3306", "10.20.0.11 45122 10.20.0.21 3306", "10.20.0.11 51200 10.20.0.31 6379"),
                packages=("apache2-bin", "libapache2-mod-php8.2"), configuration=("/etc/apache2", "/etc/php/8.2/apache2", "/etc/app"),
                data={"/var/lib/app/uploads": "written by apache2 (pid 403) | open_files/fd:31 | 403 11 /var/lib/app/uploads/2026-11-24.csv"},
                schedules=("/usr/local/bin/app-cleanup --older 90d",),
                findings=(
                    conflict(80, "app01/intranet and web02/nginx", 2),
                    F("NET001", "minor", "/etc/app/app.ini line 7 names db01 by its address 10.20.0.21", "Use a name that resolves on the new network, such as db01",
                      ("configuration names another host of the estate | configuration/lines:112 | /etc/app/app.ini:7: db_host = 10.20.0.21",)),
                    F("SEC001", "minor", "/etc/app/app.ini holds a secret", "It is left out of the image and mounted from memory when the container starts",
                      ("redaction found a password | configuration/lines:114 | /etc/app/app.ini:9: db_password = ‹secret:5f1c›",)),
                    F("NET002", "info", "Sends mail through the sendmail program", "Point it at a mail relay, or bring a small sender along",
                      ("php.ini sets sendmail_path | configuration/lines:201 | sendmail_path = /usr/sbin/sendmail -t -i",)),
                    state("/var/lib/app/uploads", 31),
                ),
            ),
        ),
        functions=functions("ssh", "cron", "rsyslog", "chrony"),
    ),
    HostWords(
        "web02", "10.20.0.12", distribution=("ubuntu", "20.04", "Ubuntu 20.04.6 LTS"), kernel="5.4.0-216-generic",
        workloads=(
            W("nginx", "/usr/sbin/nginx", "needs work", 78, ("Port 80/tcp is also wanted by web01/apache2 and app01/intranet",),
              ("nginx: master process /usr/sbin/nginx", "nginx: worker process", "nginx: worker process"), 33,
              listeners=("tcp 0.0.0.0 80",), packages=("nginx-core",), configuration=("/etc/nginx",),
              findings=(conflict(80, "web01/apache2 and app01/intranet", 3),)),
            W("shop-api", "/opt/shop/venv/bin/python3.8", "ready", 94, ("Nothing stands in the way",),
              ("/opt/shop/venv/bin/python3.8 -m shop.api",), 33, listeners=("tcp 127.0.0.1 8000",),
              connections=("10.20.0.12 40022 10.20.0.21 3306",), configuration=("/opt/shop", "/etc/shop.toml"), named_by="systemd unit",
              findings=(F("NET001", "info", "/etc/shop.toml line 3 names db01.example.internal", "Nothing to do where that name resolves",
                          ("configuration names another host of the estate | configuration/lines:8 | /etc/shop.toml:3: host = \"db01.example.internal\"",)),)),
            W("memcached", "/usr/bin/memcached", "ready", 98, ("Nothing stands in the way",), ("/usr/bin/memcached -m 64 -p 11211 -u memcache -l 127.0.0.1",), 33,
              listeners=("tcp 127.0.0.1 11211",), packages=("memcached",), configuration=("/etc/memcached.conf",)),
        ),
        functions=functions("ssh", "cron", "rsyslog"),
    ),
    HostWords(
        "db01", "10.20.0.21", memory_gib=32,
        workloads=(
            W("mariadb", "/usr/sbin/mariadbd", "ready", 90, ("Its data goes to a volume; nothing else stands in the way",), ("/usr/sbin/mariadbd",), 101,
              listeners=("tcp 0.0.0.0 3306",), unix_sockets=("/run/mysqld/mysqld.sock",), packages=("mariadb-server-core",), configuration=("/etc/mysql",),
              data={"/var/lib/mysql": "written by mariadbd (pid 400) | open_files/fd:12 | 400 9 /var/lib/mysql/ibdata1"}, findings=(state("/var/lib/mysql"),)),
        ),
        functions=functions("ssh", "cron", "rsyslog", "chrony"),
    ),
    HostWords(
        "db02", "10.20.0.22", distribution=("centos", "7", "CentOS Linux 7 (Core)"), kernel="3.10.0-1160.119.1.el7.x86_64", memory_gib=64,
        findings=(CENTOS7,),
        workloads=(
            W("postgresql-9.6", "/usr/pgsql-9.6/bin/postgres", "needs work", 62,
              ("Sets kernel.shmmax and vm.overcommit_memory for the whole host", "CentOS Linux 7 has had no security fixes since 30 June 2024"),
              ("/usr/pgsql-9.6/bin/postgres -D /var/lib/pgsql/9.6/data", "postgres: writer process", "postgres: wal writer process"), 104,
              listeners=("tcp 0.0.0.0 5432",), unix_sockets=("/var/run/postgresql/.s.PGSQL.5432",), packages=("postgresql96-server",),
              data={"/var/lib/pgsql/9.6/data": "argument -D names it | processes/cmdline:40 | /usr/pgsql-9.6/bin/postgres -D /var/lib/pgsql/9.6/data"},
              findings=(
                  F("KRN005", "major", "vm.overcommit_memory is 2 here and 0 on the container host; it applies to every container there", "Agree on one value for the container host, or give this database a host of its own",
                    ("the setting differs from the kernel's default | sysctls/values:311 | vm.overcommit_memory = 2", "set at boot | sysctls/files:18 | /etc/sysctl.d/30-postgresql.conf: vm.overcommit_memory = 2"), fit=True),
                  CENTOS7, state("/var/lib/pgsql/9.6/data"),
              )),
            W("pgbouncer", "/usr/bin/pgbouncer", "ready", 88, ("Nothing but an old distribution stands in the way",), ("/usr/bin/pgbouncer -q /etc/pgbouncer/pgbouncer.ini",), 104,
              listeners=("tcp 0.0.0.0 6432",), packages=("pgbouncer",), companions=("postgresql-9.6",), findings=(CENTOS7,)),
        ),
        functions=functions("ssh", "cron", "rsyslog", "chrony"),
    ),
    HostWords(
        "app01", "10.20.0.13", distribution=("debian", "11", "Debian GNU/Linux 11 (bullseye)"), kernel="5.10.0-32-amd64", init="init",
        workloads=(
            W("intranet", "/usr/bin/python3.9", "needs work", 54, ("Port 80 is fixed in its code", "Port 80/tcp is also wanted by web01/apache2 and web02/nginx"),
              ("/usr/bin/python3.9 /opt/intranet/server.py",), 998, listeners=("tcp 0.0.0.0 80",), configuration=("/opt/intranet",), named_by="init script /etc/init.d/intranet",
              data={"/srv/share": "written by python3.9 (pid 400) | open_files/fd:9 | 400 5 /srv/share/visits.db"},
              findings=(
                  F("PRT002", "major", "Port 80 is written in the program /opt/intranet/server.py, line 41", "Keep port 80 inside of the container and publish another one",
                    ("a line of code names the port | configuration/lines:17 | /opt/intranet/server.py:41: HTTPServer((\"\", 80), Handler).serve_forever()",)),
                  conflict(80, "web01/apache2 and web02/nginx", 2), state("/srv/share", 9),
              )),
            W("tomcat9", "/usr/lib/jvm/java-11-openjdk-amd64/bin/java", "ready", 86, ("Its data goes to a volume; nothing else stands in the way",),
              ("/usr/lib/jvm/java-11-openjdk-amd64/bin/java -Djava.awt.headless=true -Xmx512m -classpath /usr/share/tomcat9/bin/bootstrap.jar:/usr/share/tomcat9/bin/tomcat-juli.jar -Dcatalina.base=/var/lib/tomcat9 org.apache.catalina.startup.Bootstrap start",), 110,
              listeners=("tcp 0.0.0.0 8080", "tcp 127.0.0.1 8005"), connections=("10.20.0.13 51444 10.20.0.22 5432",), packages=("openjdk-11-jre-headless", "tomcat9"), configuration=("/etc/tomcat9",),
              data={"/var/lib/tomcat9/webapps": "the program runs in it | processes/cwd:41 | /var/lib/tomcat9"}, findings=(state("/var/lib/tomcat9/webapps"),)),
        ),
        functions=functions("ssh", "cron"),
    ),
    HostWords(
        "mail01", "10.20.0.41", distribution=("debian", "8", "Debian GNU/Linux 8 (jessie)"), kernel="3.16.0-11-amd64", findings=(JESSIE,),
        workloads=(
            W("postfix", "/usr/lib/postfix/master", "needs work", 66, ("Debian 8 (jessie) has had no security fixes since 30 June 2018", "Its queue has to survive a restart"), ("/usr/lib/postfix/master", "qmgr -l -t unix -u", "pickup -l -t unix -u -c"), 74,
              listeners=("tcp 0.0.0.0 25", "tcp 0.0.0.0 587"), packages=("postfix",), data={"/var/spool/postfix": "written by master (pid 400) | open_files/fd:3 | 400 10 /var/spool/postfix/pid/master.pid"}, findings=(JESSIE, state("/var/spool/postfix", 3))),
            W("dovecot", "/usr/sbin/dovecot", "needs work", 68, ("Debian 8 (jessie) has had no security fixes since 30 June 2018",), ("/usr/sbin/dovecot", "dovecot/anvil", "dovecot/log"), 0,
              listeners=("tcp 0.0.0.0 143", "tcp 0.0.0.0 993"), packages=("dovecot-core",), companions=("postfix",), data={"/var/mail": "mail_location names it | configuration/lines:40 | mail_location = mbox:~/mail:INBOX=/var/mail/%u"}, findings=(JESSIE, state("/var/mail"))),
        ),
        functions=functions("ssh", "cron", "rsyslog"),
    ),
    HostWords(
        "file01", "10.20.0.51", distribution=("debian", "11", "Debian GNU/Linux 11 (bullseye)"), kernel="5.10.0-32-amd64", memory_gib=16,
        workloads=(
            W("nfs-server", "/usr/sbin/rpc.nfsd", "stay", 8, ("The kernel itself serves NFS; a container cannot bring a kernel along",), ("/usr/sbin/rpc.mountd --manage-gids",), 0,
              listeners=("tcp 0.0.0.0 2049", "tcp 0.0.0.0 111"), packages=("nfs-kernel-server",),
              findings=(F("KRN003", "blocker", "Needs the kernel module nfsd, which runs in the host's kernel", "Leave it on a machine of its own, or move the shares to a storage system",
                          ("the module is loaded and used | kernel/modules:22 | nfsd 634880 13 - Live",), fit=True),)),
            W("smbd", "/usr/sbin/smbd", "ready", 81, ("Its shares go to volumes; nothing else stands in the way",), ("/usr/sbin/smbd --foreground --no-process-group",) * 3, 0, listeners=("tcp 0.0.0.0 445", "tcp 0.0.0.0 139"), packages=("samba",),
              data={"/srv/shares": "smb.conf names it | configuration/lines:61 | path = /srv/shares"}, findings=(state("/srv/shares", 61),)),
        ),
        functions=functions("ssh", "cron", "rsyslog"),
    ),
    HostWords(
        "vpn01", "10.20.0.61", kernel="6.1.0-25-amd64", memory_gib=2,
        workloads=(
            W("openvpn-server", "/usr/sbin/openvpn", "stay", 31, ("Needs /dev/net/tun and changes routes of the whole host",), ("/usr/sbin/openvpn --config server.conf",), 0, listeners=("udp 0.0.0.0 1194",), packages=("openvpn",),
              findings=(
                  F("KRN004", "major", "Holds /dev/net/tun open", "Give the container that device and NET_ADMIN, or leave it on its own machine", ("an open descriptor | open_files/fd:51 | 400 5 /dev/net/tun",), fit=True),
                  F("KRN005", "blocker", "Needs net.ipv4.ip_forward=1 and its own routes in the host's network", "Leave it on a machine of its own", ("set at boot | sysctls/files:3 | /etc/sysctl.d/99-vpn.conf: net.ipv4.ip_forward = 1",), fit=True),
              )),
        ),
        functions=functions("ssh", "cron"),
    ),
    HostWords(
        "meter01", "10.20.0.71", distribution=("centos", "6", "CentOS release 6.10 (Final)"), kernel="2.6.32-754.35.1.el6.i686", architecture="i686", memory_gib=2, init="init", findings=(CENTOS6,),
        workloads=(
            W("meterd", "/opt/meter/bin/meterd", "stay", 12, ("The vendor's program needs a licence dongle on the USB port", "It is a 32-bit program"), ("/opt/meter/bin/meterd -c /opt/meter/etc/meterd.conf",), 0, listeners=("tcp 0.0.0.0 4059",), named_by="init script /etc/init.d/meterd", configuration=("/opt/meter",),
              findings=(
                  F("KRN006", "minor", "/opt/meter/bin/meterd is a 32-bit program", "Use a 32-bit base image; the container host's kernel must allow 32-bit programs", ("ELF class 1, machine 3 | executables/headers:4 | 7f454c4601010100",), fit=True),
                  F("KRN003", "blocker", "Needs the module aksusbd, which no supported kernel has", "Ask the vendor for a licence server on the network", ("the module is loaded and used | kernel/modules:9 | aksusbd 57344 2 - Live 0x0 (POE)",), fit=True), CENTOS6,
              )),
            W("collector", "/usr/bin/perl", "needs work", 58, ("CentOS 6 has had no security fixes since 30 November 2020",), ("/usr/bin/perl /opt/meter/collect.pl --every 60",), 0, connections=("10.20.0.71 33210 10.20.0.22 5432",), configuration=("/opt/meter/collect.pl",), named_by="executable", findings=(CENTOS6, F("NET001", "minor", "/opt/meter/collect.pl line 12 names db02 by its address 10.20.0.22", "Use a name that resolves on the new network, such as db02", ("a line of code names another host | configuration/lines:5 | /opt/meter/collect.pl:12: my $dbh = DBI->connect(\"dbi:Pg:host=10.20.0.22\")",)))),
        ),
        functions=functions("ssh", "cron"),
    ),
    HostWords(
        "cache01", "10.20.0.31", kernel="6.1.0-28-amd64",
        workloads=(
            W("redis-server", "/usr/bin/redis-server", "ready", 92, ("Its data goes to a volume; nothing else stands in the way",), ("/usr/bin/redis-server 0.0.0.0:6379",), 106, listeners=("tcp 0.0.0.0 6379",), packages=("redis-server",), data={"/var/lib/redis": "redis.conf names it | configuration/lines:3 | dir /var/lib/redis"}, findings=(state("/var/lib/redis", 3),)),
            W("haproxy", "/usr/sbin/haproxy", "ready", 95, ("Nothing stands in the way",), ("/usr/sbin/haproxy -Ws -f /etc/haproxy/haproxy.cfg",) * 2, 33, listeners=("tcp 0.0.0.0 8443",), packages=("haproxy",), configuration=("/etc/haproxy",)),
        ),
        functions=functions("ssh", "chrony"),
    ),
    HostWords(
        "build01", "10.20.0.81", distribution=("debian", "11", "Debian GNU/Linux 11 (bullseye)"), kernel="5.10.0-30-amd64",
        workloads=(
            W("jenkins", "/usr/lib/jvm/java-17-openjdk-amd64/bin/java", "unknown", 50, ("Half of the checks could not be decided: the scan was not root on build01",), ("/usr/bin/java -jar /usr/share/java/jenkins.war --httpPort=8080",), 110, listeners=("tcp 0.0.0.0 8080",), packages=("jenkins",),
              undetermined=(("STA001", "open_files", "files of other users need root"), ("SEC001", "configuration", "/etc/jenkins could not be read"), ("KRN004", "open_files", "files of other users need root"), ("PRT002", "configuration", "/etc/jenkins could not be read"), ("KRN005", "sysctls", "permission denied"))),
            W("<img src=x onerror=alert(1)>", "/home/ops/\u202egpj.exe", "unknown", 40, ("Its executable could not be read",), ("</script><script>alert(1)</script> \x1b[31mred\x1b[0m \x07", "<b onmouseover=alert(2)>x</b>"), 1001, named_by="executable",
              undetermined=(("KRN001", "executables", "the file belongs to \"user\u2028name\""), ("STA001", "open_files", "files of other users need root"))),
        ),
        functions=functions("ssh", "cron"),
        unseen=(("open_files", "files of other users need root"), ("configuration", "permission denied: /etc/jenkins"), ("sysctls", "permission denied")),
        gaps=(("sockets", "owners of 14 sockets", "they belong to other users"), ("processes", "environment of 31 processes", "they belong to other users")),
    ),
    HostWords("legacy07", "10.20.0.97", unreachable="nobody answers on 10.20.0.97 port 22 (no answer within 10 s); check that the host is up and the address is right"),
    HostWords("old-erp", "10.20.0.98", unreachable="the host offers only ssh-dss keys, which are no longer accepted"),
)  # fmt: skip
