#!/bin/sh
# Sets up what a machine of its own needs to start, and an account that may run containers while nobody is logged in.
set -eu

echo vm02 > /etc/hostname
printf '127.0.0.1 localhost\n127.0.1.1 vm02.estate.example vm02\n' > /etc/hosts
echo '/dev/vda / ext4 defaults,errors=remount-ro 0 1' > /etc/fstab

# Nothing is reached by it; Podman copies it into containers.
echo 'nameserver 10.0.2.3' > /etc/resolv.conf
# Units of Quadlet wait for it, and nothing else here asks for it.
mkdir -p /etc/systemd/system/multi-user.target.wants
ln -s /usr/lib/systemd/system/network-online.target /etc/systemd/system/multi-user.target.wants/

grep -q '^ops:' /etc/subuid || usermod --add-subuids 200000-265535 --add-subgids 200000-265535 ops
mkdir -p /var/lib/systemd/linger
touch /var/lib/systemd/linger/ops
systemctl -q enable ssh.service

# Only the drivers of this machine: a small initrd starts sooner where the processor is emulated.
sed -i 's/^MODULES=.*/MODULES=list/' /etc/initramfs-tools/initramfs.conf
update-initramfs -u -k all
