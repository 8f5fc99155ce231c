# Debian 13 with rpm 4.20 (SQLite), from $BROWNFIELD_DEBIAN_MIRROR or the mirror that mmdebstrap knows. It takes a minute.
mmdebstrap --mode=root --variant=essential --include=rpm,busybox,mount,passwd trixie "$1" ${BROWNFIELD_DEBIAN_MIRROR-}
