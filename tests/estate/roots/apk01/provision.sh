addgroup -g 1001 stock
adduser -D -H -h /opt/stock -u 1001 -G stock -s /sbin/nologin stock
adduser -D -s /bin/ash -u 1000 shop
chmod 600 /etc/crontabs/stock /opt/stock/stock.conf
chmod 755 /etc/init.d/* /etc/periodic/daily/* /opt/stock/*.sh
chown stock: /opt/stock/stock.conf
mkdir -p /etc/runlevels/default /var/backups
ln -s /etc/init.d/stock /etc/runlevels/default/stock
echo apk01 >/etc/hostname

# World with a version that is held, one that has a least version, and one that is kept out; apk itself writes it.
busybox=$(sed -n '/^P:busybox$/{n;s/^V://p}' /lib/apk/db/installed)
apk add --no-network --quiet "busybox=$busybox" 'musl>1.1' '!uclibc-utils'

# Files of packages that were changed: configuration, a program, and one that is gone.
echo 'Ask the stock keeper before you restart anything.' >>/etc/motd
echo '# as it was meant' >>/usr/bin/ldd
rm /etc/modprobe.d/kms.conf
