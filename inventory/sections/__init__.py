"""The questions a probe asks. SECTIONS is the whole list, in the order in which a host is asked.

Adding a section is one file here, its model in :mod:`inventory.model`, and one line in the tuple.
"""

from __future__ import annotations

from typing import Any

from inventory.section import Section
from inventory.sections import (
    certificates,
    changed_files,
    configuration,
    containers,
    cron,
    directories,
    executables,
    ipc,
    kernel,
    language_packages,
    libraries,
    mounts,
    network,
    open_files,
    packages,
    processes,
    services,
    sizes,
    sockets,
    storage,
    sysctls,
    system,
    unmanaged_files,
    use,
    users,
)
from inventory.sections.windows import only

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
    *only.SECTIONS,
)
