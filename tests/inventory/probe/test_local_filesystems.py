"""Which directories may be walked: as a shell finds them among a few mounts, and as awk does among hundreds."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from inventory.probe.local_filesystems import LOCAL_ROOTS_FRAGMENT

MOUNTS = [
    "/dev/a / ext4 rw 0 0",
    "nas:/x /opt nfs4 rw 0 0",
    "/dev/b /srv/data xfs rw 0 0",
    "nas:/y /srv/nas nfs rw 0 0",
    "/dev/d /srv/over xfs rw 0 0",
    "nas:/z /srv/over nfs rw 0 0",
    "nas:/h /home fuse.sshfs rw 0 0",
    "/dev/c /usr/local/a\\040b ext4 rw 0 0",
    "tmpfs /srv/*/[x] tmpfs rw 0 0",
    "overlay /srvs overlay rw,lowerdir=/ext4 0 0",
]
SHELLS = [["dash", "-s"], ["bash", "--posix", "-s"], ["ksh", "-s"], ["busybox", "sh", "-s"]]


@pytest.mark.parametrize("many", [False, True], ids=["few", "many"])
@pytest.mark.parametrize("shell", SHELLS, ids=lambda words: words[0])
def test_a_remote_file_system_is_no_root(shell: list[str], many: bool) -> None:
    """What is mounted from elsewhere is none, a local file system below a place is one, the last mount counts."""
    if shutil.which(shell[0]) is None:
        pytest.skip(f"{shell[0]} is not installed")
    more = [f"overlay /var/lib/containers/{number} overlay rw,lowerdir=/a:/b 0 0" for number in range(200 * many)]
    fragment = LOCAL_ROOTS_FRAGMENT.replace('[ -d "$bf_path" ] && ', "")
    script = "bf_find_roots /opt /srv /usr/local /home /srv/data\nset -f\necho $bf_roots\nbf_local_roots /srv\n"
    done = subprocess.run(
        shell,
        input=f"{fragment}\n{script}",
        env={"PATH": "/usr/bin:/bin", "BF_MOUNTS": "\n".join([*MOUNTS, *more])},
        capture_output=True,
        text=True,
        check=True,
    )
    found, *printed = done.stdout.splitlines()

    assert sorted(found.split()) == ["/srv", "/srv/*/[x]", "/srv/data", "/usr/local"], done
    assert sorted(printed) == ["/srv", "/srv/*/[x]", "/srv/data"]
    assert not done.stderr


@pytest.mark.parametrize("shell", SHELLS, ids=lambda words: words[0])
def test_what_is_not_there_and_what_nobody_knows_is_no_root(shell: list[str]) -> None:
    if shutil.which(shell[0]) is None:
        pytest.skip(f"{shell[0]} is not installed")
    for mounts, roots in (("/dev/a / ext4 rw 0 0", "/usr /etc"), ("", "")):
        done = subprocess.run(
            shell,
            input=f"{LOCAL_ROOTS_FRAGMENT}\nbf_find_roots /usr /no-such-place /etc\necho $bf_roots\n",
            env={"PATH": "/usr/bin:/bin", "BF_MOUNTS": mounts},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == roots, done
