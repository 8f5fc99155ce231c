"""Entries of supervisors and of inetd are translated as their manager runs them."""

from __future__ import annotations

import pytest

from containerize.start.entry_start import entry_start, read_ports
from containerize.start.managed_start import ManagedStart
from inventory.recording import Part, SectionRecording
from inventory.sections.supervision.services import supervisor_entries

_SERVICES = (
    "# Network services\nftp\t\t21/tcp\ntftp\t69/udp\ndomain 53/tcp nameserver\ntariff 7100/tcp # own\nodd x/tcp\n"
)


def _start(path: str, text: str) -> ManagedStart | None:
    """The start by the last entry of a file."""
    content = "".join(f"{path}:{line}\n" for line in text.split("\n"))
    recording = SectionRecording("services", (Part("entries", content.encode()),))
    return entry_start(supervisor_entries.parse(recording)[-1], read_ports(_SERVICES))


def _known(path: str, text: str) -> ManagedStart:
    found = _start(path, text)
    assert found is not None
    return found


_SUPERVISOR = "/etc/supervisor/conf.d/shop.conf"


def test_a_program_of_supervisor() -> None:
    found = _known(
        _SUPERVISOR,
        "[program:shop]\ncommand=/srv/shop/bin/gunicorn -b 127.0.0.1:8000 'shop.wsgi:app' --name=%(program_name)s\n"
        "directory=/srv/shop\nuser=shop\numask=027\nstopsignal=QUIT\n"
        'environment=MODE="a,b",RATE=5%%,EMPTY="",HOME=\'/srv/shop\' ; of the service',
    )
    assert found.arguments == ("/srv/shop/bin/gunicorn", "-b", "127.0.0.1:8000", "shop.wsgi:app", "--name=shop")
    assert (found.kind, found.user, found.umask, found.working_directory) == ("simple", "shop", 0o027, "/srv/shop")
    assert found.environment == {"MODE": "a,b", "RATE": "5%", "EMPTY": "", "HOME": "/srv/shop"}
    assert (found.stop_signal, found.stop_seconds, found.inherits) == ("SIGQUIT", 10, True)


def test_what_supervisor_fills_in_from_elsewhere_is_left_to_the_process() -> None:
    found = _known(
        _SUPERVISOR,
        '[program:shop]\ncommand=/srv/shop/run\ndirectory=%(here)s/x\nenvironment=PATH="/srv/bin:%(ENV_PATH)s",A=1',
    )
    assert (found.environment, found.working_directory) == ({"A": "1"}, "")
    assert _start(_SUPERVISOR, "[program:shop]\ncommand=/srv/run --port=80%(process_num)02d\nnumprocs=2") is None
    assert _known(_SUPERVISOR, "[program:a]\ncommand=/srv/run\nstopsignal=10").stop_signal == "SIGUSR1"


_RUN = "/etc/service/shop/run"


def test_a_run_script_becomes_its_command() -> None:
    found = _known(_RUN, "#!/bin/sh\nexec 2>&1\nexport MODE=live\nexec chpst -u shop:web /srv/shop/serve --port 80")
    assert (found.arguments, found.user, found.group) == (("/srv/shop/serve", "--port", "80"), "shop", "web")
    assert (found.environment, found.working_directory, found.inherits) == ({"MODE": "live"}, "/etc/service/shop", True)
    assert _known(_RUN, "#!/bin/sh\nexec setuidgid shop /srv/shop/serve").user == "shop"


@pytest.mark.parametrize(
    "text",
    [
        "#!/bin/sh\ncd /srv/shop\nexec /srv/shop/serve",
        "#!/bin/sh\n. /etc/default/shop\nexec /srv/shop/serve $OPTIONS",
        "#!/bin/sh\nexec chpst -e ./env /srv/shop/serve",
        "#!/bin/sh\nexec $(which serve)",
        '#!/bin/sh\n[ -n "$(date)" ] && exec /srv/shop/serve\nexec /srv/shop/other',
    ],
)
def test_a_run_script_that_does_more_is_run_itself(text: str) -> None:
    assert _known(_RUN, text).arguments == (_RUN,)


def test_a_job_of_upstart() -> None:
    found = _known(
        "/etc/init/shop.conf",
        "start on runlevel [2345]\nexpect fork\nsetuid shop\nsetgid web\numask 022\nchdir /srv/shop\nenv MODE=live\n"
        "limit nofile 1024 unlimited\nkill signal INT\nexec /srv/shop/serve --mode $MODE",
    )
    assert (found.kind, found.arguments) == ("forking", ("/srv/shop/serve", "--mode", "live"))
    assert (found.user, found.group, found.umask, found.working_directory) == ("shop", "web", 0o022, "/srv/shop")
    assert (found.environment["MODE"], found.stop_signal, found.limits) == (
        "live", "SIGINT", (("nofile", 1024, -1),)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("cd /srv/shop && ./serve", "cd /srv/shop && ./serve"),
        ("MODE=live /srv/shop/serve $MORE", "MODE=live /srv/shop/serve $MORE"),
        ("/srv/shop/serve `hostname`", "exec /srv/shop/serve `hostname`"),
    ],
)
def test_what_only_a_shell_can_run_is_run_by_one(command: str, line: str) -> None:
    assert _known("/etc/init/shop.conf", f"exec {command}").arguments == ("/bin/sh", "-c", line)


@pytest.mark.parametrize(
    ("command", "vector"),
    [
        ("/srv/shop/serve -d", ("/srv/shop/serve", "-d")),
        ("/srv/shop/serve -d &", ("/srv/shop/serve", "-d")),
        ("/srv/shop/serve $OPTIONS", ("/bin/sh", "-c", "exec /srv/shop/serve $OPTIONS")),
    ],
)
def test_a_line_of_rc_local(command: str, vector: tuple[str, ...]) -> None:
    found = _known("/etc/rc.local", f"#!/bin/sh -e\n{command}\n")
    assert (found.kind, found.arguments, found.start_seconds) == ("forking", vector, 0)


def test_a_respawned_line_of_inittab_stays_in_the_foreground() -> None:
    found = _known("/etc/inittab", "sh:2345:respawn:/srv/shop/serve --fg")
    assert (found.kind, found.arguments) == ("simple", ("/srv/shop/serve", "--fg"))


def test_a_process_of_monit_is_followed_by_its_pid_file() -> None:
    found = _known(
        "/etc/monit/conf.d/shop",
        'check process shop with pidfile /run/shop.pid\n  start program = "/srv/shop/serve --daemon"\n',
    )
    assert (found.kind, found.pid_file, found.arguments) == (
        "forking",
        "/run/shop.pid",
        ("/srv/shop/serve", "--daemon"),
    )


def test_a_server_of_inetd_gets_its_socket_by_the_name_of_its_port() -> None:
    found = _known("/etc/inetd.conf", "tariff stream tcp nowait shop:web /srv/tariff.pl tariff.pl -v")
    assert (found.arguments, found.user, found.group) == (("/srv/tariff.pl", "-v"), "shop", "web")
    (socket,) = found.sockets
    assert (socket.protocol, socket.address, socket.style) == ("stream", "7100", "inetd-nowait")
    found = _known("/etc/inetd.conf", "127.0.0.1:tftp dgram udp4 wait root /usr/sbin/tcpd /usr/sbin/in.tftpd /srv/tftp")
    assert found.arguments == ("/usr/sbin/in.tftpd", "/srv/tftp")
    assert (found.sockets[0].address, found.sockets[0].style) == ("127.0.0.1:69", "inetd-wait")
    assert _start("/etc/inetd.conf", "nothing stream tcp nowait root /usr/sbin/x x") is None


def test_a_service_of_xinetd() -> None:
    found = _known(
        "/etc/xinetd.d/ftp",
        "service ftp\n{\n  socket_type = stream\n  wait = no\n  user = root\n  server = /usr/sbin/in.ftpd\n"
        "  server_args = -l\n  bind = 10.0.0.1\n}",
    )
    assert (found.arguments, found.sockets[0].address) == (("/usr/sbin/in.ftpd", "-l"), "10.0.0.1:21")


def test_ports_are_known_by_their_aliases_too() -> None:
    assert read_ports(_SERVICES)["nameserver/tcp"] == 53
    assert "odd/tcp" not in read_ports(_SERVICES)
