"""Lines of a host's configuration that are in effect, and those of them that people wrote.

Not in effect are files of a web server that nothing includes, and samples by their names. A file as its package
installed it names the same things on every host, so it connects a service to no other and contains no secret.
"""

from __future__ import annotations

import re

from assess.configuration_text.configuration_lines import ConfigurationLines
from inventory.observation import value_or_none
from inventory.snapshot import Snapshot

_SAMPLE = re.compile(
    r"""/(?:examples?|samples?|sample-config|sample-configs)/
    | [._-](?:sample|example|dist|tmpl|template)(?:\.[a-z0-9]{1,12}){0,2}$ | /(?:sample|example)[._-][^/]{0,120}$""",
    re.IGNORECASE | re.VERBOSE,
)


def is_sample(path: str) -> bool:
    """Whether a file is an example by its name: ``config.sample.inc.php``, ``.env.example``, ``examples/site.conf``."""
    return _SAMPLE.search(path) is not None


def configuration_in_force(snapshot: Snapshot, unused: frozenset[str]) -> ConfigurationLines:
    """The lines of configuration and code of a host without ``unused`` files; empty when they were not seen."""
    return ConfigurationLines(value_or_none(snapshot.configuration), unused)


def out_of_force(snapshot: Snapshot) -> frozenset[str]:
    """The files that nothing reads. What apachectl(8) reads besides the server's own files is not among them."""
    configuration = value_or_none(snapshot.configuration)
    if configuration is None:
        return frozenset()
    servers = value_or_none(snapshot.web_servers) or ()
    found = {path for server in servers for path in server.unused if not path.endswith("/envvars")}
    found.update(path for path in configuration.by_path if is_sample(path))
    found.update(each.path for each in configuration.secret_files if is_sample(each.path))
    return frozenset(found)


def shipped(snapshot: Snapshot) -> frozenset[str]:
    """The configuration files that are as a package of a repository brought them: on hosts with dpkg, and where a deep
    scan compared those of apk. What was installed from a file is in-house, and may name hosts of the estate.
    """
    packages, changed = value_or_none(snapshot.packages), value_or_none(snapshot.changed_files)
    files = (*(packages.shipped if packages else ()), *(changed.shipped if changed else ()))
    if not files or packages is None:
        return frozenset()
    own = {each.name for each in packages.packages if each.repositories == ()}
    return frozenset(each.path for each in files if each.package not in own)
