#!/bin/sh
# Run inside every new host before its own provision.sh: who may log in, and how the machine starts.
set -eu

# The server package made host keys when the base was built; hosts of one base must not share them.
rm -f /etc/ssh/ssh_host_*
ssh-keygen -q -A

for user in legacy ops; do
    adduser --quiet --disabled-password --gecos "$user" "$user"
done
chmod 0440 /etc/sudoers.d/ops

# The key of the machine that runs the estate is put here when the host starts.
for home in /root /home/legacy /home/ops; do
    install -d -m 0700 -o "$(stat -c %U "$home")" -g "$(stat -c %G "$home")" "$home/.ssh"
    install -m 0600 -o "$(stat -c %U "$home")" -g "$(stat -c %G "$home")" /dev/null "$home/.ssh/authorized_keys"
done

printf '%s\n' 'en_US.UTF-8 UTF-8' 'de_DE.UTF-8 UTF-8' > /etc/locale.gen
locale-gen > /dev/null
update-locale LANG=en_US.UTF-8

ln -sf /usr/share/zoneinfo/Europe/Berlin /etc/localtime
echo Europe/Berlin > /etc/timezone

# All hosts run on one kernel when they are started as namespaces, and its messages can be read only once.
sed -i 's/^module(load="imklog")/#&/' /etc/rsyslog.conf
