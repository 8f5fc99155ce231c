"""Hosts whose services need a part of the kernel in one way only."""

from __future__ import annotations

from dataclasses import replace

from inventory.model.kernel import Module
from inventory.model.services import UnitSetting
from inventory.observation import Found, value_or_none
from inventory.snapshot import Snapshot
from tests.support.snapshots import HostBuilder, origin


def machines(name: str, program: str, *modules: str) -> Snapshot:
    """A host with a program and loaded modules."""
    host = HostBuilder(name, f"10.77.1.{ord(name)}")
    host.init()
    host.listen(host.process(50, program), 5000 + ord(name))
    kernel = value_or_none(host.build().kernel)
    assert kernel is not None
    loaded = tuple(Module(each, 1, 1, (), "", origin("kernel")) for each in modules)
    host.overrides["kernel"] = Found(replace(kernel, modules=loaded))
    return host.build()


def confined(name: str, setting: str, value: str) -> Snapshot:
    """A host whose unit names a profile."""
    host = HostBuilder(name, f"10.77.1.{ord(name)}")
    host.init()
    host.listen(host.process(50, "/opt/x/x", unit="x.service"), 5000 + ord(name))
    line = UnitSetting("/etc/systemd/system/x.service", setting, value, origin("services", 3))
    host.services.append(replace(host.unit("x", 50), settings=(line,)))
    del host.services[0]
    return host.build()
