# A root file system of this machine's busybox and dropbear (with dropbearkey), what they are linked with, and no more.
cd "$1"
mkdir -p bin sbin usr/bin usr/sbin etc/dropbear home root var/spool/cron/crontabs var/log
for program in busybox:/bin dropbear:/usr/sbin dropbearkey:/usr/bin; do
    path=$(command -v "${program%%:*}")
    cp -L "$path" ".${program#*:}/"
    ldd "$path" | grep -o '/lib[^ ]*' | while read -r library; do
        mkdir -p ".${library%/*}"
        cp -L "$library" ".$library"
    done
done
chroot . /bin/busybox --install -s
