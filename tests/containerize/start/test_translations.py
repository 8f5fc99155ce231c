"""Units and init scripts of Debian's packages are translated to what systemd and the script would run."""

from __future__ import annotations

from tests.containerize.start.translations import DEBIAN, lines


def test_every_unit_and_script_has_its_translation() -> None:
    """Each line was compared with its unit or script by hand. ``run itself``: the text does not show the command."""
    assert list(lines()) == (DEBIAN / "translations.txt").read_text().splitlines()
