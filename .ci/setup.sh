# Set-up shared by ./demo and ./test; sourced, not run. POSIX sh.
#
# Everything is idempotent: what is there already is left alone, and the Python environment is made again only when
# pyproject.toml or the interpreter has changed.

ROOT=$(cd "$(dirname "$0")" && pwd)
CACHE=${BROWNFIELD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/brownfield}
STARTED_DOCKERD=

say() { printf '%s\n' "$*" >&2; }
step() { printf '\n== %s\n' "$*" >&2; }
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 3; }
have() { PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null 2>&1; }

# The estate's hosts are namespaces and overlays, so all of this wants root; sudo is asked once, for the whole run.
become_root() {
  [ "$(id -u)" = 0 ] && return
  have sudo || die "needs root for the test hosts and the container engine: run it as root, or install sudo"
  say "$(basename "$0") needs root for the test hosts and the container engine; asking sudo."
  exec sudo -E "$0" "$@"
}

# package_for COMMAND: the Debian and Ubuntu package that brings it.
package_for() {
  case $1 in
    mmdebstrap) echo mmdebstrap ;;
    debian-keyring) echo debian-archive-keyring ;;
    ip) echo iproute2 ;;
    iptables) echo iptables ;;
    unshare|nsenter|mount) echo util-linux ;;
    ssh) echo openssh-client ;;
    sshd) echo openssh-server ;;
    mke2fs) echo e2fsprogs ;;
    dockerd) echo docker.io ;;
    docker) if apt-cache show docker-cli >/dev/null 2>&1; then echo docker-cli; else echo docker.io; fi ;;
    podman) echo podman ;;
    runc) echo runc ;;
    qemu-system-x86_64) echo qemu-system-x86 ;;
    chromium-headless-shell) echo chromium-headless-shell ;;
    busybox) echo busybox ;;
    cc) echo gcc libc6-dev ;;
    dropbear) echo dropbear-bin ;;
    doas) echo opendoas ;;
    ksh) echo ksh ;;
    git) echo git ;;
    script) echo bsdutils ;;
    nft) echo nftables ;;
    ps|pgrep|free) echo procps ;;
    gpg) echo gnupg ;;
    setcap) echo libcap2-bin ;;
    setfacl) echo acl ;;
    db_load) echo db-util ;;
    nc) echo netcat-openbsd ;;
    apache2) echo apache2-bin ;;
    haproxy) echo haproxy ;;
    kubectl) if apt-cache show kubectl >/dev/null 2>&1; then echo kubectl; else echo kubernetes-client; fi ;;
    docker-compose) if apt-cache show docker-compose-v2 >/dev/null 2>&1; then echo docker-compose-v2; else echo docker-compose; fi ;;
    *) echo "$1" ;;
  esac
}

# need COMMAND ...: install what is missing, or say exactly what to type.
need() {
  missing=
  for tool in "$@"; do
    case $tool in
      debian-keyring) [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || missing="$missing $(package_for "$tool")" ;;
      # The browser driver's own Node.js wants it, and a minimal Debian lacks it.
      libatomic) ldconfig -p | grep -q 'libatomic\.so\.1' || missing="$missing libatomic1" ;;
      venv) "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv" ;;
      # Not on PATH: the tests look for it where Debian puts it.
      postgresql) [ -e /usr/lib/postgresql ] || have initdb || missing="$missing postgresql" ;;
      certificates) [ -e /etc/ssl/certs/ca-certificates.crt ] || missing="$missing ca-certificates" ;;
      *) have "$tool" || missing="$missing $(package_for "$tool")" ;;
    esac
  done
  [ -z "$missing" ] && return 0
  missing=$(printf '%s\n' $missing | sort -u | tr '\n' ' ')
  if ! have apt-get; then
    die "these are missing: $missing(names of Debian packages). Install them with your package manager and run this again"
  fi
  say "Installing system packages: $missing"
  if [ -n "$(find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' -mtime -2 2>/dev/null | head -n 1)" ]; then :; else
    apt-get -qq update || die "apt-get update failed: is the network up?"
  fi
  log=$(mktemp)
  # The run level keeps servers from being started without systemd; see no_service.
  if ! RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $missing >"$log" 2>&1; then
    # A package list that is a few hours old can name versions that are gone by now.
    apt-get -qq update
    if ! RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $missing >"$log" 2>&1; then
      tail -n 15 "$log" >&2
      rm -f "$log"
      die "could not install: $missing. Try: apt-get install $missing"
    fi
  fi
  rm -f "$log"
}

# want COMMAND: like need, but only say what will be left out when the package does not exist here.
want() {
  have "$1" && return 0
  apt-cache show "$(package_for "$1")" >/dev/null 2>&1 || { say "No package brings $1 here: what needs it is left out."; return 1; }
  (need "$1") || return 1
}

# no_service NAME: a package that was just installed for a program of it must not leave a server running.
no_service() {
  [ -d /run/systemd/system ] || return 0
  systemctl disable --now "$1" >/dev/null 2>&1 || say "Could not stop the service $1, which came with its package."
}

# The first Python that is new enough; ASSESS_PYTHON overrides.
find_python() {
  for candidate in ${ASSESS_PYTHON:-} python3 /usr/bin/python3 python3.13 python3.12 python3.11; do
    if have "$candidate" && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      PYTHON=$candidate
      return
    fi
  done
  die "Python 3.11 or later is needed; this machine has $(python3 --version 2>/dev/null || echo none)"
}

# make_environment FOLDER PYTHON EXTRA: a virtual environment with the project in it (EXTRA: '' or '[dev]').
make_environment() {
  stamp=$( { cat "$ROOT/pyproject.toml"; "$2" -c 'import sys; print(sys.version, sys.prefix)'; echo "$3 $ROOT"; } | sha256sum)
  if [ "$(cat "$1/stamp" 2>/dev/null)" != "$stamp" ]; then
    say "Making the Python environment $(basename "$1") ($("$2" --version))"
    rm -rf "$1"
    "$2" -m venv "$1" || die "could not make a virtual environment with $2"
    "$1/bin/pip" install --quiet --disable-pip-version-check -e "$ROOT$3" || die "pip could not install what pyproject.toml names"
    printf '%s\n' "$stamp" >"$1/stamp"
  fi
}

# An engine for the pilot. Where docker.io was only just installed in a place without an init system, nobody started it.
start_engine() {
  docker_answers && return 0
  if [ -d /run/systemd/system ]; then
    systemctl start docker >/dev/null 2>&1 && docker_answers && return 0
  fi
  mkdir -p "$CACHE/dockerd"
  rm -f /var/run/docker.pid
  dockerd --data-root "$CACHE/dockerd/data" >"$CACHE/dockerd/log" 2>&1 &
  STARTED_DOCKERD=$!
  waited=0
  until docker_answers; do
    kill -0 "$STARTED_DOCKERD" 2>/dev/null || { tail -n 5 "$CACHE/dockerd/log" >&2; STARTED_DOCKERD=; return 1; }
    waited=$((waited + 1))
    [ "$waited" -lt 60 ] || return 1
    sleep 1
  done
}

docker_answers() {
  "$PYTHON" - <<'PY' 2>/dev/null
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(5)
s.connect("/var/run/docker.sock")
s.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
sys.exit(b"OK" not in s.recv(4096))
PY
}

stop_engine() {
  [ -n "$STARTED_DOCKERD" ] || return 0
  kill "$STARTED_DOCKERD" 2>/dev/null
  wait "$STARTED_DOCKERD" 2>/dev/null
  STARTED_DOCKERD=
  # The bridge of a dockerd that nobody else uses is ours to remove.
  ip link delete docker0 2>/dev/null || true
}
