# Started by `unshare` as the first process of a host; becomes the host's init.
#
# usage: boot.sh NAME TREE RECIPE INIT ARGUMENTS...
#   TREE    the host's root file system, which it changes
#   RECIPE  folder with files/ (copied to /) and provision.sh (run inside, as root)
set -eu
name=$1 tree=$2 recipe=$3
shift 3

# This is still the machine's /proc, so the machine's number of this process can be read from it.
read -r pid rest </proc/self/stat

mount --bind "$tree" "$tree"
cd "$tree"
mkdir -p proc sys dev tmp run mnt

mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
# Kernel parameters outside the network stack are the machine's, and a host must not change them.
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
if [ -e proc/sysrq-trigger ]; then
    mount --bind proc/sysrq-trigger proc/sysrq-trigger
    mount -o remount,bind,ro proc/sysrq-trigger
fi
mount -t tmpfs -o mode=0755 dev dev
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts dev/pts
for node in null:3 zero:5 full:7 random:8 urandom:9; do
    mknod -m 0666 "dev/${node%:*}" c 1 "${node#*:}"
done
mknod -m 0666 dev/tty c 5 0
# The real console is the machine's.
mknod -m 0600 dev/console c 1 3
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t tmpfs -o mode=1777 tmp tmp
mount -t tmpfs -o mode=0755 run run

hostname "$name"
ip link set lo up
tar -C "$recipe/files" --owner=0 --group=0 --mode=u+rw,go+r-w,a+X -c . | tar --no-overwrite-dir --keep-directory-symlink -x
cp "$recipe/provision.sh" tmp/provision.sh
chroot . /bin/sh -eu /tmp/provision.sh >&2
rm tmp/provision.sh

pivot_root . mnt
umount -l /mnt
echo "$pid"
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=linux "$@" </dev/null >/dev/null 2>&1
