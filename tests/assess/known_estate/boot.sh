# Started by `unshare` as the first process of a host; becomes the host's init.
#
# usage: boot.sh NAME ADDRESS/PREFIX TREE RUN INIT
#   TREE  the built root file system, which stays as it is
#   RUN   folder of this run: `hosts`, `authorized_keys`, `go` (appears when eth0 is there)
set -eu
name=$1 address=$2 tree=$3 run=$4 init=$5

while [ ! -e "$run/go" ]; do sleep 0.1; done
hosts=$(cat "$run/hosts")
key=$(cat "$run/authorized_keys")

# All that is mounted from here on is seen by this host alone, and gone with it. What it writes is kept in memory.
mount -t tmpfs -o mode=0755 known-estate "$run"
mkdir "$run/upper" "$run/work" "$run/root"
cd "$run"
mkdir tree
mount --bind "$tree" tree
mount -t overlay -o lowerdir=tree,upperdir=upper,workdir=work overlay root
cd root
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
# Kernel parameters outside the network stack are the machine's, and a host must not change them.
mount --bind proc/sys proc/sys
mount --bind proc/sys/net proc/sys/net
mount -o remount,bind,ro proc/sys
if [ -e proc/sysrq-trigger ]; then
    mount --bind proc/sysrq-trigger proc/sysrq-trigger
    mount -o remount,bind,ro proc/sysrq-trigger
fi
mount -t tmpfs -o mode=0755 udev dev
mkdir dev/pts dev/shm dev/net
mount -t devpts -o newinstance,ptmxmode=0666,gid=5,mode=0620 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
for node in null:3 zero:5 full:7 random:8 urandom:9; do
    mknod -m 0666 "dev/${node%:*}" c 1 "${node#*:}"
done
mknod -m 0666 dev/tty c 5 0
mknod -m 0600 dev/console c 1 3
mknod -m 0600 dev/net/tun c 10 200
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
mount -t tmpfs -o mode=0755 tmpfs run
mkdir -m 1777 run/lock
: > run/utmp
[ "$init" != systemd ] || mount -t cgroup2 cgroup2 sys/fs/cgroup

echo "$name" > etc/hostname
hostname "$name"
echo "$hosts" > etc/hosts
: > etc/resolv.conf
echo "$key" >> root/.ssh/authorized_keys
ip link set lo up
ip addr add "$address" dev eth0
ip link set eth0 up

pivot_root . mnt
umount -l /mnt
# Neither the machine's clock nor its modules are a host's to change.
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=linux SYSTEMD_LOG_TARGET=null \
    setpriv --bounding-set -sys_time,-sys_module,-sys_boot,-wake_alarm,-syslog --inh-caps -sys_time,-sys_module,-sys_boot,-wake_alarm,-syslog \
    /sbin/init < /dev/null > /dev/null 2>&1
