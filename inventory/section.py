"""The section: one question to a host, the reader of its answer, and the redaction of it, side by side.

A section lives in one file of :mod:`inventory.sections` and ends with ``SECTION = Section(...)``. The fragment of its
POSIX variant is plain ``sh`` (dash, busybox ash, bash 3, ksh; tools of 2005) and talks through these functions, which
:mod:`inventory.probe.script` puts before it:

``part NAME COMMAND [ARG ...]``
    run a command (or a function of the fragment); its output becomes the part NAME.
``root PART COMMAND [ARG ...]``
    the same for a command that needs root: run directly as uid 0, else through the privilege escalation that the run
    allows; when none is allowed the part is recorded with status 126 and empty. COMMAND is an absolute path with fixed
    arguments, so that ``assess privileges`` can print it.
``parts NAME,NAME,… COMMAND [ARG ...]``
    run one command that says several parts, since a program costs more than what it reads. It prints ``PATH:LINE`` as
    ``grep -H ''`` does; the last component of the path names the part, or else its paths are told (``NAME=PATH|PATH``,
    with ``*`` for anything), and parts come in this order. With ``@`` before a name its lines come without the paths.
``between NAME``
    print what ends a part and begins the part NAME, for the standard input of a command that says both.
``each 'FILE FILE …' COMMAND [ARG ...]``
    run a command with ``/proc/PID/FILE`` of every process behind its arguments, in batches where there are hundreds.
    With one process alone ``grep`` needs ``-H`` and ``ls`` another name beside it.

What a section wants of small files it names in ``files``, not in its fragment, so that one program can read those of
all sections (:mod:`inventory.probe.batched_reads`):

``want NAME,NAME,… FILE [FILE ...]``
    the lines of these files become parts, named as with ``parts``.
``drop REGEX``
    leave out lines that match (``grep -E``): of all files, so it must fit the lines of one table alone.
``want_matching NAME,NAME,… REGEX FILE [FILE ...]``
    of these files only lines that match (``grep -E``).
``want_each NAME,NAME,… 'FILE FILE …'``
    the same of ``/proc/PID/FILE`` of every process.
``listed NAME 'KIND …'``
    the part NAME is the listing of these links of all processes, as ``ls -ln`` prints them: files (exe, cwd, root), or
    directories (fd, ns).
``denied FILE``
    say that a file is there and cannot be read.

``files`` runs in another shell than the fragment, or before or behind it in the same: neither may rest on a variable of
the other.

It also finds ``$BF_UID``, ``$BF_DEPTH`` (quick, standard or deep) and ``$BF_PID`` (the probe's shell), and standard
input is empty. It runs in a shell of its own, so that nothing that it sets reaches another section. (The sections of a
quick look share one, and set what they read.)

What several sections need is read once and said by functions: ``bf_uname`` (system, release, version, machine),
``bf_machine``, ``bf_order`` (1 where the low byte comes first, else 256), ``bf_ticks`` (clock ticks a second),
``bf_stat`` (``/proc/PID/stat`` of every process behind its path), ``bf_family`` (see
:mod:`inventory.formats.procfs.probe_processes`), ``bf_words`` (the arguments of all processes, one a line), and
``bf_mounts_with TEXT`` (lines of /proc/mounts with TEXT in them, which ``$BF_MOUNTS`` holds).

A fragment never opens a connection, never writes, never reads a remote file system, and never forks per process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from inventory.cpu_limit import CpuLimitExceeded, limited
from inventory.depth import Depth
from inventory.formats import line_limit
from inventory.formats.line_limit import with_short_lines
from inventory.formats.unreadable_rows import ParseError as ParseError
from inventory.formats.unreadable_rows import skip_unreadable
from inventory.observation import Absent, Found, Gap, Observation, Unknown
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording

T = TypeVar("T")


class Redact(Protocol):
    """The functions by which a section hides its secrets; see :class:`inventory.privacy.redaction.Redactor`."""

    def within(self, place: bytes) -> Redact:
        """The same for a place (a file, an account): its tokens equal those of the same place alone."""
        ...

    def plain(self) -> Redact:
        """The same with tokens that do not distinguish secrets."""
        ...

    def identifier(self, value: bytes) -> bytes:
        """Replace an id that no one can choose or guess by a token that is the same on every host."""
        ...

    def secret(self, value: bytes) -> bytes:
        """Replace a secret by a token that is equal for equal secrets of the place."""
        ...

    def text(self, content: bytes) -> bytes:
        """Replace every secret that the text of one owner shows (assignments, URLs, arguments, key blocks)."""
        ...

    def lines(self, content: bytes) -> bytes:
        """The same for a text in which each line may be of another owner."""
        ...

    def process(self, arguments: bytes, *environments: bytes) -> list[bytes]:
        """The argument vector and environments of one process without their secrets."""
        ...

    def arguments(self, nul_separated: bytes) -> bytes:
        """Replace secrets in a NUL-separated argument vector."""
        ...

    def environment(self, nul_separated: bytes) -> bytes:
        """Replace secrets in a NUL-separated list of NAME=value."""
        ...


Parse = Callable[[SectionRecording], Observation[T]]
"""From a recording to an observation. Pure: no clock, no connection, no log. Raises ParseError, of a single row only by
the means of :mod:`inventory.formats.unreadable_rows`."""


@dataclass(frozen=True, slots=True)
class Variant(Generic[T]):
    """The question for one platform. ``seconds`` is the watchdog's limit, ``cap`` the most bytes taken from the host.

    The fragment for Windows consists of questions instead of a script
    (:mod:`inventory.probe.windows_shells.questions`). ``redact`` is the redaction of this platform's answers where it
    differs from the section's. ``files`` names small files to read before the fragment runs. ``documents`` names parts
    of which one line may be a whole document, or a vector between NULs (see :mod:`inventory.formats.line_limit`).
    """

    platform: Platform
    fragment: str
    parse: Parse[T]
    seconds: int = 20
    cap: int = 8 * 1024 * 1024
    redact: Callable[[SectionRecording, Redact], SectionRecording] | None = None
    files: str = ""
    documents: frozenset[str] = frozenset()


def redact_lines(recording: SectionRecording, redact: Redact) -> SectionRecording:
    """The usual redaction: parts are tables, of which each line may be of another owner."""
    parts = tuple(replace(part, content=redact.lines(part.content)) for part in recording.parts)
    return replace(recording, parts=parts, errors=redact.lines(recording.errors))


def redact_errors(recording: SectionRecording, redact: Redact) -> SectionRecording:
    """For sections whose parts are tables of the kernel or names of files: no secrets, and they must stay whole."""
    return replace(recording, errors=redact.lines(recording.errors))


def with_plain_words(observation: Observation[T]) -> Observation[T]:
    """``observation`` with reasons that can be written: what a host sent may be quoted in them, whatever its bytes."""
    if not isinstance(observation, Found):
        return replace(observation, reason=_words(observation.reason))
    if not observation.gaps:
        return observation
    return Found(observation.value, tuple(map(_plain, observation.gaps)))


def _plain(gap: Gap) -> Gap:
    return Gap(_words(gap.what), _words(gap.reason))


_LONGEST_WORDS = 1000


def _words(text: str) -> str:
    short = text if len(text) <= _LONGEST_WORDS else f"{text[:_LONGEST_WORDS]}…"
    return short.encode("utf-8", "replace").decode()


_NOT_KEPT = "not-kept"
"""The part that redaction adds where it dropped some of what the host sent."""
_UNFINISHED = "the host's answer ended before this section was complete"


@dataclass(frozen=True, slots=True)
class Section(Generic[T]):
    """One question. ``name`` is also the key in exports, the stem of the file and of the model.

    ``depth`` is the least depth of a scan at which it is asked.
    """

    name: str
    summary: str
    variants: tuple[Variant[T], ...]
    redact: Callable[[SectionRecording, Redact], SectionRecording] = redact_lines
    depth: Depth = Depth.STANDARD

    def variant(self, platform: Platform) -> Variant[T] | None:
        """The variant for ``platform``, or None when the section means nothing there."""
        return next((variant for variant in self.variants if variant.platform == platform), None)

    def redacted(self, recording: SectionRecording, redact: Redact, platform: Platform) -> SectionRecording:
        """``recording`` without its secrets; may raise (CpuLimitExceeded too), and then nothing of it may be stored."""
        variant = self.variant(platform)
        own = variant.redact if variant is not None else None
        recording = with_short_lines(recording, variant.documents if variant is not None else frozenset())
        with skip_unreadable() as odd:
            hidden = limited(own or self.redact, recording, redact)
        if not odd.count:
            return hidden
        # Rows that belong to no file are dropped, and the answer records it.
        words = redact.lines(f"{odd.first} (and {odd.count - 1} more)\n".encode("utf-8", "surrogateescape"))
        return replace(hidden, parts=(*hidden.parts, Part(_NOT_KEPT, words)))

    def observe(self, recording: SectionRecording | None, platform: Platform, missing: str = "") -> Observation[T]:
        """Read a recording. Any fault of it or of the parser becomes Unknown with the reason; nothing is raised."""
        variant = self.variant(platform)
        if variant is None:
            return Unknown(missing or f"{platform} hosts cannot be asked this yet")
        if recording is None:
            return Unknown(missing or "the host did not answer this section")
        if recording.timed_out and not recording.parts:
            return Unknown(f"no answer within {variant.seconds} s")
        if recording.unfinished and not recording.parts:
            return Unknown(_UNFINISHED)
        recording = with_short_lines(recording, variant.documents)
        try:
            with skip_unreadable() as odd:
                observation = limited(variant.parse, recording)
        except (ParseError, CpuLimitExceeded) as error:
            return Unknown(_words(f"the answer could not be read: {error}"))
        except Exception as error:  # a bug in one parser must not cost the other sections of the host
            return Unknown(_words(f"the answer could not be read ({type(error).__name__}: {error})"))
        if odd.count and isinstance(observation, Found) and not observation.value:
            observation = Unknown(f"the answer could not be read: {odd.first}")
        gaps = (*odd.gaps(), *self._cut_short(recording, variant), *line_limit.gaps(recording))
        observation, gaps = with_plain_words(observation), tuple(map(_plain, gaps))
        if isinstance(observation, Found):
            return Found(observation.value, (*observation.gaps, *gaps))
        if isinstance(observation, Absent) and gaps:
            return Unknown(gaps[0].reason)
        return observation

    def _cut_short(self, recording: SectionRecording, variant: Variant[T]) -> Iterator[Gap]:
        """The gap of an answer without an end, or of rows that were dropped."""
        lost = recording.part(_NOT_KEPT)
        if lost is not None:
            yield Gap(
                self.name, f"dropped rows that belong to no file: {lost.content.decode('utf-8', 'replace').strip()}"
            )
        cut = ", ".join(part.name for part in recording.parts if part.truncated)
        if recording.timed_out:
            yield Gap(self.name, f"timed out after {variant.seconds} s")
        if recording.unfinished:
            yield Gap(cut or self.name, _UNFINISHED)
        elif cut:
            yield Gap(cut, f"the host sent more than {variant.cap} bytes")
