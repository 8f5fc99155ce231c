"""Links in /etc that root made: whether what they lead to may be opened as root.

Who made a link does not own what it leads to. A site that is enabled by a link into a user's directory is the user's to
replace: by a pipe that never ends, or by a link to any file.
"""

from __future__ import annotations

_LARGEST = 1 << 20
"""Bytes."""

LINKS_FRAGMENT = r"""
bf_links_of() {
  awk 'index($0, "/etc/") == 1 && (/-enabled\// || /[.](conf|cfg)$/)' | tr '\n' '\000' | xargs -0 ls -ldn 2>/dev/null |
    sed -n 's/^l[^/]* \//\//p'
}
bf_told_apart() {
  bf_links=`printf '%s\n' "$1" | bf_links_of`
  if [ -z "$bf_links" ]; then printf '%s\n' "$1"; return; fi
  bf_ends=`printf '%s\n' "$bf_links" | sed 's/ -> .*//' | tr '\n' '\000' | xargs -0 ls -ldnL 2>/dev/null`
  bf_next=`printf '%s\n' "$bf_links" | awk '
    {
      at = index($0, " -> "); above = substr($0, 1, at - 1); to = substr($0, at + 4)
      if (substr(to, 1, 1) != "/") {
        sub(/\/[^\/]*$/, "", above)
        while (sub(/^[.][.]\//, "", to)) sub(/\/[^\/]*$/, "", above)
        to = above "/" to
      }
      print "to " substr($0, 1, at - 1) " -> " to
    }'`
  bf_there=`printf '%s\n' "$bf_next" | sed 's/.* -> //' | tr '\n' '\000' | xargs -0 ls -ldn 2>/dev/null`
  printf '%s\n' "$bf_next" "$bf_there" "ends" "$bf_ends" "names" "$1" | awk '
    $0 == "ends" || $0 == "names" { part = $0; next }
    /^to / { at = index($0, " -> "); target[substr($0, 4, at - 4)] = substr($0, at + 4); next }
    part != "names" {
      path = substr($0, index($0, " /") + 1)
      if (part == "") { if (/^-/) plain[path] = 1; next }
      ended[path] = !/^-/ || $5 >= @LARGEST@ ? "no" : /^-......r/ ? "open" : "closed"
      next
    }
    {
      to = target[$0]
      if (to != "") {
        if (!($0 in ended)) next
        inside = index(to, "/etc/") == 1 && to !~ /\/[.][.]?\//
        if (ended[$0] != "open" && !(ended[$0] == "closed" && inside && to in plain)) $0 = "refused " $0
      }
      print
    }'
}
""".replace("@LARGEST@", str(_LARGEST))
"""Defines ``bf_told_apart NAMES``: prints the names (one a line), ``refused `` before those of links that may not be
opened. A link may end at a file that everyone may read, or lead at once to a file in /etc. It prints none that ends
nowhere.
"""
