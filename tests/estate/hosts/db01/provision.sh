#!/bin/sh
# Loads the shop's data, as its administrator once did.
set -eu

install -d -m 0750 -o root -g adm /var/backups/shop

install -d -o mysql -g mysql /run/mysqld
mariadbd --user=mysql --skip-networking --socket=/run/mysqld/setup.sock --pid-file=/run/mysqld/setup.pid &
server=$!
tries=0
until mariadb-admin --socket=/run/mysqld/setup.sock ping > /dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 120 ]
    sleep 0.5
done
mariadb --socket=/run/mysqld/setup.sock --default-character-set=utf8mb4 < /usr/local/share/shop/shop.sql
mariadb-admin --socket=/run/mysqld/setup.sock shutdown
wait "$server"
