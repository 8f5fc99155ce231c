"""Which commands a piece of POSIX shell runs. It knows as much of the grammar as the fragments use."""

from __future__ import annotations

from collections.abc import Iterator

_KEYWORDS = frozenset(["if", "then", "elif", "else", "fi", "while", "until", "do", "done", "{", "}", "!"])
_OPERATORS = (";;", "&&", "||", ";", "|", "&", "\n", "(", ")")


def commands(text: str) -> list[list[str]]:
    """All simple commands, those in substitutions too: their words as written, without assignments.

    Each redirection is an item of its own, with one word (``2>/dev/null``).
    """
    found: list[list[str]] = []
    words: list[str] = []
    patterns = False  # between `in` or `;;` of a case and the parenthesis that ends the pattern
    depth = 0
    for token in [*_tokens(text, found), "\n"]:
        if patterns:
            if token == ")":
                patterns = False
            elif token == "esac":
                patterns, depth = False, depth - 1
            continue
        if token not in _OPERATORS:
            words.append(token)
            if words[0] == "case" and token == "in":
                words, patterns, depth = [], True, depth + 1
            elif len(words) == 1 and token in _KEYWORDS:
                words = []
            elif words == ["esac"]:
                words, depth = [], depth - 1
            continue
        if token == "(" and len(words) == 1:
            words = []  # the name of a function
            continue
        _keep(words, found)
        words = []
        if token == ";;":
            patterns = depth > 0
    return found


def _keep(words: list[str], found: list[list[str]]) -> None:
    while words and "=" in words[0] and words[0].split("=")[0].replace("_", "a").isalnum() and words[0][0] not in "'\"":
        words = words[1:]
    if words and words[0] != "for":
        found.append(words)


def _tokens(text: str, found: list[list[str]]) -> Iterator[str]:
    """Words and operators; what stands in a substitution is read at once and its commands put into ``found``."""
    at = 0
    while at < len(text):
        if text[at] in " \t":
            at += 1
        elif text.startswith("\\\n", at):
            at += 2
        elif text[at] == "#":
            at = text.find("\n", at) if "\n" in text[at:] else len(text)
        elif operator := next((operator for operator in _OPERATORS if text.startswith(operator, at)), ""):
            yield operator
            at += len(operator)
        else:
            end = _word_end(text, at, found)
            word = text[at:end]
            if "<" in word[:2] or ">" in word[:2]:  # the target may be a word of its own, or & and a number
                at = end
                if word[-1] in "<>":
                    while text[at] in " \t&":
                        word += text[at].strip()
                        at += 1
                    end = _word_end(text, at, found)
                    word, at = word + text[at:end], end
                found.append([word])
                continue
            yield word
            at = end


def _word_end(text: str, at: int, found: list[list[str]]) -> int:
    start = at
    while at < len(text) and text[at] not in " \t\n;|&()":
        if at > start and text[at] in "<>" and not text[start:at].isdigit() and text[start] not in "<>":
            break
        at = _step(text, at, found)
    return at


def _step(text: str, at: int, found: list[list[str]]) -> int:
    """The place behind what begins at ``at``: a character, a quotation or a substitution."""
    if text[at] == "\\":
        return at + 2
    if text[at] == "'":
        return text.index("'", at + 1) + 1
    if text[at] == '"':
        at += 1
        while text[at] != '"':
            at = _step(text, at, found) if text[at] in "\\$`" else at + 1
        return at + 1
    if text[at] == "`":
        end = text.index("`", at + 1)
        found.extend(commands(text[at + 1 : end]))
        return end + 1
    if text.startswith("$((", at):
        return text.index("))", at) + 2
    if text.startswith("$(", at):
        end = at + 2
        depth = 1
        while depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end = end + 1 if text[end] in "()" else _step(text, end, [])
        found.extend(commands(text[at + 2 : end - 1]))
        return end
    if text.startswith("${", at):
        at += 2
        while text[at] != "}":
            at = _step(text, at, found)
        return at + 1
    return at + 1
