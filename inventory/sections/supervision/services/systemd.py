"""Units of systemd, asked in one call, and the files that administrators and users added, which show the origin of each
setting.

Versions before 209 know no patterns and are given the names. A property that is missing from a unit is not set, ``no``
or, of a limit, not limited.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from inventory.formats.grep_lines import file_lines
from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.unreadable_rows import skip_row, unreadable_row
from inventory.model.services import Service, UnitSetting
from inventory.observation import Gap, Origin
from inventory.recording import Part, SectionRecording
from inventory.section import ParseError

_PROPERTIES = (
    "Id,Names,Description,LoadState,ActiveState,SubState,UnitFileState,FragmentPath,SourcePath,DropInPaths,Type,"
    "MainPID,ControlGroup,Slice,Delegate,PIDFile,BusName,User,Group,SupplementaryGroups,DynamicUser,PAMName,"
    "ExecCondition,ExecStartPre,ExecStart,ExecStartPost,ExecReload,ExecStop,ExecStopPost,RemainAfterExit,NotifyAccess,"
    "Environment,EnvironmentFile,EnvironmentFiles,PassEnvironment,WorkingDirectory,RootDirectory,RootImage,"
    "RuntimeDirectory,RuntimeDirectoryMode,RuntimeDirectoryPreserve,StateDirectory,CacheDirectory,LogsDirectory,"
    "ConfigurationDirectory,UMask,LimitNOFILE,LimitNPROC,LimitMEMLOCK,LimitCORE,LimitSTACK,LimitAS,LimitDATA,"
    "LimitFSIZE,LimitRTPRIO,LimitNICE,KillMode,KillSignal,TimeoutStartUSec,TimeoutStopUSec,Restart,RestartUSec,RestartSec,"
    "NRestarts,WatchdogUSec,Nice,CPUSchedulingPolicy,CPUAffinity,IOSchedulingClass,OOMScoreAdjust,NoNewPrivileges,"
    "CapabilityBoundingSet,AmbientCapabilities,SecureBits,PrivateTmp,PrivateDevices,PrivateNetwork,PrivateUsers,"
    "PrivateMounts,PrivateIPC,ProtectSystem,ProtectHome,ProtectKernelTunables,ProtectKernelModules,"
    "ProtectControlGroups,ProtectProc,ReadWritePaths,ReadOnlyPaths,InaccessiblePaths,BindPaths,BindReadOnlyPaths,TemporaryFileSystem,"
    "RestrictAddressFamilies,MemoryDenyWriteExecute,MemoryMax,MemoryLimit,CPUQuotaPerSecUSec,TasksMax,"
    "StandardInput,StandardOutput,StandardError,LoadCredential,Requires,Requisite,BindsTo,PartOf,Wants,"
    "After,Conflicts,RequiresMountsFor,OnFailure,Triggers,TriggeredBy,Unit,Sockets,Listen,ListenStream,"
    "ListenDatagram,Accept,BindIPv6Only,SocketUser,SocketGroup,SocketMode,FileDescriptorName,Paths,TimersCalendar,"
    "TimersMonotonic,Persistent"
)

# The directories are listed by the shell.
FILES = r"""
bf_unit_files() {
  set -- /etc/systemd/system/*.service /etc/systemd/system/*.socket /etc/systemd/system/*.timer \
    /etc/systemd/system/*.path /etc/systemd/user/*.service
  for bf_root in /etc /run /lib /usr/lib /usr/local/lib; do
    [ "$bf_root" = /lib ] && [ -L /lib ] && continue
    set -- "$@" "$bf_root"/systemd/system/*.d/*.conf
  done
  set -- "$@" /root/.config/systemd/user/*.service
  for bf_file in "$@"; do
    shift
    case $bf_file in *:*|*'
'*) continue ;; esac
    [ -f "$bf_file" ] && [ ! -L "$bf_file" ] && [ -s "$bf_file" ] || continue
    if [ -r "$bf_file" ]; then set -- "$@" "$bf_file"; else denied "$bf_file"; fi
  done
  want 'unit-files=/*' "$@"
}
if [ -d /run/systemd/system ] && [ "$BF_DEPTH" != quick ]; then bf_unit_files; fi
"""

FRAGMENT = r"""
bf_init() {
  # before Linux 2.6.33 only the first line of status has the name
  read bf_name </proc/1/comm || read bf_key bf_name </proc/1/status
  echo "name=$bf_name"
  if [ -d /run/systemd/system ]; then echo systemd=yes; fi
  if [ -d /run/openrc ]; then echo openrc=yes; fi
  if [ -x /sbin/initctl ]; then echo upstart=yes; fi
}
bf_show() { systemctl show --all --no-pager --property=@PROPERTIES@ "$@"; }
# What is not set, or is not limited, is left out: it is most of the answer.
bf_set() { sed '/=$/d; /=no$/d; /=\[not set\]$/d; /^Limit[SADF].*=infinity$/d; /^[CMT].*=infinity$/d'; }
bf_units() {
  bf_version=`systemctl --version | sed -n 's/^systemd \([0-9]*\).*/\1/p'`
  if [ "${bf_version:-0}" -ge 209 ]; then
    bf_show '*.service' '*.socket' '*.timer' '*.path'
  else
    bf_units=`systemctl list-units --all --full --no-legend --no-pager |
      sed -n 's/^[^a-zA-Z0-9_.@-]*\([^ ]*[.]service\) .*/\1/p'`
    [ -n "$bf_units" ] && bf_show $bf_units
  fi
}
bf_show_units() { bf_units | bf_set; }
part init bf_init 2>/dev/null
if [ -d /run/systemd/system ]; then
  part units bf_show_units
fi
# Homes on a file server are left alone. Users write below the others: only regular files of one name are read, no link
# is followed, and only lines of a unit are sent, whatever a file is replaced by meanwhile.
bf_homes_are_local() {
  while read bf_device bf_mount bf_type bf_rest; do
    case $bf_mount:$bf_type in
      /home*:nfs*|/home*:cifs|/home*:smb*|/home*:autofs|/home*:afs|/home*:fuse*|/home*:ceph|/home*:9p) return 1 ;;
    esac
  done </proc/mounts
}
bf_home_units() {
  grep -aH '' /dev/null "$@" | awk '
    {
      at = index($0, ":"); path = substr($0, 1, at - 1); text = substr($0, at + 1)
      if (path != last) { last = path; more = 0 }
      if (more || text ~ /^[ \t]*(\[[A-Za-z-]+\][ \t]*$|[A-Za-z][A-Za-z0-9-]*[ \t]*=)/) { print; more = text ~ /\\$/ }
    }'
}
set -- /home/*/.config/systemd/user
if [ -d /run/systemd/system ] && [ "$BF_DEPTH" != quick ] && [ -d "$1" ] && bf_homes_are_local; then
  bf_newline='
'
  bf_names=`find "$@" -maxdepth 1 -path "*[:$bf_newline]*" -prune -o -type f -links 1 -name '*.service' -print \
    2>/dev/null`
  set -f
  IFS=$bf_newline
  set -- $bf_names
  unset IFS
  set +f
  [ $# = 0 ] || part home-units bf_home_units "$@"
fi
""".replace("@PROPERTIES@", _PROPERTIES)

_ASKED = frozenset(_PROPERTIES.split(","))
_PROPERTY = re.compile(r"([A-Za-z][A-Za-z0-9]*)=(.*)", re.DOTALL)
_SETTING = re.compile(r"([A-Za-z][A-Za-z0-9-]*)\s*=\s*(.*)", re.DOTALL)
_USER_UNIT = re.compile(
    r"(?:/etc/systemd|/root/\.config/systemd|/home/(?P<user>[^/]+)/\.config/systemd)/user/(?P<name>[^/]+)\.service"
)
_NOTHING = ("", "[not set]", "n/a", "[no data]")
# Whether a service starts at boot. Others (static, generated, indirect, transient) are started by something else.
_ENABLED = {"enabled": True, "enabled-runtime": True, "disabled": False, "masked": False, "masked-runtime": False}


def parse(recording: SectionRecording) -> tuple[tuple[Service, ...], tuple[Gap, ...]]:
    """The loaded units. A property that is empty is left out; one that repeats (ExecStart) comes once a value."""
    part = recording.part("units")
    if part is None:
        return (), ()
    files = _settings(recording)
    units: list[Service] = []
    for start, block in _blocks(part):
        with skip_row:
            if (unit := _unit(block, start, files)) is not None:
                units.append(unit)
    if units:
        return tuple(units), ()
    return (), (Gap("units", f"systemctl gave none (status {part.status})"),)


def _blocks(part: Part) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """The properties of each unit, which an empty line ends, and the number of its first line.

    An argument may hold newlines, and systemd prints them as they are: up to the brace that ends a command, only a
    property that was asked for is one.
    """
    block: list[tuple[str, str]] = []
    start = empty = 0
    for number, line in enumerate(whole_lines(part), 1):
        text = line.decode("utf-8", "surrogateescape")
        match = _PROPERTY.fullmatch(text)
        within = bool(block) and block[-1][1].startswith("{ ") and not block[-1][1].endswith("}")
        if match is not None and (match[1] in _ASKED or not within):
            if block and empty:
                yield start, block
                block = []
            start, empty = start if block else number, 0
            block.append((match[1], match[2]))
        elif not text:
            empty += 1
        elif within:
            block[-1] = block[-1][0], block[-1][1] + "\n" * (empty + 1) + text
            empty = 0
        else:
            unreadable_row(f"units:{number} is not a property")
    if block:
        yield start, block


def _settings(recording: SectionRecording) -> dict[str, list[UnitSetting]]:
    """The settings of each file that was sent. Lines that end with a backslash continue; comments are left out."""
    files: dict[str, list[UnitSetting]] = {}
    name, value, begin = "", "", 0
    sent = ((part, line) for part in ("unit-files", "home-units") for line in file_lines(recording.part(part)))
    for part, line in sent:
        here = files.setdefault(line.path, [])
        text = line.text.strip()
        if line.line == 1:
            name, value = "", ""
        if not text or text[0] in "#;":
            continue
        if name:
            value = f"{value} {text}"
        elif match := _SETTING.fullmatch(text):
            name, value, begin = match[1], match[2], line.number
        else:
            continue
        if value.endswith("\\"):
            value = value[:-1].rstrip()
            continue
        here.append(UnitSetting(line.path, name, value, Origin("services", part, begin)))
        name = ""
    return files


def user_units(recording: SectionRecording) -> tuple[Service, ...]:
    """Services that users run under their own systemd. The owner of the directory is their ``User``."""
    units: list[Service] = []
    for path, settings in _settings(recording).items():
        match = _USER_UNIT.fullmatch(path)
        if match is None:
            continue
        user = match["user"] or ("root" if path.startswith("/root/") else "")
        values = [("User", user)] if user else []
        values += [(setting.name, setting.value) for setting in settings if setting.value]
        description = next((setting.value for setting in settings if setting.name == "Description"), "")
        origin = settings[0].origin if settings else Origin("services", "unit-files", 1)
        units.append(
            Service(
                name=match["name"],
                manager="systemd",
                path=path,
                description=description,
                state="",
                enabled=None,
                pids=(),
                properties=tuple(values),
                text="",
                origin=origin,
                settings=tuple(settings),
            )
        )
    return tuple(units)


def _unit(block: list[tuple[str, str]], line: int, files: dict[str, list[UnitSetting]]) -> Service | None:
    values = dict(reversed(block))
    if "Id" not in values:
        raise ParseError(f"units:{line} begins a unit without a name")
    if values.get("LoadState") == "not-found":
        return None  # only named by another unit's After=
    pid = values.get("MainPID", "0")
    if not (pid.isascii() and pid.isdigit()):
        raise ParseError(f"units:{line} begins a unit whose MainPID is not a number")
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
        settings=tuple(
            setting
            for path in (values.get("FragmentPath", ""), *values.get("DropInPaths", "").split())
            for setting in files.get(path, ()) or files.get(f"/usr{path}", ())
        ),
    )
