"""The distribution, from every kind of release file since 2005. The texts are those the distributions shipped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.sections.operating_system.release_files import read_banner, read_distribution

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
    ({"/etc/redhat-release": "EuroLinux release 8.6 (Kinnaird)"}, ("eurolinux", "8.6", "Kinnaird")),
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
    (
        {
            "/etc/oracle-release": "Oracle Linux Server release 6.8",
            "/etc/redhat-release": "Red Hat Enterprise Linux Server release 6.8 (Santiago)",
        },
        ("ol", "6.8", ""),
    ),
    (
        {
            "/etc/enterprise-release": "Enterprise Linux Enterprise Linux Server release 5.8 (Carthage)",
            "/etc/redhat-release": "Red Hat Enterprise Linux Server release 5.8 (Tikanga)",
        },
        ("ol", "5.8", "Carthage"),
    ),
    ({"/etc/redhat-release": "Red Hat Enterprise Linux ES release 3 (Taroon Update 9)"}, ("rhel", "3.9", "Taroon")),
    ({"/etc/redhat-release": "CentOS release 4.9 (Final)"}, ("centos", "4.9", "Final")),
    ({"/etc/redhat-release": "Fedora Core release 4 (Stentz)"}, ("fedora", "4", "Stentz")),
    (
        {"/etc/redhat-release": "CloudLinux Server release 6.10 (Yury Malyshev)"},
        ("cloudlinux", "6.10", "Yury Malyshev"),
    ),
    (
        {"/etc/redhat-release": "XenServer release 6.2.0-70446c (xenenterprise)"},
        ("xenserver", "6.2.0", "xenenterprise"),
    ),
    ({"/etc/redhat-release": "Springdale Linux release 6.10 (Pisa)"}, ("springdale", "6.10", "Pisa")),
    (
        {
            "/etc/mandriva-release": "Mandriva Linux release 2010.2 (Official) for x86_64",
            "/etc/redhat-release": "Mandriva Linux release 2010.2 (Official) for x86_64",
        },
        ("mandriva", "2010.2", "Official"),
    ),
    ({"/etc/mandrake-release": "Mandrakelinux release 10.1 (Official) for i586"}, ("mandrake", "10.1", "Official")),
    ({"/etc/vmware-release": "VMware ESX 4.1 (Kandinsky)"}, ("vmware-esx", "4.1", "Kandinsky")),
    ({"/etc/system-release": "Amazon Linux release 2 (Karoo)"}, ("amzn", "2", "Karoo")),
    ({"/etc/SuSE-release": "SuSE Linux 9.3 (i586)\nVERSION = 9.3"}, ("suse", "9.3", "")),
    ({"/etc/SuSE-release": "SUSE LINUX 10.0 (i586) OSS\nVERSION = 10.0"}, ("suse", "10.0", "")),
    ({"/etc/SuSE-release": "SUSE LINUX Enterprise Server 9 (i586)\nVERSION = 9\nPATCHLEVEL = 3"}, ("sles", "9.3", "")),
    (
        {"/etc/SuSE-release": "SUSE Linux Enterprise Server 10 (x86_64)\nVERSION = 10\nPATCHLEVEL = 4"},
        ("sles", "10.4", ""),
    ),
    (
        {"/etc/SuSE-release": "SUSE Linux Enterprise Desktop 11 (i586)\nVERSION = 11\nPATCHLEVEL = 2"},
        ("sled", "11.2", ""),
    ),
    (
        {"/etc/lsb-release": "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=5.10\nDISTRIB_CODENAME=breezy"},
        ("ubuntu", "5.10", "breezy"),
    ),
    ({"/etc/lsb-release": "DISTRIB_ID=Arch\nDISTRIB_RELEASE=rolling"}, ("arch", "", "")),
    (
        {
            "/etc/openwrt_release": "DISTRIB_ID='OpenWrt'\nDISTRIB_RELEASE='15.05.1'\nDISTRIB_CODENAME='chaos_calmer'",
        },
        ("openwrt", "15.05.1", "chaos_calmer"),
    ),
    (
        {
            "/etc.defaults/VERSION": 'majorversion="6"\nminorversion="2"\nproductversion="6.2.4"\nbuildnumber="25556"',
        },
        ("synology", "6.2.4", ""),
    ),
    ({"/etc.defaults/VERSION": 'majorversion="4"\nminorversion="3"\nbuildnumber="3827"'}, ("synology", "4.3", "")),
    ({"/etc/devuan_version": "jessie", "/etc/debian_version": "8.0"}, ("devuan", "", "jessie")),
    ({"/etc/slackware-version": "Slackware 10.2.0"}, ("slackware", "10.2.0", "")),
    ({"/etc/gentoo-release": "Gentoo Base System version 1.6.14"}, ("gentoo", "1.6.14", "")),
    ({"/etc/altlinux-release": "ALT Linux 4.0.0 Server (Mania)"}, ("altlinux", "4.0.0", "")),
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


@pytest.mark.parametrize(
    ("files", "exact"),
    [
        (
            {
                "/etc/os-release": 'NAME="CentOS Linux"\nID="centos"\nVERSION_ID="7"',
                "/etc/redhat-release": "CentOS Linux release 7.9.2009 (Core)",
            },
            "7.9.2009",
        ),
        ({"/etc/os-release": "ID=debian\nVERSION_ID=11", "/etc/debian_version": "11.11"}, "11.11"),
        ({"/etc/os-release": "ID=ubuntu\nVERSION_ID=22.04", "/etc/debian_version": "bookworm/sid"}, ""),
        ({"/etc/os-release": "ID=alpine\nVERSION_ID=3.18.4", "/etc/alpine-release": "3.18.4"}, "3.18.4"),
        ({"/etc/os-release": "ID=derived\nVERSION_ID=1", "/etc/debian_version": "11.11"}, ""),
    ],
)
def test_a_file_beside_os_release_may_know_the_exact_version(files: dict[str, str], exact: str) -> None:
    distribution = read_distribution(lines(files))

    assert distribution is not None
    assert distribution.point_release == exact


def test_the_release_file_of_arch_is_empty() -> None:
    distribution = read_distribution([], ("/etc/inittab", "/etc/arch-release"))

    assert distribution is not None
    assert (distribution.id, str(distribution.origin)) == ("arch", "system/marks:2")


@pytest.mark.parametrize(
    ("issue", "banner"),
    [
        (r"\n\nBrocade Fabric OS \n \l", "Brocade Fabric OS"),
        ("\n\\S{NAME}\nKernel \\r on an \\m (\\l)\n", "Kernel on an ( )"),
        ("***\n", ""),
    ],
)
def test_a_banner_is_what_it_says_without_the_escapes_of_getty(issue: str, banner: str) -> None:
    assert read_banner(lines({"/etc/issue": issue.replace(r"\n\n", "\n\n")})) == banner


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
