"""KRN028."""

from assess.model import Severity
from assess.rules.kernel.kernel_nfs_server import kernel_nfs_server
from inventory.model.mounts import Export, Mounts
from inventory.observation import Found
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder, origin


def test_threads_of_the_kernel_show_the_server_and_exports_alone_do_not() -> None:
    host = HostBuilder()
    host.init()
    host.overrides["mounts"] = Found(Mounts((), (), (Export("/srv", "*", (), origin("mounts")),)))
    assert judge(kernel_nfs_server, host.build()).silent

    host.process(70, None, name="nfsd", kernel=True)
    said = judge(kernel_nfs_server, host.build())
    assert said.about == [("web01", Severity.MAJOR)]
    assert said.messages == ["web01 is an NFS server of /srv."]


def test_a_program_of_that_name_is_none() -> None:
    host = HostBuilder()
    host.init()
    host.process(70, "/opt/nfsd/nfsd")

    assert judge(kernel_nfs_server, host.build()).silent
