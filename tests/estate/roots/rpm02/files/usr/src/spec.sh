# Write the spec of an rpm package for each installed package of dpkg, with the same files, version and dependencies; those
# of libraries are found by rpmbuild itself, as capabilities such as libc.so.6()(64bit). The packages that make up every
# system have the names of the Red Hat family.
#
# usage: spec.sh FOLDER >SPEC      FOLDER gets the list of files of each package
set -eu
folder=$1
renamed() { sed -E 's/^libc6$/glibc/; s/^libc-bin$/glibc-common/; s/^base-files$/filesystem/; s/^base-passwd$/setup/'; }

cat <<'HEAD'
Name: debian
Version: 13
Release: 1
Summary: Debian as packages of rpm
License: MIT
%global debug_package %{nil}
%global _build_id_links none
%global __os_install_post %{nil}
%global _binary_payload w0.gzdio
%description
Made for a host of the tests.
%install
tar -C / --no-recursion -T %{lists}/all -cf - | tar -C %{buildroot} -xf -
HEAD
: >"$folder/all"
dpkg-query -W -f '${Package}\t${Version}\t${Pre-Depends}, ${Depends}\n' | while IFS='	' read -r package version depends; do
    list=/var/lib/dpkg/info/$package.list
    [ -e "$list" ] || list=/var/lib/dpkg/info/$package:amd64.list
    name=$(echo "$package" | renamed)
    dpkg-query -W -f '${Conffiles}\n' "$package" | awk '{ print $1 }' >"$folder/conffiles"
    # A pattern's letters, blanks and what is not there are left to nobody.
    grep -v -e '[][ {}*?%]' -e '^/\.$' "$list" | while read -r path; do
        if [ -d "$path" ] && [ ! -L "$path" ]; then
            echo "%dir $path"
        elif [ ! -e "$path" ] && [ ! -L "$path" ]; then
            continue
        elif grep -qxF "$path" "$folder/conffiles"; then
            echo "%config(noreplace) $path"
        else
            echo "$path"
        fi
        echo ".$path" >>"$folder/all"
    done >"$folder/$name"
    epoch=0 upstream=${version#*:}
    [ "$upstream" = "$version" ] || epoch=${version%%:*}
    release=${upstream##*-}
    [ "$release" != "$upstream" ] || release=1
    printf '%%package -n %s\nEpoch: %s\nVersion: %s\nRelease: %s\nSummary: As of Debian\n' "$name" "$epoch" \
        "$(echo "${upstream%-*}" | tr - _)" "$release"
    # Debian's libraries are named as packages; here what needs one finds it by itself.
    echo "$depends" | tr , '\n' | sed -E 's/[(].*[)]//; s/:any//; s/^ +//; s/ +$//' | grep -v -e '^lib' -e '^$' |
        grep -v "^$package\$" | renamed | sed -E 's/^([^|]*)$/Requires: \1/; s/ *[|] */ or /g; s/^([^:]* or .*)$/Requires: (\1)/'
    [ "$name" != glibc ] || echo 'Provides: rtld(GNU_HASH)'
    printf '%%description -n %s\nAs of Debian.\n%%files -n %s -f %s/%s\n' "$name" "$name" "$folder" "$name"
done
sort -u "$folder/all" -o "$folder/all"
