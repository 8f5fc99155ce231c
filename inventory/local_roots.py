"""Which of some directories can be walked without touching another machine.

A walk with ``find -xdev`` stays within one file system, so a local file system mounted below a directory is a root of
its own, and a directory that a remote one is mounted on (or above) is none: a dead server would hang the walk.
"""

from __future__ import annotations

LOCAL_ROOTS_FRAGMENT = r"""
bf_local_roots() {
  bf_kinds='ext[234]|xfs|btrfs|reiserfs|jfs|zfs|f2fs|ufs|vfat|overlay|aufs|unionfs|rootfs|ramfs|tmpfs|squashfs|nilfs2'
  cat /proc/mounts | awk -v wanted="$*" -v kinds="^($bf_kinds)$" '
    function is_local(mount) { return kind[mount] ~ kinds }
    $2 !~ /\\/ { kind[$2] = $3 }
    END {
      count = split(wanted, top, " ")
      for (i = 1; i <= count; i++) {
        under = "/"
        for (mount in kind) if (index(top[i] "/", mount "/") == 1 && length(mount) > length(under)) under = mount
        if (is_local(under)) print top[i]
        for (mount in kind) if (index(mount, top[i] "/") == 1 && is_local(mount)) print mount
      }
    }' | while read bf_top; do [ -d "$bf_top" ] && echo "$bf_top"; done
}
"""
"""Defines ``bf_local_roots DIR ...``: prints those that exist on local file systems, and local mounts beneath them."""
