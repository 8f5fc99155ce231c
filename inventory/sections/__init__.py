"""The questions a probe asks. SECTIONS is the whole list, in the order in which a host is asked.

Adding a section is one file here, its model in :mod:`inventory.model`, and one line in the tuple.
"""

from __future__ import annotations

from typing import Any

from inventory.section import Section
from inventory.sections.disks import mounts, storage
from inventory.sections.files import certificates, changed_files, configuration, directories, sizes, unmanaged_files
from inventory.sections.networking import network, sockets
from inventory.sections.operating_system import kernel, sysctls, system, use, users
from inventory.sections.programs import executables, ipc, libraries, open_files, processes
from inventory.sections.software import language_packages, packages
from inventory.sections.supervision import containers, cron, services
from inventory.sections.windows import windows_only

SECTIONS: tuple[Section[Any], ...] = (
    system.SECTION,
    kernel.SECTION,
    processes.SECTION,
    open_files.SECTION,
    sockets.SECTION,
    libraries.SECTION,
    executables.SECTION,
    packages.SECTION,
    language_packages.SECTION,
    changed_files.SECTION,
    services.SECTION,
    containers.SECTION,
    mounts.SECTION,
    storage.SECTION,
    network.SECTION,
    users.SECTION,
    cron.SECTION,
    sysctls.SECTION,
    ipc.SECTION,
    configuration.SECTION,
    directories.SECTION,
    certificates.SECTION,
    sizes.SECTION,
    use.SECTION,
    unmanaged_files.SECTION,
    *windows_only.SECTIONS,
)
