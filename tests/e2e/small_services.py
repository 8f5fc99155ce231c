"""The services of svc01, and what must be true of the image of each."""

from __future__ import annotations

from dataclasses import dataclass

HOST = "svc01"


@dataclass(frozen=True)
class Service:
    """What must be true of one workload. ``inside`` are files that only its rare work needs; ``outside`` never."""

    name: str
    volumes: tuple[str, ...]
    secrets: tuple[str, ...]
    peers: tuple[str, ...]
    companions: tuple[str, ...]
    inside: tuple[str, ...]
    outside: tuple[str, ...]
    speaks: str
    most_megabytes: int

    @property
    def id(self) -> str:
        return f"{HOST}/{self.name}"


def service(
    name: str,
    speaks: str,
    most_megabytes: int,
    *,
    volumes: str = "",
    secrets: str = "",
    peers: str = "",
    companions: str = "",
    inside: str = "",
    outside: str = "",
) -> Service:
    words = (tuple(text.split()) for text in (volumes, secrets, peers, companions, inside, outside))
    return Service(name, *words, speaks, most_megabytes)


SERVICES = (
    service(
        "postgresql",
        "postgresql",
        500,
        volumes="/var/lib/postgresql",
        secrets="/etc/ssl/private/ssl-cert-snakeoil.key",
        inside="/usr/lib/postgresql/15/bin/initdb /usr/lib/postgresql/15/lib/plpgsql.so"
        " /etc/postgresql/15/main/pg_hba.conf /usr/share/zoneinfo/Europe/Berlin",
        outside="/usr/bin/node /usr/bin/redis-check-rdb",
    ),
    service(
        "redis-server",
        "redis",
        150,
        volumes="/var/lib/redis",
        secrets="/etc/redis/redis.conf",
        inside="/usr/bin/redis-server /usr/bin/redis-cli",
        outside="/usr/bin/node /opt/ledger/bin/ledger",
    ),
    service(
        "postfix",
        "smtp",
        200,
        volumes="/var/lib/postfix /var/spool/postfix",
        secrets="/etc/ssl/private/ssl-cert-snakeoil.key",
        inside="/usr/lib/postfix/sbin/local /usr/sbin/postdrop /usr/sbin/sendmail /etc/aliases.db",
        outside="/usr/bin/node",
    ),
    service(
        "bookings",
        "http",
        180,
        volumes="/var/lib/bookings",
        secrets="/etc/bookings/tls.key",
        inside="/srv/bookings/venv/pyvenv.cfg /srv/bookings/venv/lib/python3.11/site-packages/calendarium/__init__.py"
        " /usr/local/share/ca-certificates/house.crt /usr/bin/tar /usr/lib/locale/locale-archive",
        outside="/usr/bin/node /usr/bin/bc",
    ),
    service(
        "ledger",
        "http",
        300,
        volumes="/var/lib/ledger /var/spool/postfix",
        secrets="/etc/ledger/ledger.conf",
        peers=f"{HOST}/postgresql {HOST}/postfix",
        inside="/usr/lib/x86_64-linux-gnu/perl5/5.36/DBD/Pg.pm /usr/share/perl5/JSON.pm /usr/sbin/sendmail"
        " /opt/ledger/bin/nightly",
        outside="/usr/bin/node /usr/lib/postgresql/15/bin/postgres",
    ),
    service(
        "board",
        "http",
        250,
        volumes="/var/lib/board",
        secrets="/etc/default/board",
        peers=f"{HOST}/redis-server",
        inside="/usr/bin/bc /usr/share/nodejs/semver/package.json /opt/board/node_modules/markup/index.js",
        outside="/usr/bin/redis-server /usr/lib/postgresql/15/bin/postgres",
    ),
    service(
        "survey-front",
        "http",
        180,
        volumes="/var/lib/survey",
        companions=f"{HOST}/survey-worker",
        inside="/opt/survey/worker.py /usr/lib/python3.11/sqlite3/__init__.py",
        outside="/usr/bin/node /usr/bin/bc",
    ),
    service(
        "canteen",
        "http",
        200,
        volumes="/var/lib/canteen",
        inside="/srv/canteen/gems/gems/menucard-1.3.0/lib/menucard/zone.rb"
        " /var/lib/gems/3.1.0/gems/allergens-0.9.2/lib/allergens.rb"
        " /usr/share/rubygems-integration/all/gems/kramdown-2.4.0/lib/kramdown.rb"
        " /usr/share/rubygems-integration/all/gems/tzinfo-2.0.5/lib/tzinfo.rb"
        " /usr/share/rubygems-integration/all/gems/builder-3.2.4/lib/builder.rb"
        " /usr/lib/ruby/vendor_ruby/sqlite3.rb /usr/lib/ruby/3.1.0/csv.rb",
        outside="/usr/bin/node /usr/bin/bc",
    ),
)
