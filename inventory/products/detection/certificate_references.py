"""The lines of configuration that name the file of a certificate."""

from __future__ import annotations

import re
from collections.abc import Iterable

from inventory.model.certificates import Certificate, CertificateUse
from inventory.model.configuration import ConfigLine
from inventory.model.web_servers import WebServer
from inventory.products.detection.product_configuration import unique

_PATH = re.compile(r"/[^\s\"'<>;,|)(]+")


def certificate_uses(
    certificates: Iterable[Certificate], lines: Iterable[ConfigLine], servers: Iterable[WebServer] = ()
) -> tuple[CertificateUse, ...]:
    """One for each line and certificate. A relative path of a web server begins in the directory of its main file, or
    in that of its configuration. A line that names the directory of a certificate, but no file in it, names it too
    (HAProxy's ``crt /etc/haproxy/certs/``), unless that is a directory of all the host's certificates.
    """
    by_path: dict[str, list[Certificate]] = {}
    by_folder: dict[str, list[Certificate]] = {}
    for certificate in certificates:
        by_path.setdefault(certificate.path, []).append(certificate)
        folder = certificate.path.rpartition("/")[0]
        if re.search(r"cert|tls|ssl", folder.rpartition("/")[2]) and not folder.startswith(("/etc/ssl", "/etc/pki")):
            by_folder.setdefault(folder, []).append(certificate)
    found: dict[tuple[str, int, str, int], CertificateUse] = {}
    for line in lines:
        for match in _PATH.finditer(line.text):
            path = match[0].rstrip("/.")
            for each in by_path.get(path) or by_folder.get(path) or ():
                key = (line.path, line.number, each.path, each.index)
                found.setdefault(key, CertificateUse(each, line.path, line.number, line.origin))
    for server in servers:
        folders = unique([*(path.rpartition("/")[0] for path in server.files[:1]), server.root])
        for setting in (*server.directives, *(each for site in server.sites for each in site.directives)):
            if "certificate" not in setting.name.lower() or setting.value.startswith("/"):
                continue
            for each in (each for folder in folders for each in by_path.get(f"{folder}/{setting.value}", ())):
                key = (setting.path, setting.number, each.path, each.index)
                found.setdefault(key, CertificateUse(each, setting.path, setting.number, setting.origin))
    return tuple(found.values())
