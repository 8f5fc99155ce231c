"""What a Windows host can be asked is enough for a verdict; what it cannot be asked stays undetermined."""

from dataclasses import replace

from assess.model import Verdict
from inventory.model.windows import PortRange
from inventory.platforms import Platform
from inventory.sections import SECTIONS
from inventory.snapshot import Snapshot
from tests.support.judging import assess, target
from tests.support.snapshots import origin
from tests.support.windows_snapshots import WindowsHost

WINDOWS = target(name="win", system="windows", kernel_release="", os_build="10.0.20348")
ASKED = {each.name for each in SECTIONS if each.variant(Platform.WINDOWS)}


def asked(host: WindowsHost) -> Snapshot:
    """The host with the sections that a Windows host is asked, and no others."""
    snapshot = host.build()
    return replace(snapshot, observations={name: each for name, each in snapshot.observations.items() if name in ASKED})


def test_a_plain_service_gets_a_verdict_on_a_windows_target() -> None:
    host = WindowsHost()
    host.port(host.shop(StartName="NT AUTHORITY\\LocalService"), 8080)
    host.found("port_exclusions", (PortRange("dynamic", "tcp", 49152, 65535, False, origin("port_exclusions")),))

    (workload,) = assess(asked(host), targets=(WINDOWS,)).workloads

    assert workload.verdict is Verdict.READY
    assert {"open_files", "configuration"} <= {each.section for each in workload.undetermined}
    assert not [each for each in workload.undetermined if each.failed]


def test_one_that_waits_for_clicks_stays() -> None:
    host = WindowsHost()
    host.shop(DesktopInteract="True")

    (workload,) = assess(asked(host), targets=(WINDOWS,)).workloads

    assert workload.verdict is Verdict.STAY
