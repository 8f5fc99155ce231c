"""Command-line options that grant a workload more than a plain container has."""

from __future__ import annotations

import functools
import os
import pwd
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click
import cloup

if TYPE_CHECKING:
    from containerize.grants.grant_names import Kind
    from containerize.grants.model import Grant
    from containerize.grants.needs import ContainerNeed
    from containerize.pilot.piloted_workload import Candidate

_P = ParamSpec("_P")
_R = TypeVar("_R")


class _Name(click.ParamType[str]):
    """The name of what is allowed, in its one form."""

    name = "name"

    def __init__(self, kind: Kind) -> None:
        self._kind = kind

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from containerize.grants.grant_names import checked_name

        try:
            return checked_name(self._kind, value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


_GROUP = cloup.option_group(
    "Permissions",
    cloup.option(
        "--allow-device",
        "devices",
        multiple=True,
        type=_Name("device"),
        metavar="PATH",
        help="Let the container use this device of its host; repeatable.",
    ),
    cloup.option(
        "--allow-capability",
        "capabilities",
        multiple=True,
        type=_Name("capability"),
        metavar="NAME",
        help="Add this Linux capability to the engine's defaults; repeatable.",
    ),
    cloup.option(
        "--allow-privilege-gain",
        "privilege_gain",
        is_flag=True,
        help="Let setuid programs and file capabilities in the image raise the privileges of a process.",
    ),
    cloup.option(
        "--allow-network",
        "networks",
        multiple=True,
        type=_Name("network"),
        metavar="ADDRESS:PORT",
        help="Let the copies in a pilot connect to this address and TCP port outside the pilot's network, through this"
        " machine; repeatable.",
    ),
    cloup.option(
        "--allow-logged-paths",
        "logged_paths",
        is_flag=True,
        help="Let a pilot request paths of the access logs from the live server, even if that may change data.",
    ),
    cloup.option(
        "--not-secret",
        "not_secret",
        multiple=True,
        type=_Name("not-secret"),
        metavar="PATH",
        help="Copy this file or directory into the image with the next build although it seems to hold a secret;"
        " repeatable.",
    ),
    cloup.option("--reason", default="", metavar="TEXT", help="Reason for the permission, for the record."),
    cloup.option(
        "--until",
        type=click.DateTime(["%Y-%m-%d"]),
        metavar="DATE",
        help="Last day (UTC) of the permission. [default: 30 days from today]",
    ),
    cloup.option("--withdraw", is_flag=True, help="Withdraw all earlier permissions of these workloads first."),
)


@dataclass(frozen=True)
class RequestedGrants:
    """The grants of a command line. ``withdraw`` ends earlier grants first."""

    grants: tuple[Grant, ...] = ()
    withdraw: bool = False

    @property
    def changes(self) -> bool:
        """Whether it changes what was allowed before."""
        return bool(self.grants) or self.withdraw

    def applied(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Candidates as they would be allowed, without any record."""
        from containerize.commands.pilot_candidates import needs_in
        from containerize.grants.model import allowed, today

        taken = self._assigned(needs_in(candidates))
        found = []
        for each in candidates:
            before = () if self.withdraw else each.allowed.grants
            new = [grant for name, grant in taken if name == each.plan.workload]
            held = {(grant.kind, grant.name): grant for grant in (*before, *new)}
            found.append(replace(each, allowed=allowed(held.values(), today())))
        warn(self.grants)
        return found

    def _assigned(self, needs: Mapping[str, tuple[ContainerNeed, ...]]) -> list[tuple[str, Grant]]:
        from containerize.grants.model import assigned

        try:
            return list(assigned(self.grants, needs))
        except ValueError as error:
            raise click.UsageError(str(error)) from None

    def record(self, folders: Mapping[str, Path], needs: Mapping[str, tuple[ContainerNeed, ...]]) -> None:
        """Keep the grants with the builds of the workloads that they are for, and print what is dangerous in them.

        Raises UsageError when several workloads were named and none needs one of them, and WorkspaceError.
        """
        taken = self._assigned(needs)
        for workload, folder in folders.items():
            self._keep(folder, [grant for name, grant in taken if name == workload])
        warn(self.grants)

    def record_built(self, folder: Path, needs: Sequence[ContainerNeed], *, only: bool) -> None:
        """Keep those grants with a build that it needs, or all of them when it is the only one that was asked for: what
        is dangerous only then, since its host may claim what another needs. Raises WorkspaceError.
        """
        from containerize.grants.grant_names import danger_of

        wanted = {(need.kind, need.name) for need in needs}
        every = ("network", "logged-paths", "not-secret")  # no plan says that it needs one of them
        taken = [each for each in self.grants if only or each.kind in every or (each.kind, each.name) in wanted]
        refused = [] if only else [each for each in taken if danger_of(each.kind, each.name)]
        for each in refused:
            click.echo(f"assess: {each.name} is dangerous, so it was not allowed: build this workload alone", err=True)
        taken = [each for each in taken if each not in refused]
        self._keep(folder, taken)
        warn(taken)

    def not_secret(self, folder: Path) -> tuple[str, ...]:
        """The paths that a person declared harmless for a build, now or before."""
        from containerize.grants.grants_json import load_grants
        from containerize.grants.model import allowed, today

        held = (*(() if self.withdraw else load_grants(folder)), *self.grants)
        return allowed(held, today()).not_secret

    def _keep(self, folder: Path, grants: Sequence[Grant]) -> None:
        from containerize.grants.grants_json import add_grants, load_grants, save_grants

        if self.withdraw and load_grants(folder):
            save_grants(folder, ())
        if grants:
            add_grants(folder, grants)


NOTHING_ASKED = RequestedGrants()


def warn(grants: Iterable[Grant]) -> None:
    """Say on standard error what a dangerous grant means for the machine."""
    from containerize.grants.grant_names import danger_of

    for grant in grants:
        if words := danger_of(grant.kind, grant.name):
            click.echo(f"assess: warning: {words}", err=True)


def grant_options(command: Callable[_P, _R]) -> Callable[..., _R]:
    """Add the options to a command, which gets one argument ``asked`` (:class:`Asked`) for all of them."""

    @functools.wraps(command)
    def wrapped(
        *args: object,
        devices: tuple[str, ...],
        capabilities: tuple[str, ...],
        privilege_gain: bool,
        networks: tuple[str, ...],
        logged_paths: bool,
        not_secret: tuple[str, ...],
        reason: str,
        until: datetime | None,
        withdraw: bool,
        **kwargs: object,
    ) -> _R:
        from containerize.grants.grant_names import LOGGED_PATHS, PRIVILEGE_GAIN
        from containerize.grants.model import DAYS, today

        named: list[tuple[Kind, str]] = [("device", name) for name in devices]
        named += [("capability", name) for name in capabilities]
        named += [("network", name) for name in networks]
        named += [("not-secret", path) for path in not_secret]
        named += [("privilege-gain", PRIVILEGE_GAIN)] if privilege_gain else []
        named += [("logged-paths", LOGGED_PATHS)] if logged_paths else []
        if not named and (reason or until):
            raise click.UsageError("--reason and --until belong to what is allowed, such as --allow-device")
        day = today()
        last = until.date() if until else day + timedelta(days=DAYS)
        if last < day:
            raise click.UsageError(f"--until {last} has passed; nothing would be allowed")
        asked = RequestedGrants(_grants(named, reason, day, last), withdraw)
        return command(*args, asked=asked, **kwargs)  # type: ignore[arg-type]

    return _GROUP(wrapped)


def _grants(named: Iterable[tuple[Kind, str]], reason: str, day: date, last: date) -> tuple[Grant, ...]:
    from containerize.grants.model import Grant

    by = login_name()
    why = "".join(char if char.isprintable() else " " for char in reason).strip()
    return tuple(Grant(kind, name, by, why, day, last) for kind, name in named)


def login_name() -> str:
    """The login name at the terminal, also behind sudo; without a terminal the name of the account, or its number."""
    try:
        return os.getlogin()
    except OSError:
        try:
            return pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            return str(os.getuid())
