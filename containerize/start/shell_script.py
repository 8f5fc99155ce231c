"""A shell script read as far as its text alone decides: assignments, sourced files, plain tests and calls.

What depends on something else becomes a value that cannot be known, and so does all that is made of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from containerize.start.shell_expansion import Piece, Token, Word, expanded, joined, literal, tokens

_OPENING = frozenset({"if", "while", "until", "for", "case", "select"})
_CLOSING = frozenset({"fi", "done", "esac"})
_SEPARATORS = frozenset({";", "\n", "&", "|", "&&", "||", "(", ")", ";;"})
_DECLARING = frozenset({"export", "local", "readonly", "declare", "typeset"})
_OTHER_VERBS = ("stop", "reload", "restart", "status", "rotate", "kill", "usage", "help")
INIT_PATH = "/sbin:/usr/sbin:/bin:/usr/bin"
"""PATH of an init script that sets none (service(8))."""

_DEEPEST = 4
_DEEPEST_BLOCK = 50
_MOST_COMMANDS = 20_000
_MOST_WORDS = 1000
"""Words of one command."""
_MOST_TEXT = 1 << 20
"""Characters of all files, a file that is sourced twice counted twice."""
_MOST_EXPANDED = 1 << 20
"""Characters of the words of all commands."""


@dataclass(frozen=True)
class Call:
    """A command that the script runs. ``words`` has None for a word that cannot be known; ``certain`` says whether
    it is surely run at the start.
    """

    words: tuple[str | None, ...]
    certain: bool
    background: bool = False


@dataclass
class ShellScript:
    """The state at the end of a script. ``variables`` has None for values that cannot be known. ``complete`` is False
    where reading it ended early, so that the state says nothing.
    """

    variables: dict[str, str | None] = field(default_factory=dict, repr=False)
    exported: set[str] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list, repr=False)
    unread: list[str] = field(default_factory=list)
    """Files that it sources and that are not known; "" for one whose path cannot be known."""
    complete: bool = True

    def value(self, name: str) -> str:
        """A variable's value, "" where it is not set or cannot be known."""
        return self.variables.get(name) or ""


def read_script(text: str, files: Mapping[str, str], exists: Callable[[str], bool], path: str) -> ShellScript:
    """Read a script that is called with ``start``. ``files`` are the texts that it may source."""
    script = ShellScript({"0": path, "1": "start", "@": "start", "*": "start", "#": "1", "PATH": INIT_PATH})
    script.variables |= dict.fromkeys("?$!")
    try:
        _Reader(script, files, exists).read(text, 0)
    except _TooLongError:
        script.complete = False
    return script


class _TooLongError(Exception):
    """A script becomes more than any script of people does."""


@dataclass
class _Block:
    """A compound command. ``taken`` says whether the present branch runs: None where that cannot be known."""

    kind: str
    taken: bool | None
    done: bool | None = False
    """Whether an earlier branch ran."""
    subject: str | None = None


class _Reader:
    def __init__(self, script: ShellScript, files: Mapping[str, str], exists: Callable[[str], bool]) -> None:
        self.script, self.files, self.exists = script, files, exists
        self.commands = self.nested = 0
        self.text_left = _MOST_TEXT
        self.expanded_left = _MOST_EXPANDED
        self.exporting = False

    def read(self, text: str, depth: int) -> None:
        """Run through one file."""
        self.text_left -= len(text)
        if self.text_left < 0:
            raise _TooLongError
        blocks: list[_Block] = []
        condition: bool | None = True  # of the command before && or ||
        chain = ""
        command: list[Word] = []
        for item in (*tokens(text), "\n"):
            if not (isinstance(item, str) and item in _SEPARATORS):
                if not isinstance(item, str):
                    command.append(item)
                continue
            if blocks and blocks[-1].kind == "pattern":
                self._pattern(blocks, command, item)
                if item == ")":
                    command = []
                continue
            if item == "(" and len(command) == 1 and literal(command[0]):
                blocks.append(_Block("name", True, subject=literal(command[0])))
                command = []
                continue
            if item == ")" and blocks and blocks[-1].kind == "name":
                blocks[-1].kind = "function"
                continue
            if not command and item == "\n" and chain:
                continue  # a line may end behind && and ||
            if command:
                self.commands += 1
                if self.commands > _MOST_COMMANDS or len(blocks) > _DEEPEST_BLOCK:
                    return
                if len(command) > _MOST_WORDS:
                    raise _TooLongError
                reached = condition if chain == "&&" else (_negated(condition) if chain == "||" else True)
                result = self._command(command, blocks, reached, item, depth)
                condition = result if reached else condition
                command = []
            if item in ("&&", "||"):
                chain = item
            elif item in (";", "\n", ";;", "&"):
                chain, condition = "", True
            if item == ";;" and blocks and blocks[-1].kind == "case":
                blocks[-1].kind = "pattern"

    def _pattern(self, blocks: list[_Block], command: list[Word], item: str) -> None:
        """Between the branches of a case."""
        block = blocks[-1]
        if item == "\n" or (command and literal(command[-1]) == "esac"):
            if command and literal(command[-1]) == "esac":
                blocks.pop()
            command.clear()
            return
        if item != ")":
            return
        words = [literal(word) for word in command]
        names = [word for word in words if word not in ("", "in", "|")]
        if block.subject is None:
            block.taken = None
        else:
            matches = block.subject in names or ("*" in names and block.done is False)
            block.taken = matches and block.done is False
            block.done = block.done or matches
        block.kind = "case"

    def _taken(self, blocks: list[_Block]) -> bool | None:
        taken: bool | None = True
        for block in blocks:
            if block.taken is False:
                return False
            if block.taken is None:
                taken = None
        return taken

    def _command(
        self, words: list[Word], blocks: list[_Block], reached: bool | None, end: str, depth: int
    ) -> bool | None:
        """Run one simple command; return whether it succeeds, None where that cannot be known."""
        self.nested += 1
        if self.nested > _DEEPEST_BLOCK:
            raise _TooLongError
        result = self._behind_keywords(words, blocks, reached, end, depth)
        self.nested -= 1
        return result

    def _behind_keywords(
        self, words: list[Word], blocks: list[_Block], reached: bool | None, end: str, depth: int
    ) -> bool | None:
        while words:
            name = literal(words[0])
            if name in ("then", "do", "time"):
                words = words[1:]
            elif name == "!":
                return _negated(self._inner(words[1:], blocks, reached, end, depth))
            elif name == "{":
                words = words[1:]
                if blocks and blocks[-1].kind == "function":
                    called = not any(verb in (blocks[-1].subject or "") for verb in _OTHER_VERBS)
                    blocks[-1] = _Block("{", called, subject=blocks[-1].subject)
                else:
                    blocks.append(_Block("{", reached))
            elif name == "}":
                if blocks and blocks[-1].kind == "{":
                    blocks.pop()
                words = words[1:]
            elif name in _CLOSING:
                if blocks:
                    blocks.pop()
                return None
            elif name in ("else", "elif"):
                if blocks and blocks[-1].kind == "if":
                    block = blocks[-1]
                    before = block.taken or block.done
                    block.done = True if before is True else (None if block.taken is None else block.done)
                    if name == "else":
                        block.taken = _negated(block.done)
                    else:
                        inner = self._inner(words[1:], blocks[:-1], True, end, depth)
                        block.taken = False if block.done is True else (None if block.done is None else inner)
                        return None
                words = words[1:]
            elif name in _OPENING:
                return self._open(name, words, blocks, reached, end, depth)
            else:
                break
        if not words:
            return None
        taken = self._taken(blocks)
        if taken is False or reached is False:
            return None
        return self._simple(words, taken is True and reached is True, end, depth)

    def _inner(
        self, words: list[Word], blocks: list[_Block], reached: bool | None, end: str, depth: int
    ) -> bool | None:
        """Run a command within another. Of one that is nested deeper than any script needs nothing is known."""
        if self.nested >= _DEEPEST_BLOCK:
            return None
        self.nested += 1
        try:
            return self._command(words, blocks, reached, end, depth)
        finally:
            self.nested -= 1

    def _open(
        self, name: str, words: list[Word], blocks: list[_Block], reached: bool | None, end: str, depth: int
    ) -> bool | None:
        if name == "case":
            subject = joined(words[1], self.script.variables) if len(words) > 1 else None
            block = _Block("case", None, subject=subject)
            # A pattern may begin on the same line: `case "$1" in start)`
            blocks.append(block)
            block.kind = "pattern"
            if end == ")":
                self._pattern(blocks, words[3:], ")")
            return None
        if name == "if":
            result = self._inner(words[1:], blocks, reached, end, depth) if len(words) > 1 else None
            # Of a condition of several commands nothing is known.
            blocks.append(_Block("if", result if end in (";", "\n") else None))
        else:
            if name == "for" and len(words) > 1:
                self.script.variables[literal(words[1])] = None
            blocks.append(_Block(name, None))
        return None

    def _simple(self, words: list[Word], certain: bool, end: str, depth: int) -> bool | None:
        at = 0
        first = literal(words[0])
        declaring = first in _DECLARING
        if declaring:
            at = 1
        assigned = False
        while at < len(words) and (pair := _assignment(words[at])):
            self._assign(pair[0], pair[1], certain)
            if first == "export":
                self.script.exported.add(pair[0])
            assigned = True
            at += 1
        if declaring:
            names = [literal(word) for word in words[at:]]
            if first == "export":
                self.script.exported.update(name for name in names if name.isidentifier())
            return True
        rest = words[at:]
        if not rest:
            return True if assigned else None
        if first in ("[", "test", "[["):
            return self._test(rest)
        if first == ":":
            self._defaults(rest[1:])
            return True
        if first in (".", "source") and len(rest) > 1:
            return self._source(rest[1], certain, depth)
        if first == "set" and len(rest) > 1 and literal(rest[1]) in ("-a", "+a"):
            self.exporting = literal(rest[1]) == "-a"
        self.script.calls.append(Call(tuple(self._words(rest)), certain, end == "&"))
        return None

    def _words(self, words: list[Word]) -> Iterator[str | None]:
        for word in words:
            found = expanded(word, self.script.variables)
            # An empty word takes room as well.
            self.expanded_left -= sum(len(each) + 1 for each in found or ())
            if self.expanded_left < 0:
                raise _TooLongError
            if found is None:
                yield None
            else:
                yield from found

    def _assign(self, name: str, word: Word, certain: bool) -> None:
        value = joined(word, self.script.variables)
        if not certain and self.script.variables.get(name, "") != value:
            value = None
        self.script.variables[name] = value
        if self.exporting:
            self.script.exported.add(name)

    def _defaults(self, words: list[Word]) -> None:
        """``: ${NAME:=value}``."""
        for word in words:
            for piece in word:
                if piece.variable and piece.operator.endswith("="):
                    self.script.variables[piece.variable] = joined((piece,), self.script.variables)

    def _source(self, word: Word, certain: bool, depth: int) -> bool | None:
        path = joined(word, self.script.variables)
        text = self.files.get(path) if path else None
        if text is None or depth >= _DEEPEST:
            self.script.unread.append(path or "")
            return None
        if certain:
            self.read(text, depth + 1)
        else:
            before = dict(self.script.variables)
            self.read(text, depth + 1)
            for name, value in self.script.variables.items():
                if before.get(name, "") != value:
                    self.script.variables[name] = None
        return True

    def _test(self, words: list[Word]) -> bool | None:
        values = [joined(word, self.script.variables) for word in words[1:]]
        if values and values[-1] in ("]", "]]"):
            values.pop()
        if values[:1] == ["!"]:
            return _negated(_tested(values[1:], self.exists))
        return _tested(values, self.exists)


def _tested(values: list[str | None], exists: Callable[[str], bool]) -> bool | None:
    """The result of test(1) for the operators that text and files decide."""
    if any(value is None for value in values):
        return None
    if len(values) == 2:
        operator, value = values
        if operator == "-z":
            return not value
        if operator == "-n":
            return bool(value)
        if operator in ("-e", "-f", "-r", "-x", "-d", "-s"):
            return exists(value or "")
        return None
    if len(values) == 3:
        if values[1] in ("=", "=="):
            return values[0] == values[2]
        if values[1] == "!=":
            return values[0] != values[2]
        return None
    return bool(values[0]) if len(values) == 1 else None


def _negated(value: bool | None) -> bool | None:
    return None if value is None else not value


def _assignment(word: Token) -> tuple[str, Word] | None:
    """(name, value) of ``NAME=value``."""
    if isinstance(word, str) or not word or word[0].quoted or word[0].variable or not word[0].known:
        return None
    name, equals, rest = word[0].text.partition("=")
    if not equals or not name.isascii() or not name.isidentifier():
        return None
    return name, (Piece(rest), *word[1:])
