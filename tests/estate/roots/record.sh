#!/bin/sh
# Record a host of this folder that runs: its sections one by one, and all of it as bundles, as root and as the user.
# usage: record.sh NAME FOLDER     FOLDER is where the hosts.ini lies that `python -m tests.estate.roots` printed
set -eu
name=$1 folder=$2
few=system,processes,packages,changed_files,services,cron,unmanaged_files
many=$few,open_files,sockets,libraries,executables,mounts,users,configuration,directories
workspace=$(mktemp -d)
trap 'rm -rf "$workspace"' EXIT
for host in "$name" "$name-user"; do
    sections=$few enter=$folder/$(cd "$folder" && ls | grep '^enter-' | grep -v '^enter-root$')
    [ "$host" = "$name" ] && sections=$many enter=$folder/enter-root
    SSH_ORIGINAL_COMMAND='/bin/sh -s' python -m tests.support.record_host "$host" --alike 20 --sections $sections -- "$enter"
    assess scan "$folder/hosts.ini" --workspace "$workspace" --depth deep --limit "$host" --new >/dev/null
    assess bundle "$host" --workspace "$workspace" --output "tests/fixtures/hosts/$host.tar.gz" >/dev/null
done
python -m tests.support.host_fixtures "$name" "$name-user"
