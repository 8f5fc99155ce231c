#!/bin/sh
# Sets up both applications, and the oddities that old hosts have.
set -eu

adduser --quiet --system --group --home /var/opt/app --no-create-home app
install -d -m 0750 -o app -g app /var/opt/app /var/log/inventory-app
chown root:app /opt/app/config.ini
chmod 0640 /opt/app/config.ini
chmod 0755 /opt/app/app.py /etc/init.d/* /usr/local/sbin/*

# The package has a unit for systemd only; the init script here is older than that and was kept.
for service in inventory-app tomcat9 label-printer; do
    update-rc.d "$service" defaults
done

# The web application is unpacked where Tomcat looks for it, and keeps what it writes outside.
webapp=/var/lib/tomcat9/webapps/parts
cp -R /usr/local/share/parts "$webapp"
install -d -m 0750 -o tomcat -g tomcat /var/lib/parts
chown -R root:tomcat /etc/parts
chmod 0640 /etc/parts/parts.properties

# A user whose shell talks to everybody, also where only a program listens.
adduser --quiet --disabled-password --gecos 'noisy' noisy
install -d -m 0700 -o noisy -g noisy /home/noisy/.ssh
install -m 0600 -o noisy -g noisy /dev/null /home/noisy/.ssh/authorized_keys
for file in .bashrc .profile; do
    cat > "/home/noisy/$file" <<'NOISE'
echo '*** app01: authorised use only. Your session is being recorded. ***'
echo "Last backup: FAILED"
printf '\033[1mDisk /var is 91%% full\033[0m\n'
echo 'TERM environment variable not set.' >&2
NOISE
    chown noisy:noisy "/home/noisy/$file"
done
