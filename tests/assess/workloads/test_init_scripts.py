"""What an init script says of its program."""

from hypothesis import given
from hypothesis import strategies as st

from assess.workloads.init_scripts import read_script


def test_variables_of_the_script_are_filled_in() -> None:
    text = """#!/bin/sh
NAME=shop
DAEMON="/opt/$NAME/bin/serve"
PIDFILE=/var/run/${NAME}/$NAME.pid
start-stop-daemon --start --pidfile $PIDFILE --exec $DAEMON
"""

    paths = read_script(text).paths

    assert {"/opt/shop/bin/serve", "/run/shop/shop.pid"} <= paths


def test_the_first_assignment_counts_because_later_ones_stand_in_branches() -> None:
    text = "CONF=/etc/a.conf\nif x; then\n CONF=/etc/b.conf\nfi\nrun -c $CONF\n"

    assert "/etc/a.conf" in read_script(text).paths


def test_comments_name_nothing() -> None:
    assert not read_script("# see /usr/sbin/other\n").paths


def test_defaults_of_variables_are_used_where_nothing_is_assigned() -> None:
    assert "/usr/sbin/thing" in read_script("exec ${DAEMON:-/usr/sbin/thing}\n").paths


def test_variables_that_name_each_other_end() -> None:
    assert read_script("A=/x/$B\nB=/y/$A\nrun $A\n").paths


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    read_script(text)
