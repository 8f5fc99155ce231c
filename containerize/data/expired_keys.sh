#!/bin/sh
# gpgv for apt: a good signature of a key that has expired since counts as good. All else is as gpgv says.
fd= last=
for word; do [ "$last" != --status-fd ] || fd=$word; last=$word; done
[ -n "$fd" ] || exec gpgv "$@"
status=$(mktemp) || exit 2
eval "gpgv \"\$@\" $fd>$status"
result=$?
sed "s/^.GNUPG:. EXPKEYSIG /[GNUPG:] GOODSIG /" "$status" >&"$fd"
rm -f "$status"
exit $result
