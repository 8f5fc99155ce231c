#!/bin/sh
# Sets up the site, the service and what a machine of its own needs to start.
set -eu

echo vm01 > /etc/hostname
printf '127.0.0.1 localhost\n127.0.1.1 vm01.estate.example vm01\n' > /etc/hosts
echo '/dev/vda / ext4 defaults,errors=remount-ro 0 1' > /etc/fstab

rm -f /etc/nginx/sites-enabled/default
ln -s ../sites-available/status /etc/nginx/sites-enabled/status

adduser --quiet --system --group --home /var/lib/meter-gateway meter
chmod 0755 /usr/local/lib/meter-gateway/meter-gateway
chown root:meter /etc/default/meter-gateway
chmod 0640 /etc/default/meter-gateway
systemctl -q enable meter-gateway.service nginx.service ssh.service

# Only the drivers of this machine: a small initrd starts sooner where the processor is emulated.
sed -i 's/^MODULES=.*/MODULES=list/' /etc/initramfs-tools/initramfs.conf
update-initramfs -u -k all
