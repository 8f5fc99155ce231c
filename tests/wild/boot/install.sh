# Started by `unshare --mount --pid --uts` with the machine's network: runs a script in a tree, under an overlay.
#
# usage: install.sh BASE FOLDER NAME ARCHIVES SCRIPT
#   BASE      tree below the overlay, never written to
#   FOLDER    gets upper, work and root; what the script writes stays in upper
#   ARCHIVES  downloaded packages, shared
set -eu
base=$1 folder=$2 name=$3 archives=$4 script=$5
mkdir -p "$folder/upper" "$folder/work" "$folder/root"
mount -t overlay -o "lowerdir=$base,upperdir=$folder/upper,workdir=$folder/work" overlay "$folder/root"
cd "$folder/root"
hostname "$name"
echo "$name" > etc/hostname
printf '127.0.0.1 localhost\n127.0.1.1 %s.wild.example %s\n' "$name" "$name" > etc/hosts
cp /etc/resolv.conf etc/resolv.conf
printf '#!/bin/sh\nexit 101\n' > usr/sbin/policy-rc.d
chmod 755 usr/sbin/policy-rc.d
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=0755 dev dev
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,gid=5,mode=0620 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
for node in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 0666 "dev/${node%:*}" c 1 "${node#*:}"; done
mknod -m 0666 dev/tty c 5 0
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t tmpfs -o mode=0755 tmpfs run
mkdir -m 1777 run/lock
mount --bind "$archives" var/cache/apt/archives
cp "$script" run/install
# The pid namespace ends with this shell, so a daemon that a maintainer script started does not survive.
env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive chroot . /bin/sh /run/install
rm -f usr/sbin/policy-rc.d
