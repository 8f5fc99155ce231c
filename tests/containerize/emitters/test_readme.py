"""The page tells a colleague what there is, and shows what hosts say as text."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import example, given
from markdown_it import MarkdownIt

from containerize.emitters import EMITTERS, compose, readme
from containerize.emitters.emission import Emission, comment
from containerize.emitters.markdown_text import block, code
from containerize.profile.workload_profile import NOTHING_SEEN

from .cases import HOSTILE, emission, emitted, hostile_emission
from .texts import TEXTS


def page(given: Emission) -> str:
    return emitted(readme.EMITTER, replace(given, emitters=EMITTERS))["README.md"]


def test_it_says_what_to_supply_and_what_was_seen() -> None:
    text = page(emission())
    for words in (
        "kubectl apply -k kubernetes/overlays/site",
        "secret file `/etc/app/app.ini`",
        "Fill it with a copy of the files",
        "docker run --rm -i -u 0:0 --network none --security-opt no-new-privileges -v VOLUME:/to --entrypoint tar",
        "client: `10.77.0.13`, `app01/inventory-app` on tcp port 80",
        "not taken over, `its time has no form in five fields`",
        "not seen: `cron: the users' own crontabs`: `only root may read them`",
        "`/usr/share/doc`: `documentation`",
    ):
        assert words in text


def test_only_what_was_written_is_named() -> None:
    text = emitted(readme.EMITTER, replace(emission(), emitters=(compose.EMITTER,)))["README.md"]
    assert "`compose.yaml`" in text
    assert "quadlet" not in text
    assert "kubectl" not in text


def test_without_a_scan_it_says_so() -> None:
    text = page(emission(seen=NOTHING_SEEN))
    assert "No scan is known that this rests on." in text
    assert "No scan is known, so what it may need" in text


def test_what_could_not_be_read_is_not_taken_for_no_need() -> None:
    bare = replace(emission().plan, capabilities=(), devices=())
    seen = replace(NOTHING_SEEN, taken=1.0)
    assert "Nothing was observed that needs more." in page(emission(bare, seen))
    text = page(emission(bare, replace(seen, unseen=(("sockets", "only root may"), ("packages", "x")))))
    assert "The scan could not read `sockets`, so it may need more than is listed." in text
    assert "Nothing was observed" not in text


@given(TEXTS)
@example(HOSTILE)
@example("`")
@example("``a`")
@example(" ")
def test_code_shows_the_text_in_one_line(text: str) -> None:
    if not comment(text):
        return
    (inline,) = [each for each in MarkdownIt().parse(f"a {code(text)} b") if each.type == "inline"]
    kinds = [(each.type, each.content) for each in inline.children or ()]
    assert kinds == [("text", "a "), ("code_inline", comment(text)), ("text", " b")]


@given(TEXTS)
@example("```")
def test_a_block_ends_where_it_ends(text: str) -> None:
    tokens = MarkdownIt().parse(block([text, "x"]) + "\n\nend\n")
    assert [each.type for each in tokens][:2] == ["fence", "paragraph_open"]
    assert tokens[0].content == f"{comment(text)}\nx\n"


@given(TEXTS)
@example(HOSTILE)
def test_no_text_of_a_host_becomes_markup(text: str) -> None:
    tokens = MarkdownIt().parse(page(hostile_emission(text)))
    inline = [child for each in tokens if each.type == "inline" for child in each.children or ()]
    assert {each.type for each in inline} <= {"text", "code_inline", "softbreak", "strong_open", "strong_close"}
    bold = {inline[at + 1].content for at, each in enumerate(inline) if each.type == "strong_open"}
    assert bold <= {"dangerous:"}
    headings = [tokens[at + 1].content for at, each in enumerate(tokens) if each.type == "heading_open"]
    assert headings[1:] == [
        "Files here",
        "Run it",
        "Its jobs",
        "What you must supply",
        "Decisions for a person",
        "What was left out",
        "Observed and not observed",
    ]
