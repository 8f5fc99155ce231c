"""Make the tree of a legacy host: packages, then the service file's set-up, over a base tree."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

from tests.estate import client_key
from tests.wild import trees
from tests.wild.errors import WildError
from tests.wild.places import BOOT, cache
from tests.wild.service_file import Case

_EVERY_HOST = """\
set -eu
apt_install() {
    if ! apt-get -q -y --no-install-recommends install "$@"; then
        apt-get -q update
        apt-get -q -y --no-install-recommends install "$@"
    fi
}
"""
_LOGIN = """\
rm -f /etc/ssh/ssh_host_*
ssh-keygen -q -A
install -d -m 700 /root/.ssh
echo {key} > /root/.ssh/authorized_keys
# All hosts share this machine's kernel, and its messages can be read only once.
sed -i 's/^module(load="imklog")/#&/' /etc/rsyslog.conf
if [ -e /etc/inittab ]; then sed -i '/getty/d' /etc/inittab; fi
rm -rf /etc/service/getty-* /etc/runit/runsvdir/default/getty-*
for unit in console-getty.service getty.target systemd-udevd.service systemd-networkd.service apt-daily.timer \\
    apt-daily-upgrade.timer e2scrub_all.timer fstrim.timer; do
    [ ! -d /etc/systemd/system ] || ln -sf /dev/null "/etc/systemd/system/$unit"
done
"""


def install(case: Case) -> Path:
    """Install a case; its folder has ``upper``, to be mounted over the base tree. Raises WildError."""
    packages = (*trees.OF_INIT.get(case.service.init, ()), *case.service.packages)
    script = _EVERY_HOST + _LOGIN.format(key=shlex.quote(client_key.public().strip()))
    if packages:
        script += f"apt_install {shlex.join(packages)}\n"
    folder = folder_of(case)
    base = trees.host_base(case.release, case.service.init)
    _run(base, folder, case.host, trees.archives(case.release), f"{script}set -x\n{case.service.setup}\n")
    return folder


def install_client(case: Case) -> Path:
    """The client of a case: the base tree, or a folder with the packages that its check needs more."""
    packages = case.service.client
    folder = cache() / "clients" / case.id
    script = _EVERY_HOST + (f"apt_install {shlex.join(packages)}\n" if packages else "")
    _run(trees.client_base(), folder, "client", trees.archives(trees.CLIENT_RELEASE), script)
    return folder


def folder_of(case: Case) -> Path:
    """The folder of a case's legacy host."""
    return cache() / "hosts" / case.id


def _run(base: Path, folder: Path, name: str, archives: Path, script: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    path = folder / "install"
    path.write_text(script, "utf-8")
    log = cache() / "logs" / f"{folder.parent.name}-{folder.name}.install.log"
    try:
        trees.run(
            ["setpriv", "--pdeathsig", "KILL",
             "unshare", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child",
             "sh", str(BOOT / "install.sh"), str(base), str(folder), name, str(archives), str(path)],
            log,
        )  # fmt: skip
    except WildError as error:
        raise WildError(f"Installing failed: {trees.last_words(log)} (log: {log})") from error
