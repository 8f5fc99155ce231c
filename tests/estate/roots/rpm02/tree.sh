# Debian 13 with rpm 4.20 (SQLite) and lighttpd, from $BROWNFIELD_DEBIAN_MIRROR or the mirror that mmdebstrap knows.
mmdebstrap --mode=root --variant=essential --include=rpm,busybox,mount,passwd,lighttpd trixie "$1" ${BROWNFIELD_DEBIAN_MIRROR-}
