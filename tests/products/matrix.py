# ruff: noqa: E501 - one line is one product
"""The products of which a real service was recorded: one line each, with what is true of it."""

from __future__ import annotations

from typing import NamedTuple


class MatrixLine(NamedTuple):
    """A ``workload`` of a recorded host runs ``product``. ``recording`` is HOST of tests/fixtures/known_estate, or
    NAME.tar.gz of tests/fixtures/products. Ports (``6667/tcp``), directories of configuration and of data are separated
    by spaces. ``start`` is the command that keeps it in the foreground.
    """

    product: str
    recording: str
    workload: str
    ports: str
    configuration: str
    data: str
    start: str


# fmt: off
MATRIX = (
    MatrixLine("apache", "web01", "apache2", "80/tcp", "/etc/apache2", "", "/usr/sbin/apache2 -D FOREGROUND"),
    MatrixLine("bind", "dns01", "named", "53/tcp 53/udp", "/etc/bind", "/var/lib/bind", "/usr/sbin/named -u bind -f"),
    MatrixLine("cups", "app01", "cups", "631/tcp", "/etc/cups", "/var/spool/cups", "/usr/sbin/cupsd -C /etc/cups/cupsd.conf -s /etc/cups/cups-files.conf"),
    MatrixLine("dovecot", "mail01", "dovecot", "143/tcp 993/tcp", "/etc/dovecot", "", "/usr/sbin/dovecot -F"),
    MatrixLine("haproxy", "lb01", "haproxy", "80/tcp 8404/tcp", "/etc/haproxy", "", "/usr/sbin/haproxy -Ws -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid -S /run/haproxy-master.sock -db"),
    MatrixLine("lighttpd", "app02", "lighttpd", "8085/tcp", "/etc/lighttpd", "", "/usr/sbin/lighttpd -f /etc/lighttpd/lighttpd.conf -D"),
    MatrixLine("mariadb", "data02", "mariadb", "3306/tcp", "/etc/mysql", "/var/lib/mysql", "/usr/sbin/mariadbd --basedir=/usr --datadir=/var/lib/mysql --plugin-dir=/usr/lib/mysql/plugin --user=mysql --skip-log-error --pid-file=/run/mysqld/mysqld.pid --socket=/run/mysqld/mysqld.sock"),
    MatrixLine("memcached", "mq01", "memcached", "11211/tcp", "/etc/memcached.conf", "", "/usr/bin/memcached -m 64 -p 11211 -u memcache -l 0.0.0.0 -P /var/run/memcached/memcached.pid"),
    MatrixLine("nginx", "web02", "nginx", "80/tcp", "/etc/nginx", "", "/usr/sbin/nginx -g daemon off; master_process on;"),
    MatrixLine("openldap", "dns01", "slapd", "389/tcp", "/etc/ldap", "/var/lib/ldap", "/usr/sbin/slapd -h ldap:/// ldapi:/// -g openldap -u openldap -F /etc/ldap/slapd.d -d 0"),
    MatrixLine("openvpn", "gw01", "openvpn-server-staff", "1194/udp", "/etc/openvpn", "", "/usr/sbin/openvpn --status /run/openvpn-server/status-staff.log --status-version 2 --suppress-timestamps --config staff.conf"),
    MatrixLine("php", "web02", "php8.2-fpm", "", "/etc/php", "", "/usr/sbin/php-fpm8.2 --nodaemonize --fpm-config /etc/php/8.2/fpm/php-fpm.conf"),
    MatrixLine("postfix", "mail01", "postfix", "25/tcp 587/tcp", "/etc/postfix", "/var/lib/postfix /var/spool/postfix", "/usr/sbin/postfix start-fg"),
    MatrixLine("postgresql", "data01", "postgresql-15-main", "5432/tcp", "/etc/postgresql", "/var/lib/postgresql", "/usr/lib/postgresql/15/bin/postgres -D /var/lib/postgresql/15/main -c config_file=/etc/postgresql/15/main/postgresql.conf"),
    MatrixLine("proftpd", "file01", "proftpd", "21/tcp", "/etc/proftpd", "", "/usr/sbin/proftpd --nodaemon"),
    MatrixLine("prometheus", "mon01", "prometheus", "9090/tcp", "/etc/prometheus", "/var/lib/prometheus", "/usr/bin/prometheus"),
    MatrixLine("redis", "data02", "redis-server", "6379/tcp", "/etc/redis", "/var/lib/redis", "/usr/bin/redis-check-rdb /etc/redis/redis.conf --daemonize no --supervised no"),
    MatrixLine("samba", "file01", "smbd", "139/tcp 445/tcp", "/etc/samba", "/srv/share /var/lib/samba /var/spool/samba", "/usr/sbin/smbd --foreground --no-process-group"),
    MatrixLine("stunnel", "lb01", "stunnel-tls", "443/tcp", "/etc/stunnel", "", "/usr/bin/stunnel4 /etc/stunnel/tls.conf"),
    MatrixLine("tftp-hpa", "dns01", "tftpd-hpa", "69/udp", "/etc/default/tftpd-hpa", "", "/usr/sbin/in.tftpd --listen --user tftp --address :69 --secure /srv/tftp --foreground"),
    MatrixLine("unbound", "gw01", "unbound", "53/tcp 53/udp", "/etc/unbound", "/var/lib/unbound", "/usr/sbin/unbound -d -p"),
    MatrixLine("varnish", "web02", "varnish", "6081/tcp", "/etc/varnish", "", "/usr/sbin/varnishd -j unix,user=vcache -F -a :6081 -T localhost:6082 -f /etc/varnish/default.vcl -S /etc/varnish/secret -s malloc,256m"),
    MatrixLine("vsftpd", "web01", "vsftpd", "21/tcp", "/etc/vsftpd.conf", "", "/usr/sbin/vsftpd -obackground=NO"),
    MatrixLine("ngircd", "ngircd.tar.gz", "ngircd", "6667/tcp", "/etc/ngircd", "", "/usr/sbin/ngircd --nodaemon"),
    MatrixLine("beanstalkd", "beanstalkd.tar.gz", "beanstalkd", "11300/tcp", "/etc/default/beanstalkd", "/var/lib/beanstalkd", "/usr/bin/beanstalkd -l 0.0.0.0 -p 11300 -b /var/lib/beanstalkd"),
    MatrixLine("icecast", "icecast.tar.gz", "icecast2", "8000/tcp", "/etc/icecast2", "", "/usr/bin/icecast2 -c /etc/icecast2/icecast.xml"),
    MatrixLine("mumble", "mumble.tar.gz", "mumble-server", "64738/tcp 64738/udp", "/etc/mumble-server.ini", "/var/lib/mumble-server", "/usr/sbin/murmurd -ini /etc/mumble-server.ini -fg"),
    MatrixLine("knot", "knot.tar.gz", "knot", "53/tcp 53/udp", "/etc/knot", "/var/lib/knot", "/usr/sbin/knotd"),
)
