"""Services of supervisors and of older init systems: upstart, inetd, xinetd, supervisor, runit, monit, inittab,
rc.local.

All of it is read from files; supervisors are not asked, as their clients open connections. Only upstart's ``initctl``
is, which talks to the first process as ``systemctl`` does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby

from inventory.formats.grep_lines import FileLine, file_lines
from inventory.formats.procfs.process_files import whole_lines
from inventory.model.services import Service
from inventory.observation import Origin
from inventory.recording import Part, SectionRecording

# Packages left jobs of upstart in /etc/init long after it was gone: they count only where its client is. /etc/sv is
# left out: packages put service directories there for a runit that may not be; the links in /etc/service are what runs.
# supervise/pid is of runit (of daemontools it is called status and is binary).
FILES = r"""
bf_entries() {
  set --
  for bf_file in /etc/inetd.conf /etc/inetd.d/* /etc/xinetd.conf /etc/xinetd.d/* /etc/inittab \
    /etc/supervisord.conf /etc/supervisor/supervisord.conf /etc/supervisor/conf.d/* /etc/supervisor.d/* \
    /etc/supervisord.d/* /etc/monitrc /etc/monit/monitrc /etc/monit/conf.d/* /etc/monit/conf-enabled/* /etc/monit.d/* \
    /etc/service/*/run /service/*/run /var/service/*/run /run/service/*/run \
    /etc/service/*/supervise/pid /service/*/supervise/pid /var/service/*/supervise/pid; do
    [ -f "$bf_file" ] || continue
    case $bf_file in *[!A-Za-z0-9_.@+/-]*|*~) continue ;; esac
    # accounts of services may own the directories of runit and daemontools
    case $bf_file in */service/*) [ ! -L "$bf_file" ] || { denied "$bf_file"; continue; } ;; esac
    if [ -r "$bf_file" ]; then set -- "$@" "$bf_file"; else denied "$bf_file"; fi
  done
  if [ -x /sbin/initctl ] && [ ! -d /run/systemd/system ]; then
    for bf_file in /etc/init/*.conf /etc/init/*.override; do
      [ -f "$bf_file" ] || continue
      case $bf_file in *[!A-Za-z0-9_.@+/-]*) continue ;; esac
      if [ -r "$bf_file" ]; then set -- "$@" "$bf_file"; else denied "$bf_file"; fi
    done
  fi
  # systemd has a unit for them; where the bit x is missing, none is run
  if [ ! -d /run/systemd/system ]; then
    for bf_file in /etc/rc.d/rc.local /etc/rc.local /etc/init.d/boot.local /etc/init.d/before.local \
      /etc/init.d/after.local; do
      [ -f "$bf_file" ] || continue
      [ "$bf_file" = /etc/rc.local ] && [ -L /etc/rc.local ] && [ -f /etc/rc.d/rc.local ] && continue
      if [ ! -r "$bf_file" ]; then denied "$bf_file"; elif [ -x "$bf_file" ]; then set -- "$@" "$bf_file"; fi
    done
  fi
  want 'entries=/*' "$@"
}
bf_entries
"""
FRAGMENT = r"""
part links bf_links
part pid-files bf_pid_files
[ -x /sbin/initctl ] && [ ! -d /run/systemd/system ] && part jobs initctl list
"""

_COMMENT = re.compile(rb"/[^:\n]*: *(?:#*;.*|#+ .*|#*)")
"""Nothing, or a remark; an entry that was switched off has no blank behind the sign."""
_JOB = re.compile(
    r"(?P<name>\S+)(?: \((?P<instance>[^)]*)\))? (?P<goal>start|stop)/(?P<state>\w+)(?:, process (?P<pid>\d{1,10}))?"
)
_STANZA = re.compile(r"\s*(?P<key>[a-z-]+)(?:\s++(?P<rest>.*))?")
_INETD = re.compile(
    r"(?:(?P<bind>\S+):)?(?P<port>[^\s:]+)\s+(?P<type>stream|dgram|seqpacket|raw|rdm)\s+(?P<protocol>\S+)\s+"
    r"(?P<wait>wait|nowait)\S*\s+(?P<user>\S+)\s+(?P<program>\S+)(?:\s++(?P<arguments>.*))?"
)
_SWITCHED_OFF = re.compile(r"#\s?(?:<off>#\s*|disabled?:\s*)?(?=\S)")
_ATTRIBUTE = re.compile(r"\s*(?P<name>\w+)\s*(?P<sign>[-+]?=)\s*+(?P<value>.*)")
_CHECK = re.compile(r"\s*check\s+(?P<kind>process|host|program)\s+\"?(?P<name>[^\s\"]++)\"?(?P<rest>.*)", re.IGNORECASE)
_MONIT = re.compile(
    r"\b(?P<key>pidfile|start(?: program)?)\s*+=?\s*+(?:\"(?P<quoted>[^\"]*)\"|(?P<bare>/\S+))", re.IGNORECASE
)
_INITTAB = re.compile(
    r"(?P<id>[^:#\s]*):(?P<levels>[^:]*):(?P<action>respawn|once|askfirst|wait|ondemand):(?P<command>[-@+]?\S.*)"
)
# su(1), with which an entry is run as another user: `su [-] USER [-s SHELL] -c COMMAND`, options in any order
_BECOME = re.compile(
    r"(?:\S*/)?su(?:\s+-[lmp]*)*(?:\s+-s\s+\S+)*\s+(?P<user>[a-z_][\w.-]*)(?:\s+-s\s+\S+)*\s+-c\s+"
    r"(?P<quote>['\"]?)(?:exec\s+)?(?P<command>\S.*?)(?P=quote)"
)
_STARTER = re.compile(r"(?:nohup|exec|setsid|nice(?:\s+-n?\s*-?\d+)?)\s+")
_REDIRECTED = re.compile(r"\s(?:[0-9]?>|<|&).*")
"""The text after the command: redirections of its output, and the mark not to wait for it."""
_CONSOLE = re.compile(r"(?:\S*/)?(?:(?:m|min|a|fb|ui)?getty|sulogin|login|sh|ash|bash|rc|rcS|openrc)\b")
_RUN = re.compile(r"/(?:etc/service|service|var/service|run/service)/(?P<name>[^/]+)/run")

Lines = list[FileLine]


def without_comments(part: Part) -> Part:
    """The lines that are retained of the part ``entries``."""
    lines = [line for line in part.content.split(b"\n") if not _COMMENT.fullmatch(line)]
    return replace(part, content=b"\n".join(lines))


def parse(recording: SectionRecording) -> tuple[Service, ...]:
    """The entries of all files in their order. What cannot be read as an entry is left out, as its manager does."""
    files = [
        (path, list(group)) for path, group in groupby(file_lines(recording.part("entries")), key=lambda x: x.path)
    ]
    pids = {path: lines[0].text.strip() for path, lines in files if path.endswith("/supervise/pid")}
    jobs = _jobs(recording)
    overridden = {path: lines for path, lines in files if path.endswith(".override")}
    found: list[Service] = []
    for path, lines in files:
        if path.startswith("/etc/init/") and path.endswith(".conf"):
            found.append(_upstart(path, lines, overridden.get(path.removesuffix("conf") + "override", []), jobs))
        elif match := _RUN.fullmatch(path):
            found.append(_runit(path, lines, match, pids))
        else:
            reader = next((reader for start, reader in _READERS if path.startswith(start)), None)
            found += reader(lines) if reader else ()
    return tuple(found)


def _service(
    manager: str,
    name: str,
    lines: Lines,
    *,
    enabled: bool | None,
    settings: list[tuple[str, str]],
    description: str = "",
    state: str = "",
    pids: tuple[int, ...] = (),
) -> Service:
    return Service(
        name=name,
        manager=manager,
        path=lines[0].path,
        description=description,
        state=state,
        enabled=enabled,
        pids=pids,
        properties=tuple((key, value) for key, value in settings if value),
        text="\n".join(line.text for line in lines),
        origin=Origin("services", "entries", lines[0].number),
    )


def _inetd(lines: Lines) -> Iterator[Service]:
    """inetd.conf(5). A line that update-inetd or an administrator commented out is an entry that is disabled."""
    for line in lines:
        off = _SWITCHED_OFF.match(line.text)
        match = _INETD.fullmatch(line.text[off.end() :] if off else line.text.strip())
        if match is None:
            continue
        user, _, group = match["user"].partition("." if "." in match["user"] else ":")
        words = (match["arguments"] or "").split()
        program = match["program"]
        # tcpd gets the real program by its name; without a directory it is searched for next to tcpd
        command = " ".join(words) if program.endswith("/tcpd") and words else " ".join([program, *words[1:]])
        name = match["port"].rpartition("/")[2]
        yield _service(
            "inetd",
            name,
            [line],
            enabled=off is None,
            settings=[
                ("Port", match["port"]),
                ("Protocol", match["protocol"]),
                ("Bind", match["bind"] or ""),
                ("Wait", "yes" if match["wait"] == "wait" else "no"),
                ("User", user),
                ("Group", group),
                ("Command", command),
                ("Type", "internal" if program == "internal" else ""),
            ],
        )


def _xinetd(lines: Lines) -> Iterator[Service]:
    """xinetd.conf(5): blocks ``service NAME { key = value }``. Without ``disable = yes`` a service is on."""
    block: Lines = []
    name = ""
    for line in lines:
        text = line.text.strip()
        if match := re.fullmatch(r"service\s+(\S+?)\s*\{?", text):
            name, block = match[1], []
        if not name or text.startswith("#"):
            continue
        block.append(line)
        if text == "}":
            values: dict[str, str] = {}
            for inner in block:
                if attribute := _ATTRIBUTE.fullmatch(inner.text.rstrip()):
                    values[attribute["name"]] = attribute["value"]
            server = " ".join(word for word in (values.get("server", ""), values.get("server_args", "")) if word)
            yield _service(
                "xinetd",
                name,
                block,
                enabled=values.get("disable", "no").lower() != "yes",
                settings=[
                    *((key, values.get(word, "")) for key, word in _XINETD.items()),
                    ("Port", values.get("port", name)),
                    ("Bind", values.get("bind", values.get("interface", ""))),
                    ("Protocol", values.get("protocol", "udp" if values.get("socket_type") == "dgram" else "tcp")),
                    ("Command", server),
                    ("Type", "internal" if "INTERNAL" in values.get("type", "").upper() else ""),
                ],
            )
            name = ""


def _supervisor(lines: Lines) -> Iterator[Service]:
    """An ini file of supervisor: ``[program:NAME]`` with its settings; a value continues in indented lines."""
    blocks: list[Lines] = []
    for line in lines:
        if line.text.startswith("["):
            blocks.append([])
        if blocks:
            blocks[-1].append(line)
    for block in blocks:
        head = re.match(r"\[(?:program|fcgi-program|eventlistener):([^\]]+)\]", block[0].text)
        if head is None:
            continue
        values: dict[str, str] = {}
        key = ""
        for line in block[1:]:
            text = re.sub(r"(?:^|(?<!\s)\s++);.*", "", line.text)
            if text[:1].isspace() and key and text.strip():
                values[key] += " " + text.strip()
            elif match := re.fullmatch(r"([A-Za-z_]+)\s*[=:]\s*+(.*)", text.rstrip()):
                key = match[1].lower()
                values[key] = match[2]
        yield _service(
            "supervisor",
            head[1].strip(),
            block,
            enabled=values.get("autostart", "true").strip().lower() not in ("false", "off", "no", "0"),
            settings=[
                ("Command", values.get("command", "")),
                ("User", values.get("user", "")),
                ("WorkingDirectory", values.get("directory", "")),
                ("Environment", values.get("environment", "")),
                ("KillSignal", values.get("stopsignal", "")),
                ("Restart", values.get("autorestart", "")),
                ("Instances", values.get("numprocs", "")),
                ("UMask", values.get("umask", "")),
            ],
        )


def _monit(lines: Lines) -> Iterator[Service]:
    """monitrc: ``check process NAME with pidfile F``, ``start program = "…"``. Checks of hosts start nothing."""
    blocks: list[Lines] = []
    for line in lines:
        if line.text.lstrip().startswith("#"):
            continue
        if re.match(r"\s*(?:check|set|include)\b", line.text, re.IGNORECASE):
            blocks.append([])
        if blocks:
            blocks[-1].append(line)
    for block in blocks:
        check = _CHECK.fullmatch(block[0].text)
        if check is None or check["kind"].lower() != "process":
            continue
        values: dict[str, str] = {}
        for match in _MONIT.finditer("\n".join(line.text for line in block)):
            values.setdefault(match["key"].split()[0].lower(), match["quoted"] or match["bare"] or "")
        settings = [("PIDFile", values.get("pidfile", "")), ("Command", values.get("start", ""))]
        yield _service("monit", check["name"], block, enabled=True, settings=settings)


def _inittab(lines: Lines) -> Iterator[Service]:
    """inittab(5), also of busybox, whose first field is a terminal. Consoles and the boot itself are no services."""
    for line in lines:
        match = _INITTAB.fullmatch(line.text.strip())
        if match is None or match["action"] in ("wait", "askfirst"):
            continue
        command = match["command"].lstrip("-@+")
        if not command.strip() or _CONSOLE.match(command):
            continue
        become = _BECOME.fullmatch(command)
        command = become["command"] if become else command
        program = command.split()[0].rpartition("/")[2]
        settings = [
            ("Command", command),
            ("User", become["user"] if become else ""),
            ("Restart", "always" if match["action"] == "respawn" else ""),
        ]
        yield _service("inittab", program or match["id"], [line], enabled=True, settings=settings)


def _at_boot(lines: Lines) -> Iterator[Service]:
    """rc.local and SUSE's boot.local: a service for each line that runs a program by its path, or as another user.

    The lines are code of a shell, which is not followed: conditions around them and variables within stay unread.
    """
    for line in lines:
        command = _REDIRECTED.sub("", line.text.strip().lstrip("(")).rstrip(" );")
        starter = _STARTER.match(command)
        command = command[starter.end() :] if starter else command
        become = _BECOME.fullmatch(command)
        command = (become["command"] if become else command).strip()
        program = command.split()[0] if command else ""
        if become is None and not program.startswith("/"):
            continue
        settings = [("Command", command), ("User", become["user"] if become else "")]
        yield _service("rc.local", program.rpartition("/")[2], [line], enabled=True, settings=settings)


def _runit(path: str, lines: Lines, match: re.Match[str], pids: dict[str, str]) -> Service:
    """A service directory of runit, daemontools or s6: its run script, and the pid that runit keeps."""
    code = [line.text.strip() for line in lines]
    command = next((text.removeprefix("exec ") for text in reversed(code) if text.startswith("exec ")), "")
    pid = pids.get(path.removesuffix("run") + "supervise/pid", "")
    number = int(pid) if re.fullmatch(r"\d{1,10}", pid) else 0
    user = re.search(r"(?:chpst|setuidgid|s6-setuidgid)\s+(?:-u\s*)?:?([A-Za-z_][\w-]*)", command)
    return _service(
        "runit",
        match["name"],
        lines,
        enabled=True,
        settings=[("Command", command), ("User", user[1] if user else "")],
        state="active" if number else "",
        pids=(number,) if number else (),
    )


def _upstart(path: str, lines: Lines, override: Lines, jobs: dict[str, tuple[str, tuple[int, ...]]]) -> Service:
    """init(5) of upstart: stanzas, one a line; ``script … end script`` holds code."""
    name = path.rpartition("/")[2].removesuffix(".conf")
    settings: list[tuple[str, str]] = []
    starts, description, inside = False, "", ""
    for line in (*lines, *override):
        if inside:
            inside = "" if re.fullmatch(r"\s*end\s+script\s*", line.text) else inside
            command = re.fullmatch(r"exec\s++(.+)", line.text.strip()) if inside == "script" else None
            if command:
                settings.append(("Command", command[1]))
            continue
        match = _STANZA.fullmatch(line.text)
        if match is None:
            continue
        key, rest = match["key"], (match["rest"] or "").strip()
        if key == "script" or rest == "script":
            inside = key
        elif key == "start" and rest.startswith("on"):
            starts = True
        elif key == "manual":
            starts = False
        elif key == "description":
            description = rest.strip("\"'")
        elif key == "kill" and rest.startswith("signal"):
            settings.append(("KillSignal", rest.partition(" ")[2].strip()))
        elif key == "limit" and len(words := rest.split()) == 3:
            settings.append((f"Limit{words[0].upper()}", f"{words[1]}:{words[2]}"))
        elif key in _UPSTART:
            settings.append((_UPSTART[key], rest or "yes"))
    state, pids = jobs.get(name, ("", ()))
    return _service(
        "upstart", name, lines, enabled=starts, settings=settings, description=description, state=state, pids=pids
    )


_XINETD = {"Wait": "wait", "User": "user", "Group": "group", "Environment": "env", "Redirect": "redirect"}
_UPSTART = {
    "exec": "Command",
    "setuid": "User",
    "setgid": "Group",
    "chdir": "WorkingDirectory",
    "chroot": "RootDirectory",
    "env": "Environment",
    "respawn": "Restart",
    "expect": "Type",
    "umask": "UMask",
    "nice": "Nice",
    "instance": "Instances",
}


def _jobs(recording: SectionRecording) -> dict[str, tuple[str, tuple[int, ...]]]:
    """State and processes of each job by ``initctl list``; a job with instances has a line for each."""
    part = recording.part("jobs")
    jobs: dict[str, tuple[str, tuple[int, ...]]] = {}
    for line in whole_lines(part) if part else ():
        match = _JOB.fullmatch(line.decode("utf-8", "surrogateescape").strip())
        if match is None:
            continue  # "pre-start process 12" and the like are on separate lines
        running = match["goal"] == "start" and match["state"] == "running"
        state, pids = jobs.get(match["name"], ("inactive", ()))
        jobs[match["name"]] = (
            "active" if running else state,
            (*pids, int(match["pid"])) if match["pid"] and int(match["pid"]) else pids,
        )
    return jobs


_READERS: tuple[tuple[str, Callable[[Lines], Iterator[Service]]], ...] = (
    ("/etc/inetd", _inetd),
    ("/etc/xinetd", _xinetd),
    ("/etc/supervisor", _supervisor),
    ("/etc/monit", _monit),
    ("/etc/inittab", _inittab),
    ("/etc/rc.", _at_boot),
    ("/etc/init.d/", _at_boot),
)
