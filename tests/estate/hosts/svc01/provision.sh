#!/bin/sh
# Sets up each service as its administrator once did, with the data that it serves.
set -eu

# service NAME USER DIRECTORY COMMAND WORD...: an init script as an administrator writes it, from the last one.
service() {
    name=$1 user=$2 directory=$3
    shift 3
    cat > "/etc/init.d/$name" <<SCRIPT
#!/bin/sh
### BEGIN INIT INFO
# Provides:          $name
# Required-Start:    \$remote_fs \$syslog \$network ${AFTER:-}
# Required-Stop:     \$remote_fs \$syslog \$network
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: $name
### END INIT INFO

PATH=/sbin:/usr/sbin:/bin:/usr/bin
PIDFILE=/run/$name.pid
set -a
[ ! -r /etc/default/$name ] || . /etc/default/$name
set +a
control() { start-stop-daemon --pidfile "\$PIDFILE" "\$@"; }
case "\$1" in
    start)
        ${PREPARE:-}
        control --start --quiet --background --make-pidfile --chuid $user --chdir $directory --startas $1 -- $(shift; echo "$@")
        ;;
    stop) control --stop --quiet --oknodo --retry TERM/5/KILL/5 --remove-pidfile ;;
    restart|force-reload) "\$0" stop; "\$0" start ;;
    *) echo "usage: \$0 {start|stop|restart|force-reload}" >&2; exit 3 ;;
esac
SCRIPT
    chmod 0755 "/etc/init.d/$name"
    update-rc.d "$name" defaults
}

account() { adduser --quiet --system --group --no-create-home --home "/var/lib/$1" "$1"; }
for name in ledger board bookings survey canteen; do
    account "$name"
    install -d -m 0750 -o "$name" -g "$name" "/var/lib/$name"
done

# PostgreSQL: one database and its role, in the encoding and the collation of the house.
sed -i "s/^#\?listen_addresses.*/listen_addresses = '*'/" /etc/postgresql/15/main/postgresql.conf
echo 'host ledger ledger 10.77.0.0/23 scram-sha-256' >> /etc/postgresql/15/main/pg_hba.conf
pg_ctlcluster 15 main start
su postgres -c 'psql -q -v ON_ERROR_STOP=1' < /etc/ledger/ledger.sql
pg_ctlcluster 15 main stop
rm /etc/ledger/ledger.sql

# Redis: a password, and data from before.
sed -i 's/^# *requirepass .*/requirepass estate-redis-password/' /etc/redis/redis.conf
install -d -o redis -g redis /run/redis
su redis -s /bin/sh -c 'redis-server /etc/redis/redis.conf --daemonize yes --port 6399 --supervised no --pidfile ""'
export REDISCLI_AUTH=estate-redis-password
until redis-cli -p 6399 ping > /dev/null 2>&1; do sleep 0.2; done
redis-cli -p 6399 rpush notices 'The lift is being repaired' 'Coffee is free on Fridays' > /dev/null
redis-cli -p 6399 set motto 'Grüße aus Köln' > /dev/null
redis-cli -p 6399 save > /dev/null
redis-cli -p 6399 shutdown nosave

# Postfix: mail for this host alone, and an alias as there are everywhere.
postconf -e 'myhostname = svc01.estate.example' 'mydestination = svc01.estate.example, svc01, localhost' \
    'inet_interfaces = all' 'inet_protocols = ipv4' 'mynetworks = 127.0.0.0/8' 'maillog_file =' 'relayhost =' \
    'smtpd_tls_security_level = none' 'alias_maps = hash:/etc/aliases' 'alias_database = hash:/etc/aliases' \
    'myorigin = svc01.estate.example' 'biff = no' 'compatibility_level = 3.6'
printf 'postmaster: root\nroot: ops\naccounts: ops\n' > /etc/aliases
newaliases
update-rc.d postfix defaults

# Bookings: Python of an environment of its own, with a package that was installed there.
python3 -m venv --without-pip /srv/bookings/venv
site=$(echo /srv/bookings/venv/lib/python3.*/site-packages)
cp -R /srv/bookings/wheels/calendarium /srv/bookings/wheels/calendarium-2.1.dist-info "$site"
rm -r /srv/bookings/wheels
chmod 0755 /srv/bookings/bookings.py
# The authority of the house, which signed the certificate of the service.
mkdir -p /etc/bookings
cd /etc/bookings
openssl req -x509 -newkey rsa:2048 -nodes -days 7300 -subj '/CN=Estate house authority' -keyout /root/ca.key \
    -out /usr/local/share/ca-certificates/house.crt 2> /dev/null
openssl req -newkey rsa:2048 -nodes -subj '/CN=svc01.estate.example' -keyout tls.key -out /tmp/tls.csr 2> /dev/null
echo 'subjectAltName=DNS:svc01,DNS:svc01.estate.example,DNS:localhost' > /tmp/tls.ext
openssl x509 -req -days 7300 -in /tmp/tls.csr -CA /usr/local/share/ca-certificates/house.crt -CAkey /root/ca.key \
    -set_serial 7 -extfile /tmp/tls.ext -out tls.crt 2> /dev/null
rm /root/ca.key /tmp/tls.csr /tmp/tls.ext
update-ca-certificates > /dev/null 2>&1
chown root:bookings tls.key
chmod 0640 tls.key
install -d -m 0750 -o bookings -g adm /var/log/bookings
service bookings bookings /srv/bookings /srv/bookings/venv/bin/python bookings.py

# Ledger: Perl with modules of the distribution, and jobs beside it.
chown root:ledger /etc/ledger/ledger.conf
chmod 0640 /etc/ledger/ledger.conf
chmod 0755 /opt/ledger/bin/*
install -d -m 0750 -o ledger -g adm /var/log/ledger
AFTER=postgresql service ledger ledger /opt/ledger /opt/ledger/bin/ledger

# Board: Node.js.
chown root:board /etc/default/board
chmod 0640 /etc/default/board
AFTER=redis-server service board board /opt/board /usr/bin/node server.js

# Survey: a front and a worker, which talk over a socket.
chmod 0755 /opt/survey/*.py
PREPARE='install -d -m 0750 -o survey -g survey /run/survey' \
    service survey-worker survey /opt/survey /opt/survey/worker.py
AFTER=survey-worker PREPARE='install -d -m 0750 -o survey -g survey /run/survey' \
    service survey-front survey /opt/survey /opt/survey/front.py

# Canteen: Ruby, with a gem beside the application and another for the whole host, both of the house.
cd /srv/canteen/house/menucard
gem build -q menucard.gemspec
gem install -q --local --no-document --ignore-dependencies --install-dir /srv/canteen/gems menucard-1.3.0.gem
cd /srv/canteen/house/allergens
gem build -q allergens.gemspec
gem install -q --local --no-document allergens-0.9.2.gem
cd /
rm -r /srv/canteen/house
service canteen canteen /srv/canteen /usr/bin/puma -q -t 1:4 -b tcp://0.0.0.0:8005 config.ru
