"""Words of a shell script, as far as they can be known without running it. Linear: every character is read once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

_OPERATORS = ("&&", "||", ";;", ">>", "<<", "2>", ";", "|", "&", "(", ")", "<", ">", "\n")
_SPECIAL = frozenset("0123456789@*#?$!")
_REDIRECTIONS = frozenset({"<", ">", ">>", "<<", "2>"})

LONGEST = 4096
"""A longer text cannot be told: it would grow with each variable that repeats it."""

Variables = Mapping[str, str | None]
"""Values by name; None for one that cannot be known."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a word: text, or a variable with an operator (``:-``, ``-``, ``:=``, ``:+``, ``+``) and its word.
    ``known`` is False for what only a shell can tell.
    """

    text: str = ""
    variable: str = ""
    operator: str = ""
    quoted: bool = False
    known: bool = True


Word = tuple[Piece, ...]
Token = Word | str
"""A word, or an operator."""

UNKNOWN = Piece(known=False)


def tokens(text: str) -> Iterator[Token]:
    """The words and operators of a script, without comments and redirections."""
    skip = False
    for token in _raw_tokens(text):
        if isinstance(token, str):
            skip = token in _REDIRECTIONS
            if not skip:
                yield token
        elif skip:
            skip = False
        else:
            yield token


def _raw_tokens(text: str) -> Iterator[Token]:
    pieces: list[Piece] = []
    open_word = False
    at = 0
    while at < len(text):
        char = text[at]
        if char == "\\" and at + 1 < len(text):
            if text[at + 1] != "\n":
                pieces.append(Piece(text[at + 1], quoted=True))
                open_word = True
            at += 2
        elif char == "'":
            end = text.find("'", at + 1)
            end = len(text) if end < 0 else end
            pieces.append(Piece(text[at + 1 : end], quoted=True))
            open_word = True
            at = end + 1
        elif char == '"':
            at = _double_quoted(text, at + 1, pieces)
            open_word = True
        elif char in "$`":
            piece, at = _expansion(text, at, quoted=False)
            pieces.append(piece)
            open_word = True
        elif char == "#" and not open_word:
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        elif char in " \t\r":
            if open_word:
                yield tuple(pieces)
            pieces, open_word = [], False
            at += 1
        elif operator := next((each for each in _OPERATORS if text.startswith(each, at)), ""):
            if operator == "2>" and open_word:
                operator = ""
            if not operator:
                pieces.append(Piece(char))
                at += 1
                continue
            # 1>file: the number belongs to the redirection.
            numbered = operator in _REDIRECTIONS and len(pieces) == 1 and pieces[0].text in ("0", "1", "2")
            if open_word and not numbered:
                yield tuple(pieces)
            pieces, open_word = [], False
            yield operator
            at += len(operator)
            if operator in (">", "<", "2>", ">>") and text[at : at + 1] == "&":
                at += 1  # >&2: the number is the word behind it
        else:
            end = at + 1
            while end < len(text) and (text[end].isalnum() or text[end] in "_/.,:=@%+-[]{}!*?~^"):
                end += 1
            pieces.append(Piece(text[at:end]))
            open_word = True
            at = end
    if open_word:
        yield tuple(pieces)


def _double_quoted(text: str, at: int, pieces: list[Piece]) -> int:
    """Add what is up to the closing quote; return the place behind it."""
    begun: list[str] = []
    while at < len(text) and text[at] != '"':
        if text[at] == "\\" and at + 1 < len(text):
            if text[at + 1] != "\n":
                begun.append(text[at + 1] if text[at + 1] in '"\\$`' else text[at : at + 2])
            at += 2
        elif text[at] in "$`":
            pieces.append(Piece("".join(begun), quoted=True))
            begun = []
            piece, at = _expansion(text, at, quoted=True)
            pieces.append(piece)
        else:
            begun.append(text[at])
            at += 1
    pieces.append(Piece("".join(begun), quoted=True))
    return at + 1


def _expansion(text: str, at: int, *, quoted: bool) -> tuple[Piece, int]:
    """(the piece that begins at ``at`` with ``$`` or a backquote, the place behind it)."""
    if text[at] == "`":
        end = text.find("`", at + 1)
        return UNKNOWN, len(text) if end < 0 else end + 1
    if text.startswith("$(", at):
        return UNKNOWN, _closed(text, at + 1, "(", ")")
    if text.startswith("${", at):
        end = _closed(text, at + 1, "{", "}")
        inner = text[at + 2 : end - 1]
        length = 1 if inner[:1] in _SPECIAL else _name_length(inner)
        name, rest = inner[:length], inner[length:]
        operator = next((each for each in (":-", ":=", ":+", "-", "=", "+") if rest.startswith(each)), "")
        if not name or (rest and not operator):
            return UNKNOWN, end
        word = rest[len(operator) :].strip("\"'")
        return Piece(word, name, operator, quoted, known="`" not in word and "$(" not in word), end
    length = _name_length(text[at + 1 : at + 129])
    if length:
        return Piece("", text[at + 1 : at + 1 + length], "", quoted), at + 1 + length
    following = text[at + 1 : at + 2]
    if following in _SPECIAL:
        return Piece("", following, "", quoted), at + 2
    return Piece("$", quoted=True), at + 1


def _closed(text: str, at: int, opening: str, closing: str) -> int:
    depth = 0
    for place in range(at, len(text)):
        if text[place] == opening:
            depth += 1
        elif text[place] == closing:
            depth -= 1
            if not depth:
                return place + 1
    return len(text)


def _name_length(text: str) -> int:
    length = 0
    while length < len(text) and (text[length] == "_" or (text[length].isascii() and text[length].isalnum())):
        length += 1
    return 0 if text[:1].isdigit() else length


def literal(word: Token) -> str:
    """The text of a word without expansions; "" for every other."""
    if isinstance(word, str) or any(piece.variable or not piece.known for piece in word):
        return ""
    return "".join(piece.text for piece in word)


def expanded(word: Word, variables: Variables, depth: int = 0) -> list[str] | None:
    """The words that a word becomes; None where that cannot be known. A variable that was never set is empty."""
    found: list[str] = []
    current: str | None = None
    length = 0
    for piece in word:
        value = _value(piece, variables, depth)
        length += len(value or "")
        if value is None or length > LONGEST:
            return None
        if not piece.variable or piece.quoted:
            current = (current or "") + value
            continue
        words = value.split()
        if not words:
            continue
        if value[:1].isspace() and current is not None:
            found.append(current)
            current = None
        found += [(current or "") + words[0], *words[1:]]
        current = None if value[-1:].isspace() else found.pop()
    return found if current is None else [*found, current]


def joined(word: Word, variables: Variables, depth: int = 0) -> str | None:
    """The text of a word where nothing is split, as in an assignment."""
    return _together((_value(piece, variables, depth) for piece in word), "")


def _together(values: Iterable[str | None], between: str) -> str | None:
    """The values as one text; None where one of them cannot be told, or where it is too long."""
    known: list[str] = []
    length = 0
    for value in values:
        length += len(value or "")
        if value is None or length > LONGEST:
            return None
        known.append(value)
    return between.join(known)


def _value(piece: Piece, variables: Variables, depth: int) -> str | None:
    if not piece.known:
        return None
    if not piece.variable:
        return piece.text
    if piece.variable in variables and variables[piece.variable] is None:
        return None
    value = variables.get(piece.variable) or ""
    if not piece.operator:
        return value if piece.variable in variables or piece.variable.isidentifier() else None
    given = piece.variable in variables if ":" not in piece.operator else bool(value)
    if piece.operator.endswith("+"):
        return _nested(piece.text, variables, depth) if given else ""
    return value if given else _nested(piece.text, variables, depth)


_DEEPEST = 4


def _nested(text: str, variables: Variables, depth: int) -> str | None:
    """The text behind an operator, which may have variables, too."""
    if "$" not in text:
        return text
    if depth >= _DEEPEST:
        return None
    words = (token for token in tokens(text) if not isinstance(token, str))
    return _together((joined(word, variables, depth + 1) for word in words), " ")
