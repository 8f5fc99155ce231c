"""The invocation of rpm that does not make it write anything.

Root's rpm writes at each query. With Berkeley DB (EL5 to EL8, SLES to 15) it makes or joins ``__db.00?`` and
``.dbenv.lock``, which changes their times at least, and makes indexes that are missing; with SQLite (EL9, Fedora) it
changes the times of the two files next to the database; with ndb (newer SUSE) it opens the index for writing. No option
or macro prevents it in all versions: ``private`` in ``%__dbi_cdb`` counts up to rpm 4.8 and is ignored since 4.9
(``lib/backend/db3.c``), and ``%_rpmlock_path`` is for transactions alone. But every version answers users without write
access.
"""

from __future__ import annotations

UNREAD = 126
"""Status of a part that rpm was not asked for, since nothing on the host can ask it in this way."""
NO_WAY = (
    "run by root, rpm writes to its database, and the host has no setpriv, chroot --userspec, perl or python to run "
    "it as another user; scan without become"
)
"""Reason of that gap."""

ORDINARY = frozenset({"chroot", "perl", "python"})
"""The first words of those ways that leave no capability."""

WITHOUT_CAPABILITY = (
    "run by root, rpm writes to its database, so it is run as another user, which cannot read them here (a newer "
    "setpriv can)"
)
"""Reason of what could not be read in one of them."""

# The number of the account nobody, whether or not it has a name; the group stays root's, for files that only it may
# read. setpriv (since 2017, Linux 4.3) leaves the one capability to read everything, so that files can be verified;
# chroot has --userspec since EL6; perl is on every SUSE, python on every host with yum. None of their words holds a
# blank or a wildcard. rpm -V opens the current directory, which is root's home and closed to others.
#
# Busybox has an rpm as well, which unpacks files and has no database.
FRAGMENT = r"""
bf_has_rpm() {
  [ -x /usr/bin/rpm ] || [ -x /bin/rpm ] || return 1
  [ -d /var/lib/rpm ] || [ -d /usr/lib/sysimage/rpm ] || [ -d /usr/share/rpm ]
}
bf_unread() { return 126; }
bf_rpm_reader() {
  bf_reader=
  [ "$BF_UID" = 0 ] || return 0
  bf_os='__import__("os")'
  bf_argv='__import__("sys").argv'
  cd /
  for bf_reader in \
    'setpriv --reuid=65534 --inh-caps=+dac_read_search --ambient-caps=+dac_read_search' \
    'chroot --userspec=65534:0 /' \
    'perl -e ($<,$>)=(65534,65534);$<==65534&&$>==65534&&exec(@ARGV);exit(1)' \
    "python -c $bf_argv.pop(0);$bf_os.setreuid(65534,65534);$bf_os.execvp($bf_argv.__getitem__(0),$bf_argv)"
  do
    $bf_reader true >/dev/null 2>&1 && return 0
  done
  bf_reader=bf_unread
}
"""
"""``bf_has_rpm``: whether there is a database to query. ``bf_rpm_reader`` sets ``bf_reader``, which goes before
``rpm``: nothing for an ordinary user, ``bf_unread`` where there is no way.
"""
