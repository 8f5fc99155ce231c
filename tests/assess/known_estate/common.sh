# Read before the set-up of each host: services and accounts as administrators make them.
set -eu

account() { adduser --quiet --system --group --no-create-home --home "/var/lib/$1" "$1"; }

# unit NAME USER COMMAND...: a systemd unit of the house; ${MORE:-} are further lines of [Service].
unit() {
    name=$1 user=$2
    shift 2
    cat > "/etc/systemd/system/$name.service" <<UNIT
[Unit]
Description=$name
After=network.target

[Service]
User=$user
${MORE:-}
ExecStart=$*
Restart=on-failure

[Install]
WantedBy=multi-user.target
UNIT
    systemctl enable "$name.service"
}

# script NAME USER COMMAND...: an init script of the house; `-` as user: the program changes its user itself.
script() {
    name=$1 user=$2
    shift 2
    cat > "/etc/init.d/$name" <<SCRIPT
#!/bin/sh
### BEGIN INIT INFO
# Provides:          $name
# Required-Start:    \$remote_fs \$network
# Required-Stop:     \$remote_fs \$network
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: $name
### END INIT INFO
set -a
[ ! -r /etc/default/$name ] || . /etc/default/$name
set +a
PIDFILE=/run/$name.pid
case "\$1" in
    start) start-stop-daemon --start --quiet --pidfile \$PIDFILE ${BACKGROUND---background --make-pidfile --chuid $user} --startas $1 -- $(shift; echo "$@") ;;
    stop) start-stop-daemon --stop --quiet --oknodo --retry 5 --pidfile \$PIDFILE ;;
    restart) "\$0" stop; "\$0" start ;;
esac
SCRIPT
    chmod 0755 "/etc/init.d/$name"
    update-rc.d "$name" defaults
}

certificate() { # certificate NAME KEY CERTIFICATE
    openssl req -x509 -newkey rsa:2048 -nodes -days 7300 -subj "/CN=$1" -keyout "$2" -out "$3" 2> /dev/null
}

# hold.py ADDRESS:PORT[=BYTES]...: connections that stay open, as the pools of applications do.
install -d /usr/local/lib/house
cat > /usr/local/lib/house/hold.py <<'PYTHON'
"""Keeps connections open and opens them again when they are lost."""

import select
import socket
import threading
import time


def _hold(address, port, greeting):
    while True:
        try:
            with socket.create_connection((address, port), 5) as peer:
                if greeting:
                    peer.sendall(greeting)
                while True:
                    select.select([peer], [], [])
                    if not peer.recv(4096):
                        break
        except OSError:
            pass
        time.sleep(1)


def hold(address, port, greeting=b""):
    threading.Thread(target=_hold, args=(address, port, greeting), daemon=True).start()
PYTHON
