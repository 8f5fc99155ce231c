"""Drafts of sites, filled line by line by the readers of web servers' configuration."""

from __future__ import annotations

from dataclasses import dataclass, field

from inventory.model.configuration import ConfigLine
from inventory.model.web_servers import Directive, Site, Upstream
from inventory.products.detection.product_configuration import unique


@dataclass
class SiteDraft:
    """A site in the making, or what is set outside of any."""

    line: ConfigLine | None = None
    names: list[str] = field(default_factory=list)
    listens: list[str] = field(default_factory=list)
    roots: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    certificates: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    directives: list[Directive] = field(default_factory=list)

    def note(self, line: ConfigLine, name: str, value: str) -> None:
        """The line that something was read from."""
        self.directives.append(Directive(name, value, line.path, line.number, line.origin))

    def site(self) -> Site | None:
        """The site; None of a draft that no line began."""
        if self.line is None:
            return None
        return Site(
            unique(self.names),
            unique(self.listens),
            unique(self.roots),
            unique(self.targets),
            unique(self.certificates),
            unique(self.keys),
            self.line.path,
            tuple(self.directives),
            self.line.origin,
        )


@dataclass
class UpstreamDraft:
    """An upstream in the making."""

    name: str
    line: ConfigLine
    servers: list[str] = field(default_factory=list)


@dataclass
class ServerDraft:
    """The configuration of one server as read so far."""

    common: SiteDraft = field(default_factory=SiteDraft)
    sites: list[SiteDraft] = field(default_factory=list)
    upstreams: list[UpstreamDraft] = field(default_factory=list)
    includes: list[str] = field(default_factory=list)
    htaccess: list[str] = field(default_factory=list)

    def begin(self, line: ConfigLine) -> SiteDraft:
        """A new site that ``line`` begins."""
        draft = SiteDraft(line)
        self.sites.append(draft)
        return draft

    def upstream(self, name: str, line: ConfigLine) -> UpstreamDraft:
        """A new upstream that ``line`` begins."""
        draft = UpstreamDraft(name, line)
        self.upstreams.append(draft)
        return draft

    def all_sites(self) -> tuple[Site, ...]:
        """Those that were begun."""
        return tuple(site for draft in self.sites if (site := draft.site()) is not None)

    def all_upstreams(self) -> tuple[Upstream, ...]:
        """Those that were begun."""
        return tuple(
            Upstream(each.name, unique(each.servers), each.line.path, each.line.origin) for each in self.upstreams
        )
