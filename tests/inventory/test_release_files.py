"""The distribution, from every kind of release file since 2005. The texts are those the distributions shipped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.release_files import read_distribution

FILES: list[tuple[dict[str, str], tuple[str, str, str]]] = [
    (
        {
            "/etc/os-release": 'NAME="CentOS Linux"\nVERSION="7 (Core)"\nID="centos"\nVERSION_ID="7"',
            "/etc/redhat-release": "CentOS Linux release 7.9.2009 (Core)",
        },
        ("centos", "7", "core"),
    ),
    (
        {
            "/etc/os-release": 'PRETTY_NAME="Debian GNU/Linux trixie/sid"\nNAME="Debian GNU/Linux"\nID=debian',
            "/etc/debian_version": "trixie/sid",
        },
        ("debian", "", ""),
    ),
    (
        {"/usr/lib/os-release": "NAME=Fedora\nID=fedora\nVERSION_ID=38\nVERSION='38 (Server Edition)'"},
        ("fedora", "38", "server edition"),
    ),
    ({"/etc/redhat-release": "Red Hat Enterprise Linux AS release 4 (Nahant Update 9)"}, ("rhel", "4.9", "Nahant")),
    ({"/etc/redhat-release": "Red Hat Enterprise Linux Server release 6.10 (Santiago)"}, ("rhel", "6.10", "Santiago")),
    ({"/etc/redhat-release": "Red Hat Linux release 9 (Shrike)"}, ("rhel", "9", "Shrike")),
    ({"/etc/redhat-release": "CentOS release 5.11 (Final)"}, ("centos", "5.11", "Final")),
    ({"/etc/redhat-release": "Scientific Linux release 6.9 (Carbon)"}, ("scientific", "6.9", "Carbon")),
    (
        {"/etc/redhat-release": "Enterprise Linux Enterprise Linux Server release 5.5 (Carthage)"},
        ("ol", "5.5", "Carthage"),
    ),
    ({"/etc/system-release": "Amazon Linux AMI release 2015.09"}, ("amzn", "2015.09", "")),
    (
        {"/etc/SuSE-release": "SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4"},
        ("sles", "11.4", ""),
    ),
    (
        {"/etc/SuSE-release": "openSUSE 13.2 (x86_64)\nVERSION = 13.2\nCODENAME = Harlequin"},
        ("opensuse", "13.2", "Harlequin"),
    ),
    (
        {
            "/etc/lsb-release": "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=8.04\nDISTRIB_CODENAME=hardy\n"
            'DISTRIB_DESCRIPTION="Ubuntu 8.04.4 LTS"',
            "/etc/debian_version": "lenny/sid",
        },
        ("ubuntu", "8.04", "hardy"),
    ),
    ({"/etc/debian_version": "3.1"}, ("debian", "3.1", "sarge")),
    ({"/etc/debian_version": "6.0.10"}, ("debian", "6", "squeeze")),
    ({"/etc/debian_version": "squeeze/sid"}, ("debian", "", "squeeze")),
    ({"/etc/alpine-release": "3.18.4"}, ("alpine", "3.18.4", "")),
    ({"/etc/slackware-version": "Slackware 14.2"}, ("slackware", "14.2", "")),
    ({"/etc/gentoo-release": "Gentoo Base System release 2.14"}, ("gentoo", "2.14", "")),
]


def lines(files: dict[str, str]) -> list[tuple[str, str, int]]:
    """As the section reads them: path, text, number."""
    every = [(path, line) for path, text in files.items() for line in text.split("\n")]
    return [(path, line, number) for number, (path, line) in enumerate(every, 1)]


@pytest.mark.parametrize(
    ("files", "expected"), FILES, ids=lambda value: "-".join(value) if isinstance(value, tuple) else ""
)
def test_each_release_file_is_understood(files: dict[str, str], expected: tuple[str, str, str]) -> None:
    distribution = read_distribution(lines(files))

    assert distribution is not None
    assert (distribution.id, distribution.version, distribution.codename) == expected
    assert distribution.pretty_name


def test_os_release_wins_over_the_older_files() -> None:
    """Oracle Linux ships a redhat-release that says Red Hat."""
    distribution = read_distribution(
        lines(
            {
                "/etc/os-release": 'NAME="Oracle Linux Server"\nID="ol"\nID_LIKE="fedora"\nVERSION_ID="8.9"',
                "/etc/redhat-release": "Red Hat Enterprise Linux release 8.9 (Ootpa)",
            }
        )
    )
    assert distribution is not None
    assert (distribution.id, distribution.version, distribution.like) == ("ol", "8.9", ("fedora",))


def test_no_file_is_no_distribution() -> None:
    assert read_distribution([]) is None


def test_the_origin_is_the_first_line_of_the_file_that_decided() -> None:
    distribution = read_distribution(lines({"/etc/lsb-release": "LSB_VERSION=1", "/etc/debian_version": "7.11"}))

    assert distribution is not None
    assert (distribution.id, distribution.origin.line) == ("debian", 2)


PATHS = st.sampled_from(sorted({path for files, _ in FILES for path in files}))


@given(st.lists(st.tuples(PATHS, st.text(max_size=40), st.integers(1, 99)), max_size=6))
def test_hostile_files_raise_nothing(content: list[tuple[str, str, int]]) -> None:
    read_distribution(content)
