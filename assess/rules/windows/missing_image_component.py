"""WIN035: installed programs or data sources that base images lack."""

from __future__ import annotations

from assess.knowledge.windows_catalogue import WindowsComponent
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from assess.subjects.windows_host import listed, settings
from assess.subjects.windows_images import components_of
from inventory.platforms import Platform

_MOST = 20


@rule(
    "WIN035",
    scope=Scope.HOST,
    needs=("packages", "windows_settings"),
    platform=Platform.WINDOWS,
    aliases=("part-that-images-lack",),
)
def missing_image_component(subject: HostSubject) -> RuleAnswer:
    r"""Programs or data sources are installed that base images lack.

    Why:
        Base images have one font and no Office, media components, database drivers or runtimes from setup programs. The
        scan does not show which program needs them; a program that lacks one often fails only at run time.
    Remedy:
        Install what the service needs in the image, unattended (/quiet, /qn) and with the right bitness; for fonts, use
        the full Windows image, or copy them to C:\Windows\Fonts and register them.
    Source:
        List of installed programs (data: windows_components.toml); system ODBC data sources in the registry.
    """
    host = subject.host
    by_name: dict[str, tuple[WindowsComponent, list[Evidence]]] = {}
    for component, evidence in components_of(host):
        by_name.setdefault(component.name, (component, []))[1].append(evidence)
    for component, evidences in by_name.values():
        yield Hit(
            component.severity,
            f"{host.name} has {component.name}, which base images lack.",
            tuple(evidences[:_MOST]),
            component.instead,
        )
    sources = list(settings(host, "odbc", "odbc-wow64"))
    if sources:
        yield Hit(
            Severity.MINOR,
            f"{host.name} has ODBC data sources: {listed(each.name for each in sources)}.",
            tuple(
                Evidence(
                    f"{'32-bit ' if each.topic == 'odbc-wow64' else ''}data source {each.name} ({each.value})",
                    each.origin,
                )
                for each in sources[:_MOST]
            ),
            "Install the drivers in the image and create the sources there (Add-OdbcDsn -DsnType System).",
        )
