# As on a system without shadow file; the hash is made up.
cat >/etc/passwd <<'END'
root:$1$estate$oQjFh2Yj8qVqJmqnVvQ8s/:0:0:root:/root:/bin/sh
admin:x:1000:1000:Administrator:/home/admin:/bin/sh
END
printf 'root:x:0:\nadmin:x:1000:\n' >/etc/group
mkdir -p /home/admin
chown 1000:1000 /home/admin
dropbearkey -t ed25519 -f /etc/dropbear/key
chmod 755 /etc/rcS
chmod 600 /etc/dropbear/key
