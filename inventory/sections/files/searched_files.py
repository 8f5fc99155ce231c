"""The files of a host that are searched for configuration, those that are sent whole, and the patterns for the others.
Patterns of names are those of find; expressions are extended regular ones of grep and awk.
"""

from __future__ import annotations

from inventory.privacy.secrets import private_keys

# What is looked for, as extended regular expressions (without a quote in them) and without regard to case:
#   an IPv4 address; a name or address with a port; a URL; an absolute path into a place where services keep things;
#   a setting named like a port, an address or a peer; a call or command that connects; a
#   setting named like a secret; a key; the bounds of a comment of
#   XML; what names and ends a virtual host and includes files; the first line of a script.
# `grep` makes a state of each combination of what it may be in the middle of, which costs more than to read: so nothing
# here is longer than needed to say no to most lines. But a line too many is one of the 80 of its file.
PATTERNS = (
    r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",
    r"[a-z][a-z0-9.-]*:[0-9]{2,5}([^0-9:]|$)",
    r"[a-z]://",
    r"(^|[^a-z0-9._~/}-])/(etc|var|srv|opt|home|data|mnt|media|usr/local|usr/share|run|tmp|export|u[0-9]+|www)/[a-z0-9._]",
    r"(port|listen|bind)[a-z_]*[^a-z]*[0-9][0-9]",
    r"(host|server|addr|address|peer|broker|upstream|backend|endpoint|master|slave|replica|node|listen|bind)"
    r"(s|_?name)?[[:punct:]]{0,3}[=:,([:space:]]",
    r"(connect|socket|open|create_engine|client|pool)[a-z_]*[[:space:]]*\([[:space:]]*[[:punct:]]",
    r"(document_?root|datasource|dsn|jdbc|upload|(data|log|spool|work|run|pid|base|home)_?(dir|path|file))[a-z_]*"
    r"[[:punct:]]{0,3}[=:,[:space:]]",
    r"(pass(word|wd|phrase)?|pw|secret|token|credentials?|(api|access|secret|private)_?key)[[:punct:]]{0,3}"
    r"([=:,>]|[[:space:]]+[[:punct:]])",
    r"(ssh|scp|sftp|rsync|curl|wget|telnet|ncftp|lftp|mysql|psql|pg_dump|redis-cli|sqlplus)[a-z]*"
    r"[[:space:]]+[-a-z0-9$[:punct:]]",
    *private_keys.ASKED,
    r"<!--|-->",
    r"^[[:space:]]*(serveralias|</virtualhost|allowoverride|frontend|jkmount|include(optional)?[[:space:]]+[a-z./])",
)
# Of /etc: what belongs to the machine or the distribution and ties no service to anything. What is only available and
# not enabled (Apache, nginx) is in force nowhere; what is enabled is a link to it.
ETC_PATHS_LEFT_OUT = """
    ssl/* ca-certificates* alternatives apparmor* fonts rc[0-9S].d pam.d security udev modprobe.d kernel* dpkg
    bash_completion.d emacs* vim console-setup dbus-1 polkit-1 selinux terminfo skel ld.so* lvm iproute2 apt
    yum* perl python* java-* xml sgml ImageMagick* X11 initramfs-tools grub.d profile.d update-motd.d logcheck
    ufw sysctl.d network/if-* pki gss lintian* cruft openal
    init.d/mountall.sh init.d/mountall-bootclean.sh init.d/mountdevsubfs.sh init.d/mountkernfs.sh init.d/mountnfs.sh
    init.d/mountnfs-bootclean.sh init.d/umountfs init.d/umountnfs.sh init.d/umountroot init.d/checkfs.sh
    init.d/checkroot.sh init.d/checkroot-bootclean.sh init.d/.depend* init.d/bootmisc.sh init.d/bootlogs
    init.d/hwclock.sh init.d/halt init.d/reboot init.d/sendsigs init.d/killprocs init.d/urandom init.d/single
"""
ETC_NAMES_LEFT_OUT = """
    services protocols rpc ethertypes magic mailcap mime.types magic.mime shadow gshadow passwd group moduli
    adduser.conf deluser.conf login.defs nanorc inputrc bash.bashrc sudoers ucf.conf mke2fs.conf
    ca-certificates.conf locale.gen wgetrc gai.conf debconf.conf ssh_config motd issue* README* nsswitch.conf
    profile *.template *.crt *.pub *.db *-
"""
# Users own directories below all of these. A file that not everyone may read can get a second name there (kernels
# before 3.6 let anyone link to it), and a link may lead anywhere: neither is opened, and both are recorded.
SAFE = (
    "'(' -type l -user 0 -print -o -type f '!' -links +1 -print -o -type f -perm -004 -print"
    " -o -exec printf 'refused %s\\n' '{}' + ')'"
)
# Links made with root's rights where servers look for their configuration.
LINKS = "/etc/nginx/*.conf /etc/httpd/*.conf /etc/apache2/*.conf /etc/haproxy/*.cfg"
BACKUPS = """
    *.dpkg-* *.rpm* *~ *.bak *.old *.orig *.save *.default *.disabled *.disable *.off *.sample *.example *.dist
"""
# What may be larger than other files: a haproxy.cfg of thousands of servers, the virtual hosts of a provider.
LONG_NAMES = "*.conf *.cfg *.vhost"

# Files that are sent whole, as an extended regular expression: the configuration that readers in
# inventory.products.detection follow, by its place or name. Files of passwords and keys next to it have other names.
WHOLE = (
    r"^/etc/(nginx|openresty|angie|apache2?|httpd|lighttpd|haproxy)(-[^/]+)?/(.*/)?"
    r"([^/]*[.](conf|cfg|load|vhost|inc|include|site)|[^/.]*_params"
    r"|([^/]*-enabled|sites[^/]*|vhosts?[^/]*|snippets)/(.*/)?[^/]*)$",
    r"[/._-](nginx|openresty|angie|apache2?|httpd|lighttpd|haproxy|vhosts?)([-._/0-9][^/]*)?(/.*)?[.](conf|cfg|vhost)$",
    r"/(nginx|apache2?|httpd|lighttpd|haproxy)[^/]*[.](conf|cfg)$",
    r"^/etc/(mysql/.*[.]cnf|my[.]cnf([.]d/.*)?|mariadb/.*[.]cnf|mongo(d|db|s)[.]conf)$",
    r"^/etc/(postgresql/.*/postgresql([.]auto)?[.]conf|(redis|valkey|keydb)[^/]*(/.*)?[.]conf)$",
    r"^/etc/(neo4j|couchdb|influxdb|ldap|openldap)/.*([.]conf|[.]ini|[.]toml)$|^/etc/ldap/slapd[.]d/.*[.]ldif$",
    r"/(elasticsearch|opensearch|cassandra)[^/]*/(.*/)?[^/]*[.]ya?ml$|^/etc/clickhouse-server/.*[.]xml$",
    r"^/etc/(php|opt/[^/]+/php).*(pool[.]d|fpm).*[.]conf$|^/etc/uwsgi.*[.](ini|xml|ya?ml)$",
    r"/(gunicorn[^/]*[.]py|puma(/[^/]*)?[.]rb|unicorn[.]rb)$",
    r"/(conf|configuration|config|tomcat[^/]*|jetty[^/]*)/(server|context|standalone[^/]*|domain|host)[.]xml$",
    r"/(conf|tomcat[^/]*)/Catalina/[^/]+/[^/]+[.]xml$|/jetty[^/]*[.]xml$|/start[.](ini|d/[^/]+[.]ini)$",
)
NOT_WHOLE = (
    r"[.](key|pem|crt|cer|csr|der|p12|pfx|jks|htpasswd|passwd|users|bak|old|orig|db)$|/[.]|~$|passw|htpass|secret"
)
SIZED = (
    "'(' '(' -size -512 -o -size -2048 '(' @LONG_NAMES@ ')' ')' @SAFE@"
    " -o -size +511 -exec printf 'large %s\\n' '{}' + ')'"
)
# Of applications: files of others, files that are not code, and files that grow.
FOLDERS_LEFT_OUT = """
    .?* node_modules __pycache__ site-packages dist-packages vendor cache logs log tmp uploads man doc docs
    locale i18n test tests include fonts images
"""
APPLICATION_NAMES = """
    *.py *.php *.inc *.rb *.pl *.pm *.cgi *.js *.ts *.sh *.java *.jsp *.groovy *.properties *.xml *.yml *.yaml
    *.ini *.conf *.cfg *.cnf *.vhost *.env .env* *.json *.toml *.key *.pem .htaccess .my.cnf .pgpass .netrc Procfile
"""
