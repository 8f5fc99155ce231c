"""WIN023: workloads with an IIS site whose files are on a share."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.subjects.windows_host import pool_name, sites_of
from inventory.platforms import Platform


@rule("WIN023", scope=Scope.WORKLOAD, needs=("iis",), platform=Platform.WINDOWS)
def iis_directory_on_share(subject: WorkloadSubject) -> RuleAnswer:
    """Files of an IIS site are on a network share.

    Why:
        A container cannot open a share with the credentials of the old server's pool or virtual directory.
    Remedy:
        Put the files into the image if they change only with a release; otherwise mount the share on the container host
        (New-SmbGlobalMapping) or through a storage driver, and bind it.
    Source:
        Attribute physicalPath of virtual directories in applicationHost.config.
    """
    for site in sites_of(subject.host, pool_name(subject.workload)):
        for application in site.applications:
            for below, path in application.directories:
                if path.startswith(("\\\\", "//")):
                    yield Hit(
                        Severity.MAJOR,
                        f"The site {site.name} has files on {path}.",
                        (Evidence(f"{application.path}{below} of {site.name} is {path}", site.origin),),
                        f"Mount {path} on the container host with New-SmbGlobalMapping and bind it, or copy the files"
                        " into the image.",
                    )
