"""Listings of links: what a file name contains cannot become a fact about another process."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.formats.procfs.link_listings import directory_links, process_links
from inventory.recording import Part

GNU = b"lrwxrwxrwx 1 0 0 0 Nov 24 13:11 "
NAMES = st.binary(min_size=1, max_size=40).filter(lambda name: b"\0" not in name)


@pytest.mark.parametrize(
    "line",
    [
        b"lrwxrwxrwx 1 0 0 0 Nov 24 13:11 /proc/9/exe -> /bin/a b",
        b"lrwxrwxrwx    1 0        0                0 Nov 24 13:11 /proc/9/exe -> /bin/a b",
        b"lrwxrwxrwx. 1 500 500 0 Nov 24  2009 /proc/9/exe -> /bin/a b",
        b"lrwxrwxrwx 1 0 0 0 2009-11-24 13:11 /proc/9/exe -> /bin/a b",
    ],
)
def test_each_ls_is_understood(line: bytes) -> None:
    """coreutils, busybox, one under SELinux with an old date, and one with ISO dates."""
    (link,) = process_links(Part("links", line + b"\n")).links

    assert (link.pid, link.name, link.path, link.deleted) == (9, "exe", "/bin/a b", False)


def test_links_that_could_not_be_read_are_left_out() -> None:
    """Refused ones have no target, vanished ones only question marks."""
    content = GNU + b"/proc/9/exe\nl????????? ? ? ? ? ? /proc/10/exe\n" + GNU + b"/proc/11/exe -> /bin/c\n"

    assert [link.pid for link in process_links(Part("links", content)).links] == [11]


def test_a_deleted_target_is_named_without_the_mark() -> None:
    (link,) = process_links(Part("links", GNU + b"/proc/9/exe -> /opt/x (deleted)\n")).links

    assert (link.path, link.deleted) == ("/opt/x", True)


@given(NAMES)
def test_a_name_with_newlines_stays_in_its_link(name: bytes) -> None:
    """Unless one of its lines reads like a listing, and then nothing of that process is believed or it is extra."""
    content = GNU + b"/proc/9/exe -> /" + name + b"\n" + GNU + b"/proc/10/exe -> /bin/b\n"
    listing = process_links(Part("links", content))

    assert {link.pid: link.target for link in listing.links} == {
        9: ("/" + name.decode("utf-8", "surrogateescape")),
        10: "/bin/b",
    }


def test_a_forged_line_about_another_process_makes_it_doubtful() -> None:
    content = GNU + b"/proc/9/exe -> /x\n" + GNU + b"/proc/10/exe -> /evil\n" + GNU + b"/proc/10/exe -> /bin/b\n"
    listing = process_links(Part("links", content))

    assert [link.pid for link in listing.links] == [9]
    assert listing.doubtful == {10}


def test_directories_are_read_under_their_headings() -> None:
    """As ls prints them, the extra /dev/null that makes it print headings included."""
    content = (
        b"crw-rw-rw- 1 0 0 1, 3 Nov 20 23:28 /dev/null\n\n/proc/1/fd:\ntotal 0\n"
        b"lr-x------ 1 0 0 64 Nov 24 13:34 0 -> /dev/null\nl-wx------ 1 0 0 64 Nov 24 13:34 10 -> pipe:[84102]\n"
        b"\n/proc/2/fd:\ntotal 0\n\n/proc/31/fd:\ntotal 0\nlrwx------ 1 0 0 64 Nov 24 13:34 3 -> socket:[7]\n"
    )
    listing = directory_links(Part("fds", content), "fd")

    assert [(link.pid, link.name, link.target, link.readable, link.writable) for link in listing.links] == [
        (1, "0", "/dev/null", True, False),
        (1, "10", "pipe:[84102]", False, True),
        (31, "3", "socket:[7]", True, True),
    ]
    assert listing.seen == {1, 2, 31}
    assert [link.line for link in listing.links] == [5, 6, 13]


def test_a_heading_that_comes_twice_is_not_believed() -> None:
    content = (
        b"/proc/1/fd:\ntotal 0\nlr-x------ 1 0 0 64 Nov 24 13:34 0 -> /dev/null\n"
        b"/proc/9/fd:\ntotal 0\nlr-x------ 1 0 0 64 Nov 24 13:34 0 -> /tmp/x\n/proc/1/fd:\n"
        b"lr-x------ 1 0 0 64 Nov 24 13:34 1 -> /evil\n"
    )
    listing = directory_links(Part("fds", content), "fd")

    assert [link.pid for link in listing.links] == [9]
    assert listing.doubtful == {1}


@given(st.binary(max_size=200), st.sampled_from(["fd", "ns"]))
def test_nothing_is_raised(content: bytes, directory: str) -> None:
    process_links(Part("links", content))
    directory_links(Part("fds", content), directory)
