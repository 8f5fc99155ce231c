"""What a container host does with ports, from its kernel settings."""

from __future__ import annotations

import pytest

from assess.targets.port_ranges import ephemeral_ports, in_swarm, reserved_ports, unprivileged_port_start


def test_ranges_are_read_as_the_kernel_writes_them() -> None:
    settings = {
        "net.ipv4.ip_local_port_range": "32768\t60999",
        "net.ipv4.ip_local_reserved_ports": "8080,9148-9150",
        "net.ipv4.ip_unprivileged_port_start": "80",
    }

    assert ephemeral_ports(settings) == (32_768, 60_999)
    assert reserved_ports(settings) == ((8080, 8080), (9148, 9150))
    assert unprivileged_port_start(settings, "6.12.1") == 80


@pytest.mark.parametrize("text", ["", "x y", "1", "1 2 3", "1 999999", "² 5"])
def test_nonsense_is_not_known(text: str) -> None:
    assert ephemeral_ports({"net.ipv4.ip_local_port_range": text}) is None
    assert reserved_ports({"net.ipv4.ip_local_reserved_ports": text.replace("1", "x")}) == ()


@pytest.mark.parametrize(
    ("release", "start"), [("3.10.0-1160.el7", 1024), ("4.10.1", 1024), ("6.1.0", None), ("", None)]
)
def test_old_kernels_have_the_bound_built_in(release: str, start: int | None) -> None:
    assert unprivileged_port_start({}, release) == start


def test_a_node_of_a_swarm_is_known_by_its_ports() -> None:
    assert in_swarm((("tcp", 22), ("tcp", 7946)))
    assert not in_swarm((("tcp", 22),))
