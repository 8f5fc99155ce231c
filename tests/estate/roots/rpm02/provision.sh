useradd --create-home --uid 1000 --shell /bin/sh shop
ln -s /usr/bin/busybox /usr/sbin/init
mkdir /usr/src/lists
sh /usr/src/spec.sh /usr/src/lists >/usr/src/debian.spec
rpmbuild -bb --quiet --define '_buildhost rpm02' --define '_topdir /usr/src/rpm' --define 'lists /usr/src/lists' /usr/src/debian.spec
find /usr/src/rpm/RPMS -name '*.rpm' >/usr/src/packages
xargs rpm -i --justdb --nodeps --noscripts --notriggers </usr/src/packages
rm -r /usr/src/rpm /usr/src/lists /usr/src/packages /usr/src/debian.spec /usr/src/spec.sh

# A setting that was changed, a program of a package that was, and a host of the Red Hat family has no dpkg.
sed -i 's/^server.port .*/server.port = 8080/; s|^server.document-root .*|server.document-root = "/srv/site"|' /etc/lighttpd/lighttpd.conf
echo '# as it was meant' >>/usr/share/lighttpd/create-mime.conf.pl
mkdir -p /srv/site /var/cache/lighttpd /var/log/lighttpd
echo '<h1>Stock</h1>' >/srv/site/index.html
rm -rf /var/lib/dpkg /etc/apt /etc/dpkg
