"""Units of systemd, asked in one call. Versions before 209 know no patterns and are given the names."""

from __future__ import annotations

import re

from inventory.model.services import Service
from inventory.observation import Gap, Origin
from inventory.procfs.records import whole_lines
from inventory.recording import SectionRecording
from inventory.section import ParseError

_PROPERTIES = """
    Id Names Description LoadState ActiveState SubState UnitFileState FragmentPath SourcePath DropInPaths Type
    MainPID ControlGroup PIDFile User Group SupplementaryGroups DynamicUser ExecStartPre ExecStart ExecStartPost
    ExecStop Environment EnvironmentFile EnvironmentFiles PassEnvironment WorkingDirectory RootDirectory
    RuntimeDirectory RuntimeDirectoryMode StateDirectory CacheDirectory LogsDirectory ConfigurationDirectory
    UMask LimitNOFILE LimitNPROC LimitMEMLOCK LimitCORE KillMode KillSignal TimeoutStopUSec Restart Nice
    OOMScoreAdjust NoNewPrivileges PrivateTmp AmbientCapabilities Requires Wants After Triggers TriggeredBy Unit
    Listen ListenStream ListenDatagram Accept TimersCalendar TimersMonotonic
"""

FRAGMENT = r"""
bf_init() {
  read bf_name </proc/1/comm
  echo "name=$bf_name"
  if [ -d /run/systemd/system ]; then echo systemd=yes; fi
}
bf_show() { systemctl show --all --no-pager --property=@PROPERTIES@ "$@"; }
bf_units() {
  bf_version=`systemctl --version | sed -n 's/^systemd \([0-9]*\).*/\1/p'`
  if [ "${bf_version:-0}" -ge 209 ]; then
    bf_show '*.service' '*.socket' '*.timer'
  else
    bf_units=`systemctl list-units --all --full --no-legend --no-pager |
      sed -n 's/^[^a-zA-Z0-9_.@-]*\([^ ]*[.]service\) .*/\1/p'`
    [ -n "$bf_units" ] && bf_show $bf_units
  fi
}
part init bf_init 2>/dev/null
[ -d /run/systemd/system ] && part units bf_units
""".replace("@PROPERTIES@", ",".join(_PROPERTIES.split()))

_PROPERTY = re.compile(r"([A-Za-z][A-Za-z0-9]*)=(.*)", re.DOTALL)
_NOTHING = ("", "[not set]", "n/a", "[no data]")
# Whether a service starts at boot. Others (static, generated, indirect, transient) are started by something else.
_ENABLED = {"enabled": True, "enabled-runtime": True, "disabled": False, "masked": False, "masked-runtime": False}


def parse(recording: SectionRecording) -> tuple[tuple[Service, ...], tuple[Gap, ...]]:
    """The loaded units. A property that is empty is left out; one that repeats (ExecStart) comes once a value."""
    part = recording.part("units")
    if part is None:
        return (), ()
    units: list[Service] = []
    block: list[tuple[str, str]] = []
    start = 1
    for number, line in enumerate([*whole_lines(part), b""], 1):
        text = line.decode("utf-8", "surrogateescape")
        if not text:
            if block and (unit := _unit(block, start)) is not None:
                units.append(unit)
            block, start = [], number + 1
            continue
        match = _PROPERTY.fullmatch(text)
        if match is None:
            raise ParseError(f"units:{number} is no property")
        block.append((match[1], match[2]))
    if units:
        return tuple(units), ()
    return (), (Gap("units", f"systemctl gave none (status {part.status})"),)


def _unit(block: list[tuple[str, str]], line: int) -> Service | None:
    values = dict(reversed(block))
    if "Id" not in values:
        raise ParseError(f"units:{line} begins a unit without a name")
    if values.get("LoadState") == "not-found":
        return None  # only named by another unit's After=
    pid = values.get("MainPID", "0")
    if not (pid.isascii() and pid.isdigit()):
        raise ParseError(f"units:{line} begins a unit whose MainPID is no number")
    return Service(
        name=values["Id"].removesuffix(".service"),
        manager="systemd",
        path=values.get("FragmentPath", ""),
        description=values.get("Description", ""),
        state=values.get("ActiveState", ""),
        enabled=_ENABLED.get(values.get("UnitFileState", "")),
        pids=(int(pid),) if int(pid) else (),
        properties=tuple((name, value) for name, value in block if value not in _NOTHING),
        text="",
        origin=Origin("services", "units", line),
    )
