# rpm 4.16 is the last that can write Berkeley DB, and Debian 11 the last Debian with it.
rpmbuild -bb --define '_topdir /usr/src/rpm' /usr/src/stock-agent.spec
rpm -i --nodeps --force-debian /usr/src/rpm/RPMS/noarch/stock-agent-*.rpm
rm -r /usr/src/rpm

# Changed since it was installed: once so that its size tells, once so that only its hash does. rpm knows times by the
# second, and all of this takes less.
echo 'verbose = yes' >>/etc/stock/agent.conf
echo 'for ROOT alone' >/opt/stock/closed/list
touch -d '1 minute' /opt/stock/closed/list

# A host of the Red Hat family has no dpkg, and the environment of the database may be missing.
rm -rf /var/lib/dpkg /var/lib/rpm/__db.* /var/lib/rpm/.dbenv.lock
