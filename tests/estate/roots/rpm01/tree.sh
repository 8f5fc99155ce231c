# Debian 13 with rpm 4.20 (SQLite), from the mirror in apt's configuration. It takes a minute.
mmdebstrap --mode=root --variant=essential --include=rpm,busybox,mount,passwd trixie "$1" "${BROWNFIELD_DEBIAN_MIRROR:-http://deb.debian.org/debian}"
