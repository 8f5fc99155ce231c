"""What an unprivileged user plants where root looks: links, second names, pipes and other machines' file systems.

Each test asks this machine, with the directories of the fragment replaced by those of the test.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from inventory.depth import Depth
from inventory.model.configuration import Configuration
from inventory.observation import Found
from inventory.platforms import Platform
from inventory.recording import SectionRecording
from inventory.sections.files import changed_files, configuration
from inventory.sections.programs import ipc
from inventory.sections.software import language_packages
from inventory.sections.supervision import services
from tests.support.live import ask, found
from tests.support.recordings import answer

SECRET = "Zq7mPlainSecret"
"""Without a word beside it that says what it is."""


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file that only root may read."""
    folder = tmp_path / "private"
    folder.mkdir(mode=0o700)
    file = folder / "secret"
    file.write_text(f"{SECRET}\nserver {SECRET}:3306\nDescription={SECRET}\n")
    file.chmod(0o600)
    return file


def sent(recording: SectionRecording) -> bytes:
    return recording.to_text()


def test_a_pid_file_is_a_number_and_no_link(secret: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    (run / "app").mkdir(parents=True)
    (run / "app" / "link.pid").symlink_to(secret)
    (run / "words.pid").write_text(SECRET)
    (run / "true.pid").write_text("4711\nmore\n")
    os.mkfifo(run / "pipe.pid")
    change = {"set -- /run/*.pid /run/*/*.pid": f"set -- {run}/*.pid {run}/*/*.pid"}
    recording = ask(services.SECTION, change=change)["services"]
    part = recording.part("pid-files")
    assert part is not None
    assert [line for line in part.lines() if str(run) in line] == [f"{run}/true.pid:4711"]


def test_a_users_units_are_files_of_one_name_and_lines_of_units(secret: Path, tmp_path: Path) -> None:
    units = tmp_path / "ann" / ".config" / "systemd" / "user"
    units.mkdir(parents=True)
    (units / "true.service").write_text("[Service]\nExecStart=/bin/x \\\n  --more\n" + SECRET + "\n[Install]\n")
    (units / "link.service").symlink_to(secret)
    os.link(secret, units / "second.service")
    os.mkfifo(units / "pipe.service")
    other = tmp_path / "eve" / ".config" / "systemd"
    other.mkdir(parents=True)
    (secret.parent / "root.service").write_text(f"Description={SECRET}\n")
    (other / "user").symlink_to(secret.parent)
    change = {
        "/home/*/.config/systemd/user": f"{tmp_path}/*/.config/systemd/user",
        "[ -d /run/systemd/system ] &&": "true &&",
    }
    recording = ask(services.SECTION, change=change)["services"]
    part = recording.part("home-units")
    assert part is not None
    texts = [line.partition(":")[2] for line in part.lines()]
    assert texts == ["[Service]", "ExecStart=/bin/x \\", "  --more", "[Install]"]


def test_a_users_unit_is_read_as_before() -> None:
    unit = b"/home/ann/.config/systemd/user/shop.service:"
    recording = answer(
        "services", init=b"systemd=yes\n", home_units=unit + b"[Service]\n" + unit + b"ExecStart=/opt/shop\n"
    )
    value = found(services.SECTION, recording)
    (shop,) = value.user_units
    assert (shop.name, shop.property("User"), shop.property("ExecStart")) == ("shop", "ann", "/opt/shop")


def test_configuration_is_no_second_name_of_a_closed_file_and_no_users_link(secret: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    enabled = tmp_path / "etc" / "app-enabled"
    for folder in (home, enabled):
        folder.mkdir(parents=True)
    os.link(secret, home / "second.conf")
    (home / "plain.conf").write_text("server db01:3306\n")
    (home / "public.conf").write_text("server db02:3306\n")
    os.link(home / "public.conf", home / "public2.conf")
    (enabled / "users").symlink_to(secret)
    os.lchown(enabled / "users", 1000, 1000)
    site = tmp_path / "site"
    site.write_text("listen 127.0.0.1:8080\n")
    (enabled / "roots").symlink_to(site)
    change = {
        "find /etc $bf_roots": f"find {tmp_path}/etc {home}",
        "-path '/etc/*'": f"-path '{tmp_path}/etc/*'",
        "'*/*/*/*/*/*/*/*/*/*'": "'*/no such/*'",
    }
    recording = ask(configuration.SECTION, change=change)["configuration"]
    assert SECRET.encode() not in sent(recording)
    observation = configuration.SECTION.observe(recording, Platform.POSIX)
    assert isinstance(observation, Found)
    value: Configuration = observation.value
    assert {Path(line.path).name for line in value.lines} == {"plain.conf", "public.conf", "public2.conf", "roots"}
    (gap,) = [gap for gap in observation.gaps if "none is opened" in gap.reason]
    assert gap.what == "configuration of 2 files"


def test_configuration_that_an_account_could_swap_is_not_sent_whole(tmp_path: Path) -> None:
    """Between the look and the reading its owner may put a link to a closed file in its place."""
    nginx, home, etc = tmp_path / "srv" / "nginx", tmp_path / "home" / "nginx", tmp_path / "etc" / "nginx"
    for folder in (nginx / "conf.d", home, etc / "sites-enabled", etc / "sites"):
        folder.mkdir(parents=True)
    for path in (nginx / "nginx.conf", nginx / "conf.d" / "a.conf", home / "nginx.conf", etc / "nginx.conf"):
        path.write_text("listen 80;\ngzip on;\n")
    (etc / "sites" / "own.conf").write_text("listen 80;\ngzip on;\n")
    os.chown(nginx / "conf.d", 1000, 1000)
    os.chown(home, 1000, 1000)
    (etc / "sites-enabled" / "own.conf").symlink_to("../sites/own.conf")
    (etc / "sites-enabled" / "theirs.conf").symlink_to(home / "nginx.conf")
    (etc / "sites-enabled" / "far.conf").symlink_to("../../../home/nginx/nginx.conf")
    change = {
        "find /etc $bf_roots": f"find {tmp_path}/etc {tmp_path}/srv {tmp_path}/home",
        "-path '/etc/*'": f"-path '{tmp_path}/etc/*'",
        "'*/*/*/*/*/*/*/*/*/*'": "'*/no such/*'",
    }
    recording = ask(configuration.SECTION, change=change)["configuration"]
    read = recording.part("read")
    assert read is not None
    names = {path.removeprefix(f"{tmp_path}/") for path in read.lines() if path.startswith(str(tmp_path))}
    assert names == {
        "srv/nginx/nginx.conf",
        "etc/nginx/nginx.conf",
        "etc/nginx/sites/own.conf",
        "etc/nginx/sites-enabled/own.conf",
    }
    observation = configuration.SECTION.observe(recording, Platform.POSIX)
    assert isinstance(observation, Found)
    searched = {line.path.removeprefix(f"{tmp_path}/") for line in observation.value.lines if "80" in line.text}
    assert searched >= {"srv/nginx/conf.d/a.conf", "home/nginx/nginx.conf", "etc/nginx/sites-enabled/theirs.conf"}


def test_a_package_of_node_is_a_file(secret: Path, tmp_path: Path) -> None:
    secret.write_text(f'{{\n  "name": "{SECRET}"\n}}\n')
    for name in ("link", "true"):
        (tmp_path / "app" / "node_modules" / name).mkdir(parents=True)
    (tmp_path / "app" / "node_modules" / "link" / "package.json").symlink_to(secret)
    (tmp_path / "app" / "node_modules" / "true" / "package.json").write_text('{\n  "name": "left-pad"\n}\n')
    (tmp_path / "app" / "node_modules" / "pipe").mkdir()
    os.mkfifo(tmp_path / "app" / "node_modules" / "pipe" / "package.json")
    change = {"find $bf_tops -xdev": f"find {tmp_path}/app"}
    recording = ask(language_packages.SECTION, change=change)["language_packages"]
    assert SECRET.encode() not in sent(recording)
    assert b"left-pad" in sent(recording)
    assert not recording.timed_out


def test_an_argument_makes_root_look_at_no_other_machine(tmp_path: Path) -> None:
    """``/net/attacker/bin/python`` would have an automounter ask a server of the attacker's."""
    packages = tmp_path / "far" / "lib" / "python3.9" / "site-packages"
    (packages / "left_pad-1.0.dist-info").mkdir(parents=True)
    near = tmp_path / "near" / "lib" / "python3.9" / "site-packages"
    (near / "right_pad-1.0.dist-info").mkdir(parents=True)
    mounts = tmp_path / "mounts"
    mounts.write_text(f"none / ext4 rw 0 0\nserver {tmp_path}/far nfs4 rw 0 0\n")
    change = {
        "bf_arguments=`bf_words`": f"bf_arguments='{tmp_path}/far/bin/python\n{tmp_path}/near/bin/python'",
        "BF_MOUNTS=`cat /proc/mounts`": f"BF_MOUNTS=`cat {mounts}`",
        '[ -n "$BF_WORDS" ]': "false",
        "[ $BF_PROCESSES -le 200 ]": "true",
    }
    recording = ask(language_packages.SECTION, change=change, depth=Depth.STANDARD)["language_packages"]
    assert b"right_pad-1.0" in sent(recording)
    assert b"left_pad" not in sent(recording)


def test_a_configuration_file_of_a_package_that_is_a_link_is_not_hashed(secret: Path, tmp_path: Path) -> None:
    status = tmp_path / "status"
    rows = "".join(f" /etc/{os.fspath(tmp_path)[1:]}/{name} {'0' * 32}\n" for name in ("link", "pipe", "plain", "gone"))
    status.write_text(f"Package: app\nStatus: install ok installed\nConffiles:\n{rows}")
    (tmp_path / "link").symlink_to(secret)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "plain").write_text("x\n")
    change = {
        "/var/lib/dpkg/status": str(status),
        "/etc/*)": "/etc/*) bf_word=${bf_word#/etc};",
        "cd /var/lib/dpkg/info": "cd /nowhere",
    }
    recording = ask(changed_files.SECTION, change=change)["changed_files"]
    part = recording.part("conffile-sums")
    assert part is not None
    hashed = {line.split("  ")[1] for line in part.lines() if "  " in line}
    assert hashed == {"-", str(tmp_path / "plain")}
    assert sum("Not a file" in line for line in part.lines()) == 2
    observation = changed_files.SECTION.observe(recording, Platform.POSIX)
    assert isinstance(observation, Found)
    assert "contents of 2 files of packages" in {gap.what for gap in observation.gaps}


def test_queues_are_read_only_where_the_kernel_shows_them(secret: Path, tmp_path: Path) -> None:
    (tmp_path / "mqueue").mkdir()
    (tmp_path / "mqueue" / "queue").symlink_to(secret)
    change = {"/dev/mqueue/*": f"{tmp_path}/mqueue/*", "BF_MOUNTS=`cat /proc/mounts`": "BF_MOUNTS=none"}
    assert SECRET.encode() not in sent(ask(ipc.SECTION, change=change)["ipc"])
