"""Where a workload names other hosts: in its files, its unit, its jobs, and the scripts that these start."""

from __future__ import annotations

from dataclasses import replace

from assess.rules.network.estate_host_name import estate_host_name
from assess.subjects.estate_facts import EstateFacts
from assess.subjects.host_facts import HostFacts
from assess.subjects.host_references import addresses_of_hosts, meant_port, names_of_hosts
from assess.workloads.discovery import find_workloads
from inventory.model.services import UnitSetting
from inventory.observation import Origin
from inventory.snapshot import Snapshot
from tests.support.judging import judge
from tests.support.snapshots import TAKEN, HostBuilder


def database() -> Snapshot:
    host = HostBuilder("db01", "10.77.0.12")
    host.init()
    server = host.process(50, "/usr/sbin/mariadbd")
    host.listen(server, 3306)
    cache = host.process(60, "/usr/bin/redis-server")
    host.listen(cache, 6379)
    return host.build()


def shop(**properties: str) -> HostBuilder:
    """A host with the unit ``shop``."""
    host = HostBuilder("web01", "10.77.0.11")
    host.init()
    process = host.process(50, "/opt/shop/shop", unit="shop.service", uid=500)
    host.user("shop", 500)
    host.unit("shop", process.pid, **properties)
    return host


def said(host: HostBuilder) -> list[str]:
    return judge(estate_host_name, host.build(), database()).messages


def test_the_command_and_the_variables_of_a_unit_name_hosts() -> None:
    command = "{ path=/opt/shop/shop ; argv[]=/opt/shop/shop --db db01:3306 ; ignore_errors=no }"
    assert said(shop(ExecStart=command)) == ["ExecStart of shop.service names db01, which is host db01."]
    assert said(shop(Environment="CACHE_HOST=db01 X=1")) == [
        "Environment of shop.service names db01, which is host db01."
    ]
    assert said(shop(Description="Shop that talks to db01")) == []


def test_a_drop_in_is_named_and_told_once() -> None:
    host = shop(Environment="DB=db01")
    service = host.services[-1]
    setting = UnitSetting(
        "/etc/systemd/system/shop.service.d/db.conf", "Environment", "DB=db01", Origin("services", "t", 7)
    )
    host.services[-1] = replace(service, settings=(setting,))
    verdicts = judge(estate_host_name, host.build(), database())

    assert verdicts.messages == [
        "Environment of shop.service in /etc/systemd/system/shop.service.d/db.conf names db01, which is host db01."
    ]
    assert [each.origin for each in verdicts.findings[0].evidence] == [Origin("services", "t", 7)]


def test_a_job_names_a_host() -> None:
    host = shop()
    host.job("/usr/bin/rsync -a /opt/shop/data db01:/backup", user="shop", place="/etc/cron.d/copy")

    assert said(host) == ["a job in /etc/cron.d/copy names db01, which is host db01."]


def test_the_script_of_a_job_names_a_host() -> None:
    """The script is no file of the workload by its place; the job makes it one."""
    host = shop()
    host.job("/usr/local/bin/nightly --all", user="shop")
    host.config("/usr/local/bin/nightly", "rsync /srv db01:/backup", "# db01", code=True)
    host.config("/usr/local/bin/other", "rsync /srv db01:/backup", code=True)

    assert said(host) == ["/usr/local/bin/nightly:1 names db01, which is host db01."]


def test_a_job_of_somebody_else_says_nothing_of_the_workload() -> None:
    host = shop()
    host.job("rsync db01:/backup /srv", user="root", place="/etc/cron.d/copy")

    assert said(host) == []


def test_the_port_beside_the_name_tells_which_workload_is_meant() -> None:
    host = shop(ExecStart="argv[]=/opt/shop/shop --db-host db01 --db-port=6379")
    host.job("mysqldump -h 10.77.0.12:3306 shop", user="shop")
    facts = facts_of(host.build(), database())
    (web,) = [each for each in facts.hosts if each.name == "web01"]
    (workload,) = [each for each in web.workloads if each.name == "shop"]
    (name,) = names_of_hosts(facts.known, web, workload)
    (address,) = addresses_of_hosts(facts.known, web, workload)

    assert (name.place.line, address.port) == (None, 3306)
    assert meant_port(name, web, workload) == 6379
    assert meant_port(address, web, workload) == 3306


def facts_of(*snapshots: Snapshot) -> EstateFacts:
    return EstateFacts(tuple(HostFacts(each, find_workloads(each, {})) for each in snapshots), (), TAKEN)
