"""A filter for names that are still regular files when they are read.

Accounts of the host may write where their services keep files. Between the listing and the reading they can put a link
in place of a file or of a directory above it, or a pipe, on which root would wait for ever. So each name is looked at
again immediately before it is read: its directory must be where its path says, without links, and it must be a regular
file. What is exchanged in the moment after that is found by its hash or its size, which belong to the listed file.
"""

from __future__ import annotations

import shlex

# `cd -P` and PWD are the shell's own, so no process is started; the directory is entered once for all files in it.
_FILTER = """for file; do
  folder=${file%/*}
  if [ "$folder" != "$entered" ]; then
    entered=$folder there=
    cd -P "${folder:-/}" 2>/dev/null && [ "$PWD" = "${folder:-/}" ] && there=yes
  fi
  [ -n "$there" ] && [ -f "$file" ] && [ ! -L "$file" ] && printf '@FORM@' "$file"
done
:"""


def real_files(form: str = "%s") -> str:
    """Shell text that reads absolute names, each with a NUL behind it, and writes those that are real files, each in
    ``form`` (for printf) with a NUL behind it. Names of one directory stand together.
    """
    return f"xargs -0 sh -c {shlex.quote(_FILTER.replace('@FORM@', form + chr(92) + '000'))} sh"
