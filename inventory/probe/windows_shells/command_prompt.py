"""The probe as command lines for cmd.exe, where there is no PowerShell (Server 2003 and 2008, Wine).

Each is one ``cmd.exe /c`` with as many sections as a command line holds: no standard input, so programs that read it
cannot eat our questions, and nothing but a command line is asked of the connection. Answers of programs come in the
code page of the console, which the first line asks for.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from inventory.probe.windows_shells.questions import WindowsQuestion, questions, wmi_question

LONGEST = 7900
"""Characters of a command line; cmd.exe takes 8191 (Microsoft's "Command prompt line string limitation")."""

CODE_PAGE = "windows_code_page"
"""The code page in which the rest is to be read, sent like a section."""

# /d: nothing of AutoRun; /v:on: !ERRORLEVEL! is that of the moment, where %ERRORLEVEL% is that of the whole line;
# /s: the outer quotes go and all within them stays.
_PROGRAM = "cmd.exe /q /d /e:on /v:on /s /c "
_BEGIN = f'{_PROGRAM}"'
# Only administrators may read the hive of the local service.
_HELLO = "reg query HKU\\S-1-5-19 >nul 2>nul&&(echo.&echo {n} hello 0 0)||(echo.&echo {n} hello 1 0)"


def compose(sections: Iterable[tuple[str, str]], nonce: str) -> tuple[str, ...]:
    """The command lines that ask ``sections`` (name and fragment), in order. Raises ValueError when one is too long."""
    pieces = [_HELLO.format(n=nonce), _section(CODE_PAGE, "run chcp chcp", nonce)]
    pieces += [_section(name, fragment, nonce) for name, fragment in sections]
    pieces.append(f"echo.&echo {nonce} bye")
    lines: list[str] = []
    line = ""
    for piece in pieces:
        if len(_BEGIN) + len(piece) + 1 > LONGEST:
            raise ValueError(f"a section needs {len(piece)} characters for cmd.exe")
        if line and len(_BEGIN) + len(line) + 1 + len(piece) + 1 > LONGEST:
            lines.append(f'{_BEGIN}{line}"')
            line = ""
        line = f"{line}&{piece}" if line else piece
    return (*lines, f'{_BEGIN}{line}"')


def for_posix_shell(line: str) -> str:
    """A command line of :func:`compose` for a POSIX shell on Windows.

    Cygwin and MSYS assemble the arguments of a program anew, with quotes that cmd.exe does not know. So the line goes
    in a variable, which cmd.exe expands before it reads the line. MSYS would also take ``/c`` for a path unless this is
    switched off.
    """
    words = line.removeprefix(_BEGIN).removesuffix('"')
    return f"MSYS_NO_PATHCONV=1 MSYS2_ARG_CONV_EXCL='*' MSYS2_ENV_CONV_EXCL='*' BF={shlex.quote(words)} {_PROGRAM}%BF%"


def _section(name: str, fragment: str, nonce: str) -> str:
    asked = [_asked(question, nonce) for question in questions(fragment) if question.kind != "ps"]
    return "&".join([f"echo.&echo {nonce} begin {name}", *asked, f"echo.&echo {nonce} end&echo {nonce} over no"])


def _asked(question: WindowsQuestion, nonce: str) -> str:
    match question.kind:
        case "wmi":
            wmi = wmi_question(question.words)
            where = f' where "{wmi.where}"' if wmi.where else ""
            return _part(question.part, f"wmic path {wmi.cls}{where} get {','.join(wmi.names)} /value", nonce)
        case "reg":
            return _part(question.part, f"reg query {question.words}", nonce)
        case "or":
            # In parentheses as a whole: what follows would else belong to the condition.
            return f"(if !ERRORLEVEL! neq 0 ({_part(question.part, question.words, nonce)}))"
        case _:
            return _part(question.part, question.words, nonce)


def _part(name: str, command: str, nonce: str) -> str:
    return f"echo.&echo {nonce} part {name}&{command} <nul 2>nul&echo.&echo {nonce} done !ERRORLEVEL!"
