"""DAT002."""

from assess.model import Severity
from assess.rules.state.state_in_volumes import state_in_volumes
from inventory.observation import Found, Gap
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


def test_each_data_directory_becomes_a_volume_of_its_owner() -> None:
    host = HostBuilder("db01")
    host.init()
    host.user("mysql", 101)
    host.open(host.process(50, "/usr/sbin/mariadbd", uid=101), "/var/lib/mysql/ibdata1")
    host.directory("/var/lib/mysql", uid=101)

    said = judge(state_in_volumes, host.build())

    assert said.about == [("db01/mariadbd", Severity.INFO)]
    assert said.findings[0].remedy == "Mount a volume at /var/lib/mysql, owned by mysql."


def test_a_service_without_data_has_none() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/x/x")

    assert judge(state_in_volumes, host.build()).silent


def test_without_its_files_it_is_undetermined() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/x/x")
    host.overrides["open_files"] = Found((), (Gap("open files of others", "not root"),))

    assert [each.section for each in judge(state_in_volumes, host.build()).undetermined] == ["open_files"]
