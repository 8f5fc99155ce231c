"""The directories among several that can be walked without touching another machine.

A walk with ``find -xdev`` stays within one file system, so a local file system mounted below a directory is a separate
root, and a directory that a remote one is mounted on (or above) is left out: a dead server would hang the walk.
"""

from __future__ import annotations

_LOCAL = (
    "ext[234] xfs btrfs reiserfs jfs zfs f2fs ufs vfat overlay aufs unionfs rootfs ramfs tmpfs squashfs nilfs2".split()  # noqa: SIM905
)

# A shell makes less of a few dozen mounts than a program costs, and 100 ms of 500, so those of a host of containers are
# left to awk. Where several are mounted on one directory the last one is in force.
LOCAL_ROOTS_FRAGMENT = r"""
bf_few_mounts() {
  set -f
  IFS='
'
  for bf_mount in $BF_MOUNTS; do
    bf_path=${bf_mount#* }
    bf_path=${bf_path%% *}
    case $bf_path in *\\*|/proc/*|/sys/*|/dev/*|/run/*) continue ;; esac
    case ${bf_mount#* * } in
      @LOCAL@) bf_mounted="$bf_mounted L${bf_path%/} " ;;
      *) bf_mounted="$bf_mounted O${bf_path%/} " ;;
    esac
  done
  unset IFS
  for bf_top in "$@"; do
    bf_kind=O bf_under= bf_beneath=
    for bf_mount in $bf_mounted; do
      bf_path=${bf_mount#?}
      case $bf_top/ in
        "$bf_path"/*) [ ${#bf_path} -ge ${#bf_under} ] && bf_kind=${bf_mount%%/*} bf_under=$bf_path ;;
      esac
      case $bf_mount in L"$bf_top"/*) bf_beneath="$bf_beneath $bf_path" ;; esac
    done
    [ "$bf_kind" = L ] && bf_found="$bf_found $bf_top"
    for bf_path in $bf_beneath; do
      case "$bf_mounted" in *" L$bf_path "*" O$bf_path "*) ;; *) bf_found="$bf_found $bf_path" ;; esac
    done
  done
  set +f
}
bf_many_mounts() {
  printf '%s\n' "$BF_MOUNTS" | awk -v wanted="$*" -v kinds="^(@KINDS@)$" '
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
    }'
}
bf_find_roots() {
  bf_mounted= bf_found= bf_roots=
  if [ ${#BF_MOUNTS} -lt 8000 ]; then bf_few_mounts "$@"; else bf_found=`bf_many_mounts "$@"`; fi
  set -f
  for bf_path in $bf_found; do
    case "$bf_roots " in
      *" $bf_path "*) ;;
      *) [ -d "$bf_path" ] && bf_roots="$bf_roots $bf_path" ;;
    esac
  done
  set +f
}
bf_local_roots() {
  bf_find_roots "$@"
  set -f
  [ -z "$bf_roots" ] || printf '%s\n' $bf_roots
  set +f
}
""".replace("@LOCAL@", "|".join(f"{kind}' '*" for kind in _LOCAL)).replace("@KINDS@", "|".join(_LOCAL))
"""Defines ``bf_find_roots DIR ...``: sets ``bf_roots`` to those that exist on local file systems, and local mounts
beneath them, each once, none with a blank in its name; and ``bf_local_roots DIR ...``, which prints them. No directory
may lie below /proc, /sys, /dev or /run. ``BF_MOUNTS`` has the table of mounts, which the probe reads for all sections.
"""
