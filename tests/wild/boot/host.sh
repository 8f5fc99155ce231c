# Started in the sandbox by `unshare`, in a network namespace that is ready: boots a tree as a server.
#
# usage: host.sh ROOT NAME ADDRESS PEER
#   ROOT  the mounted root file system
#   PEER  address of the sandbox, the gateway
set -eu
root=$1 name=$2 address=$3 peer=$4
mount --make-rprivate /
mount --bind "$root" "$root"
cd "$root"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
# A cgroup tree without controllers: systemd needs only the tree.
mount -t cgroup2 cgroup2 sys/fs/cgroup 2>/dev/null || :
# Kernel parameters outside the network stack are the machine's, and a host must not change them.
mount --bind proc/sys proc/sys
mount --bind proc/sys/net proc/sys/net
mount -o remount,bind,ro proc/sys
if [ -e proc/sysrq-trigger ]; then
    mount --bind proc/sysrq-trigger proc/sysrq-trigger
    mount -o remount,bind,ro proc/sysrq-trigger
fi
mount -t tmpfs -o mode=0755 udev dev
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,gid=5,mode=0620 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
for node in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 0666 "dev/${node%:*}" c 1 "${node#*:}"; done
mknod -m 0666 dev/tty c 5 0
# The real console is the machine's.
mknod -m 0600 dev/console c 1 3
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
mount -t tmpfs -o mode=0755 tmpfs run
mkdir -m 1777 run/lock
: > run/utmp
hostname "$name"
printf '127.0.0.1 localhost\n%s %s.wild.example %s\n' "$address" "$name" "$name" > etc/hosts
rm -f etc/resolv.conf
: > etc/resolv.conf
pivot_root . mnt
umount -l /mnt
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=linux /sbin/init < /dev/null > /dev/null 2>&1
