"""Mounts with their sizes, from both tables of the kernel; what is remote is never asked."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.model.mounts import Mounts
from inventory.observation import Found, Unknown
from inventory.platforms import Platform
from inventory.recording import SectionRecording
from inventory.section import ParseError
from inventory.sections.disks.mounts import FRAGMENT, SECTION, parse
from tests.support.live import REDACTOR, ask, found
from tests.support.recordings import answer, recorded


def mounts(recording: SectionRecording) -> Mounts:
    value = found(SECTION, recording)
    assert isinstance(value, Mounts)
    return value


def test_a_disk_has_its_size_and_a_pseudo_file_system_has_none() -> None:
    by_target = {mount.target: mount for mount in mounts(recorded("vm01", "mounts")).mounts}

    root = by_target["/"]
    assert (root.source, root.filesystem, root.root) == ("/dev/vda", "ext4", "/")
    assert "rw" in root.options
    assert root.size_bytes is not None
    assert root.used_bytes is not None
    assert 0 < root.used_bytes < root.size_bytes
    assert by_target["/proc"].size_bytes is None
    assert not root.remote


def test_fstab_is_read_and_its_credentials_are_hidden() -> None:
    recording = answer(
        "mounts",
        table=b"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n",
        fstab=b"# comment\n\nUUID=1 / ext4 errors=remount-ro 0 1\n"
        b"//nas/x /srv/my\\040data cifs user=a,password=Hunter2,ro\nproc /proc proc\nnonsense\n",
    )
    value = mounts(SECTION.redact(recording, REDACTOR))

    assert [(entry.target, entry.filesystem) for entry in value.fstab] == [
        ("/", "ext4"),
        ("/srv/my data", "cifs"),
        ("/proc", "proc"),
    ]
    assert value.fstab[1].options[0] == "user=a"
    assert value.fstab[1].options[1].startswith("password=<redacted:")
    assert value.fstab[1].options[2] == "ro"
    assert [entry.target for entry in mounts(recorded("vm01", "mounts")).fstab] == ["/"]


def test_the_table_of_an_old_kernel_is_understood() -> None:
    """Before 2.6.26 there is only /proc/mounts, with rootfs beneath the root."""
    table = b"rootfs / rootfs rw 0 0\n/dev/sda1 / ext3 rw,data=ordered 0 0\nnas:/x /mnt/a\\040b nfs rw,vers=3 0 0\n"
    root, disk, remote = mounts(answer("mounts", table=table)).mounts

    assert (root.filesystem, disk.options, disk.root) == ("rootfs", ("rw", "data=ordered"), "/")
    assert (remote.target, remote.remote, remote.size_bytes) == ("/mnt/a b", True, None)


def test_optional_fields_of_mountinfo_are_passed_over() -> None:
    line = b"36 35 98:0 /sub /mnt rw,noatime shared:1 master:2 - ext3 /dev/root rw,errors=continue\n"
    (mount,) = mounts(answer("mounts", table=line)).mounts

    assert (mount.root, mount.filesystem, mount.options) == ("/sub", "ext3", ("rw", "noatime", "errors=continue"))


def test_a_comma_within_quotes_does_not_separate_options() -> None:
    """The label of a container of SELinux, of which every host with containers has mounts."""
    label = 'context="system_u:object_r:container_file_t:s0:c50,c281"'
    rows = f'36 35 0:5 / /a rw,{label} - tmpfs tmpfs rw,size=4k,{label}\n37 35 0:6 / /b rw,"x - tmpfs tmpfs rw,"\n'
    first, odd = mounts(answer("mounts", table=rows.encode(), fstab=f"t /c tmpfs ro,{label} 0 0\n".encode())).mounts
    (entry,) = mounts(answer("mounts", table=ROOT, fstab=f"t /c tmpfs ro,{label} 0 0\n".encode())).fstab
    (old,) = mounts(answer("mounts", table=f"tmpfs /d tmpfs rw,{label},size=4k 0 0\n".encode())).mounts

    assert first.options == ("rw", label, "size=4k")
    assert odd.options == ("rw", '"x', '"')
    assert entry.options == ("ro", label)
    assert old.options == ("rw", label, "size=4k")


def test_prose_is_no_entry_of_fstab() -> None:
    """As in libmount, a mount point is a path, and behind the options stand two numbers."""
    fstab = b"""# /etc/fstab
this line was left unfinished by someone
the disk /srv is gone since Monday
/dev/sdb1 /srv xfs
/dev/sdc1 none swap sw 0 0 # faster
LABEL=x swap swap defaults
"""
    value = mounts(answer("mounts", table=ROOT, fstab=fstab))

    assert [(one.source, one.filesystem) for one in value.fstab] == [
        ("/dev/sdb1", "xfs"),
        ("/dev/sdc1", "swap"),
        ("LABEL=x", "swap"),
    ]


def test_without_proc_nothing_is_known() -> None:
    assert isinstance(SECTION.observe(answer("mounts", table=b""), Platform.POSIX), Unknown)


def test_only_reachable_local_file_systems_are_asked_for_their_size() -> None:
    """Not a remote one, not one that a remote one covers, not one beneath a remote one, and none of unknown kind."""
    rows = [
        "/dev/a / ext4 rw 0 0", "/dev/b /data xfs rw 0 0", "nas:/y /net nfs4 rw 0 0", "/dev/d /net/local ext4 rw 0 0",
        "x /odd fuse.new rw 0 0", "proc /proc proc rw 0 0", r"/dev/e /a\040b ext4 rw 0 0",
        "tmpfs /run/user/0 tmpfs rw 0 0",
    ]  # fmt: skip
    covered = ["/dev/c /covered ext4 rw 0 0", "nas:/x /covered nfs rw 0 0"]
    many = [f"overlay /run/containers/{number}/merged overlay rw 0 0" for number in range(200)]
    functions = FRAGMENT.split("bf_table=")[0] + 'df() { shift 2; echo "$@"; }\n'
    for shell in filter(lambda words: shutil.which(words[0]), (["sh"], ["ksh"], ["busybox", "sh"])):
        for mounts in (rows, rows + covered, rows + many):
            script = f"{functions}\nBF_MOUNTS='{chr(10).join(mounts)}'\nbf_sizes"
            done = subprocess.run([*shell, "-c", script], capture_output=True, text=True, check=True)
            assert sorted(done.stdout.split()) == ["/", "/data"], done


def file(path: str, text: str) -> bytes:
    return "".join(f"{path}:{line}\n" for line in text.strip("\n").splitlines()).encode()


ROOT = b"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"


def test_exports_with_their_clients() -> None:
    """A line may go on, name a directory with a blank, give options to all clients, or name no client at all."""
    text = """
# served to the web servers
/srv/nfs   10.0.0.0/24(rw,sync,no_root_squash) \\
           backup.example(ro)
"/srv/my data" -sync,wdelay @trusted(rw)   *.example.com
/srv/all
/srv/o\\040k (ro)
"""
    value = mounts(answer("mounts", table=ROOT, files=file("/etc/exports", text.replace("\\\\", "\\"))))

    assert [(one.directory, one.client, one.options) for one in value.exports] == [
        ("/srv/nfs", "10.0.0.0/24", ("rw", "sync", "no_root_squash")),
        ("/srv/nfs", "backup.example", ("ro",)),
        ("/srv/my data", "@trusted", ("sync", "wdelay", "rw")),
        ("/srv/my data", "*.example.com", ("sync", "wdelay")),
        ("/srv/all", "*", ()),
        ("/srv/o k", "*", ("ro",)),
    ]
    assert value.served == ("/srv/nfs", "/srv/my data", "/srv/all", "/srv/o k")


def test_what_autofs_would_mount_and_its_password_is_hidden() -> None:
    master = "/home /etc/auto.home --timeout=60\n+auto.master\n/- auto.direct"
    home = "*  -fstype=nfs4,rw  nas:/export/home/&\nwin -fstype=cifs,username=a,password=Hunter2x ://nt4/share"
    made = answer("mounts", table=ROOT, files=file("/etc/auto.master", master) + file("/etc/auto.home", home))
    value = mounts(SECTION.redact(made, REDACTOR))

    assert [(one.key, one.options, one.location) for one in value.automounts][:4] == [
        ("/home", "--timeout=60", "/etc/auto.home"),
        ("+auto.master", "", ""),
        ("/-", "", "auto.direct"),
        ("*", "fstype=nfs4,rw", "nas:/export/home/&"),
    ]
    assert value.automounts[4].location == "://nt4/share"
    assert "Hunter2x" not in value.automounts[4].options


def test_swap_in_use() -> None:
    text = (
        "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/dev/dm-1   partition\t2097148\t\t1024\t\t-2\n"
        "/var/swap\\040file (deleted)  file 1024 0 5"
    )
    partition, area = mounts(answer("mounts", table=ROOT, files=file("/proc/swaps", text))).swaps

    assert (partition.path, partition.kind, partition.size_bytes, partition.used_bytes, partition.priority) == (
        "/dev/dm-1",
        "partition",
        2097148 * 1024,
        1024 * 1024,
        -2,
    )
    assert (area.path, area.priority) == ("/var/swap file (deleted)", 5)


def test_bind_mounts_cluster_file_systems_and_the_number_of_the_device() -> None:
    table = (
        ROOT
        + b"23 22 8:1 /srv/www /var/www rw - ext4 /dev/sda1 rw\n24 22 0:40 /@home /home rw - btrfs /dev/sdb rw\n"
        + b"25 22 253:3 / /shared rw - gfs2 /dev/mapper/vg-shared rw,lockproto=lock_dlm\n"
    )
    root, bind, subvolume, cluster = mounts(answer("mounts", table=table)).mounts

    assert [one.bind for one in (root, bind, subvolume, cluster)] == [False, True, False, False]
    assert [one.clustered for one in (root, cluster)] == [False, True]
    assert cluster.remote
    assert (cluster.size_bytes, cluster.device) == (None, "253:3")


def test_a_file_that_only_root_may_read_is_a_gap() -> None:
    observation = parse(
        answer("mounts", b"grep: /etc/auto.cifs: Permission denied\ndf: /x: Permission denied\n", table=ROOT)
    )

    assert isinstance(observation, Found)
    assert [gap.what for gap in observation.gaps] == ["1 files of exports or autofs"]


def test_this_machine() -> None:
    value = mounts(ask(SECTION)["mounts"])
    root = [mount for mount in value.mounts if mount.target == "/"][-1]
    status = os.statvfs("/")

    if root.size_bytes is None:
        pytest.skip(f"the root is of type {root.filesystem}")
    assert root.size_bytes == status.f_blocks * status.f_frsize // 1024 * 1024


def test_what_is_no_mount_is_an_error() -> None:
    for table in (b"nonsense\n", b"36 35 98:0 / / rw - ext3\n"):
        with pytest.raises(ParseError, match="table:1"):
            parse(answer("mounts", table=table))


@given(
    st.sampled_from(["table", "sizes", "fstab", "files"]),
    st.one_of(st.binary(max_size=80), st.text("\n /-a1\\0", max_size=60).map(str.encode)),
)
def test_nothing_but_a_parse_error_comes_of_rubbish(name: str, content: bytes) -> None:
    try:
        assert isinstance(parse(answer("mounts", **{"table": b"a / ext4 rw 0 0\n", name: content})), Found | Unknown)
    except ParseError as error:
        assert str(error)
