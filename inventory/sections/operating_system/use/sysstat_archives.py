"""Hours of sysstat's archives, as ``sadf -d 3600`` prints them: semicolons between columns that a heading names.

# hostname;interval;timestamp;CPU;%user;%nice;%system;%iowait;%steal;%idle
web01;3600;2026-11-24 02:00:01 UTC;-1;1.20;0.00;0.40;0.10;0.00;98.30
"""

from __future__ import annotations

import re
from calendar import timegm

from inventory.formats.procfs.process_files import whole_lines
from inventory.model.use import Hour
from inventory.observation import Origin
from inventory.recording import SectionRecording

BLOCK = 512
"""sysstat counts blocks of 512 bytes (sar(1), option -b)."""
WEEK = 7 * 24
# Versions before 8 counted in bytes.
_RATES = (
    ("rxkB/s", 1024, "received"),
    ("rxbyt/s", 1, "received"),
    ("txkB/s", 1024, "sent"),
    ("txbyt/s", 1, "sent"),
)
_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?: UTC)?|(\d{9,11})")


def read_hours(recording: SectionRecording) -> tuple[Hour, ...]:
    """The last 168 hours, by time. Lines of restarts and of columns that are not known are passed over."""
    part = recording.part("archives")
    columns: list[str] = []
    hours: dict[float, dict[str, float]] = {}
    origins: dict[float, int] = {}
    for number, line in enumerate(whole_lines(part) if part else (), 1):
        fields = line.decode("utf-8", "replace").split(";")
        if fields[0].startswith("#"):
            columns = [field.strip() for field in fields]
            continue
        if len(fields) != len(columns) or len(fields) < 4 or (end := _seconds(fields[2])) is None:
            continue
        values = {
            name: value for name, text in zip(columns, fields, strict=True) if (value := _number(text)) is not None
        }
        hour = hours.setdefault(end, {})
        origins.setdefault(end, number)
        _add(hour, values, dict(zip(columns, fields, strict=True)))
    return tuple(_hour(end, hours[end], origins[end]) for end in sorted(hours)[-WEEK:] if hours[end])


def _add(hour: dict[str, float], values: dict[str, float], texts: dict[str, str]) -> None:
    """Take over the values of a line. Interfaces come one a line and are added up, without the loopback."""
    if "CPU" in texts:
        if texts["CPU"] in ("-1", "all") and "%idle" in values:
            hour["idle"], hour["iowait"], hour["steal"] = (
                values.get(name, 0.0) for name in ("%idle", "%iowait", "%steal")
            )
    elif "%memused" in values and "kbmemused" in values:
        # Before version 12 "used" contains buffers and page cache, which are free for the asking.
        cache = 0.0 if "kbavail" in values else values.get("kbbuffers", 0.0) + values.get("kbcached", 0.0)
        used = max(0.0, values["kbmemused"] - cache)
        total = values["kbmemused"] + values.get("kbmemfree", 0.0)
        if "kbavail" in values and values["%memused"]:
            total = values["kbmemused"] / values["%memused"] * 100
        hour["used"], hour["used_share"] = used * 1024, used / total if total else 0.0
    elif "IFACE" in texts:
        if texts["IFACE"] != "lo":
            for name, scale, key in _RATES:
                if name in values:
                    hour[key] = hour.get(key, 0.0) + values[name] * scale
    elif "bread/s" in values:
        hour["read"], hour["written"] = values["bread/s"] * BLOCK, values.get("bwrtn/s", 0.0) * BLOCK


def _hour(end: float, known: dict[str, float], line: int) -> Hour:
    def share(name: str) -> float | None:
        return known[name] / 100 if name in known else None

    idle = share("idle")
    return Hour(
        end=end,
        cpu_busy=max(0.0, 1 - idle - (share("iowait") or 0.0)) if idle is not None else None,
        cpu_iowait=share("iowait"),
        cpu_steal=share("steal"),
        memory_used=known.get("used_share"),
        memory_used_bytes=int(known["used"]) if "used" in known else None,
        received_bytes=known.get("received"),
        sent_bytes=known.get("sent"),
        disk_read_bytes=known.get("read"),
        disk_written_bytes=known.get("written"),
        origin=Origin("use", "archives", line),
    )


def _seconds(text: str) -> float | None:
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    if match[7]:
        return float(match[7])
    try:
        return float(timegm((int(match[1]), int(match[2]), int(match[3]), int(match[4]), int(match[5]), int(match[6]))))
    except ValueError:  # no date of the calendar
        return None


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"-?\d{1,15}(?:[.,]\d{1,6})?", text) and "," not in text else None
