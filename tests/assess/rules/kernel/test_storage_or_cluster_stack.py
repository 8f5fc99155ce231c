"""KRN029."""

from assess.model import Severity
from assess.rules.kernel.storage_or_cluster_stack import storage_or_cluster_stack
from inventory.model.storage import DrbdResource, Storage
from inventory.observation import Found
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder, origin


def test_a_cluster_and_mirrored_disks_are_found() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/usr/sbin/corosync")
    mirrored = DrbdResource("r0", ("a", "b"), (), (), (), "/etc/drbd.d/r0.res", origin("storage"))
    host.overrides["storage"] = Found(Storage((), None, (), (mirrored,), (), ()))

    said = judge(storage_or_cluster_stack, host.build())

    assert said.about == [("web01", Severity.MAJOR)]
    assert "Corosync" in said.messages[0] and "DRBD" in said.messages[0]


def test_a_host_of_its_own_is_silent() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/usr/sbin/nginx")

    assert judge(storage_or_cluster_stack, host.build()).silent
