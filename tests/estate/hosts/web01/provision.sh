#!/bin/sh
# Sets the shop up the way its administrator left it.
set -eu

# Debian's own site is off; only the shop answers.
a2dissite -q 000-default
a2ensite -q shop
a2enmod -q headers

# The shop shows prices the German way; Apache would otherwise run with LANG=C.
sed -i 's/^export LANG=C$/#&/; s/^#\. \/etc\/default\/locale$/&/' /etc/apache2/envvars
echo 'export LANG=de_DE.UTF-8' >> /etc/apache2/envvars

chown -R root:www-data /etc/app
chmod 0640 /etc/app/app.ini
install -d -m 0750 -o www-data -g www-data /var/lib/app /var/lib/app/uploads
install -d -m 0755 /var/log/app
chown www-data:adm /var/log/app

# Mail stays on this host: the shop's orders go to the mailbox of ops.
cat > /etc/exim4/update-exim4.conf.conf <<'EXIM'
dc_eximconfig_configtype='local'
dc_other_hostnames='web01'
dc_local_interfaces='127.0.0.1'
dc_readhost=''
dc_relay_domains=''
dc_minimaldns='true'
dc_relay_nets=''
dc_smarthost=''
CFILEMODE='644'
dc_use_split_config='false'
dc_hide_mailname=''
dc_mailname_in_oh='true'
dc_localdelivery='mail_spool'
EXIM
echo web01 > /etc/mailname
printf 'orders: ops\nroot: ops\nwww-data: ops\n' >> /etc/aliases
update-exim4.conf
