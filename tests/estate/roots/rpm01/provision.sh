useradd --create-home --uid 1000 --shell /bin/sh shop
ln -s /usr/bin/busybox /usr/sbin/init
# Checksums as rpm before 4.6 made them: md5.
rpmbuild -bb --define '_topdir /usr/src/rpm' --define '_binary_filedigest_algorithm 1' /usr/src/demo.spec
rpm -i --nodeps /usr/src/rpm/RPMS/*/demo-*.rpm
rm -r /usr/src/rpm

# Changed since it was installed, and a host of the Red Hat family has no dpkg.
echo 'b = 2' >>/etc/demo/demo.conf
echo true >>/usr/bin/demo-two
rm -rf /var/lib/dpkg /etc/apt
