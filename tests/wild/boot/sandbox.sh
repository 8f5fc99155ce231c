# Started by `unshare --mount --net --pid`: a sandbox with its own network, /run and Docker Engine, gone with this process.
#
# usage: sandbox.sh STATE ADDRESS/PREFIX   STATE: folder of the engine's images and of its log
set -eu
state=$1 address=$2
mount --make-rprivate /
mount -t proc proc /proc
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir -p /run/netns "$state/data"
ip link set lo up
ip link add wild0 type bridge
ip addr add "$address" dev wild0
ip link set wild0 up
rm -f "$state/log"
dockerd --data-root "$state/data" > "$state/log" 2>&1 &
wait $!
