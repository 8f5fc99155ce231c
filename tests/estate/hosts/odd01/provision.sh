#!/bin/sh
# Sets up a service for each thing that rules look for. All of them are started by init scripts.
set -eu

# Python 2.7 as somebody once compiled it: of no package.
install -d /opt/portal/python-2.7/bin
cp /usr/bin/python2.7 /opt/portal/python-2.7/bin/
cp -R /usr/lib/python2.7/. /opt/portal/python-2.7/lib/python2.7/
dpkg --purge python2.7 python2.7-minimal libpython2.7-stdlib libpython2.7-minimal

adduser --quiet --system --group --no-create-home --home /var/opt/portal portal
adduser --quiet portal utmp
install -d -m 0775 -o portal -g portal /var/opt/portal
chown -R portal:portal /etc/portal
chmod 0640 /etc/portal/portal.ini
chmod 0755 /opt/*/*.py
# The accounts of the works came from a directory, until it was taken away.
sed -i 's/^passwd:.*/passwd: files ldap/' /etc/nsswitch.conf

# daemon NAME USER COMMAND WORD...: an init script as an administrator writes it, from the last one. $BEFORE is a line of it.
daemon() {
    name=$1 user=$2
    shift 2
    cat > "/etc/init.d/$name" <<SCRIPT
#!/bin/sh
### BEGIN INIT INFO
# Provides:          $name
# Required-Start:    \$remote_fs \$syslog \$network
# Required-Stop:     \$remote_fs \$syslog \$network
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: $name
### END INIT INFO

PATH=/sbin:/usr/sbin:/bin:/usr/bin
DAEMON=$1
PIDFILE=/run/$name.pid
control() { start-stop-daemon --pidfile "\$PIDFILE" "\$@"; }
${BEFORE:-}
case "\$1" in
    start) control --start --quiet --background --make-pidfile --chuid $user --chdir / --exec "\$DAEMON" -- $(shift; echo "$@") ;;
    stop) control --stop --quiet --oknodo --retry TERM/5/KILL/5 --remove-pidfile ;;
    restart|force-reload) "\$0" stop; "\$0" start ;;
    *) echo "usage: \$0 {start|stop|restart|force-reload}" >&2; exit 3 ;;
esac
SCRIPT
    chmod 0755 "/etc/init.d/$name"
    update-rc.d "$name" defaults
}


# Each of the following does one thing, as a program of its package does it.
own=10.77.0.16
daemon feed-receiver root /usr/bin/socat -u "UDP4-RECV:9010,reuseaddr,ip-add-membership=239.77.0.1:$own" OPEN:/srv/mirror/feed,creat,append
BEFORE='case $(uname -r) in 2.4.* | 2.6.*) echo "an old kernel" ;; esac' \
    daemon vrrp-watch root /usr/bin/socat -u IP4-RECV:112 OPEN:/dev/null
daemon frame-logger root /usr/bin/socat -u INTERFACE:eth0 OPEN:/dev/null
BEFORE='[ ! -x /sbin/modprobe ] || modprobe -n -q nf_conntrack_sip' \
    daemon sip-gateway root /usr/bin/socat -u UDP4-RECV:5060 OPEN:/dev/null
daemon clock-signal root /usr/sbin/gpsd -N -n -G -F /run/gpsd.sock
daemon who-is-on root /usr/sbin/rpc.rusersd
daemon sampler root /usr/bin/chrt -f 20 /usr/bin/python3 /opt/sampler/sampler.py
BEFORE='[ ! -d /sys/fs/cgroup/cpuset/mailbox ] || echo $$ > /sys/fs/cgroup/cpuset/mailbox/tasks' \
    daemon mailbox root /usr/bin/env HOME=/root /usr/bin/erl -noinput -sname works
daemon clock-setter root /usr/bin/setpriv --reuid=nobody --clear-groups --inh-caps=+sys_time --ambient-caps=+sys_time \
    /usr/bin/socat TCP4-LISTEN:7007 OPEN:/dev/null
BEFORE='ulimit -n 8192' daemon portal portal /opt/portal/python-2.7/bin/python2.7 /opt/portal/portal.py
daemon poller portal /usr/bin/env OWN_ADDRESS=$own /usr/bin/python3 /opt/poller/poller.py
chmod 0755 /etc/init.d/works
update-rc.d works defaults
install -d -m 0755 /srv/incoming /srv/mirror

# Locked in memory, and on one address.
sed -i "s/^-l .*/-l $own/; s/^-m .*/-m 8/; s/^-u .*/-u root/" /etc/memcached.conf
printf '%s\n' '-k' '-t 1' >> /etc/memcached.conf

# A tunnel with a key that both ends have.
openvpn --genkey secret /etc/openvpn/works.key
cat > /etc/openvpn/works.conf <<'CONF'
dev tun
proto udp
port 1194
ifconfig 10.99.0.1 10.99.0.2
secret works.key
CONF

cat > /etc/inetd.conf <<'CONF'
login stream tcp nowait root /usr/sbin/tcpd /usr/sbin/in.rlogind
echo stream tcp nowait nobody /bin/cat cat
CONF
