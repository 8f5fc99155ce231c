# Started by `unshare` as the first process of a host; becomes the host's init.
#
# usage: boot.sh NAME ADDRESS/PREFIX TREE RUN
#   TREE  the built root file system, which stays as it is
#   RUN   folder with the files `hosts` and `authorized_keys` of this run; what the host writes is kept in memory over it
set -eu
name=$1 address=$2 tree=$3 run=$4

# This is still the machine's /proc, so the machine's number of this process can be read from it.
read -r pid rest < /proc/self/stat
echo "$pid"
# The caller plugs us into the network. When it was killed there is nothing to read, and the host ends here.
read -r go
exec < /dev/null >> "$run/boot.log" 2>&1

hosts=$(cat "$run/hosts")
authorized_keys=$(cat "$run/authorized_keys")

# All that is mounted from here on is seen by this host alone, and gone with it.
mount -t tmpfs -o mode=0755 estate "$run"
mkdir "$run/upper" "$run/work" "$run/root"
mount -t overlay -o "lowerdir=$tree,upperdir=$run/upper,workdir=$run/work" overlay "$run/root"
cd "$run/root"

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
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,gid=5,mode=0620 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
for node in null:3 zero:5 full:7 random:8 urandom:9; do
    mknod -m 0666 "dev/${node%:*}" c 1 "${node#*:}"
done
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

echo "$name" > etc/hostname
hostname "$name"
echo "$hosts" > etc/hosts
# No name server: what is not in /etc/hosts is unknown at once, instead of after a timeout.
: > etc/resolv.conf
for home in root home/*; do
    echo "$authorized_keys" >> "$home/.ssh/authorized_keys"
done

ip link set lo up
ip addr add "$address" dev eth0
ip link set eth0 up

pivot_root . mnt
umount -l /mnt
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=linux /sbin/init < /dev/null > /dev/null 2>&1
