#!/bin/sh
# tests/fresh.sh [SUITE]... -- the commands of the README on a machine that has
# nothing: Debian 11, 12 and 13, or those named.
#
# Makes a minimal Debian with git in a folder, clones the last commit into it,
# and runs the commands there, in namespaces of their own: all as root; then,
# in a clone of his own, as an ordinary user from a folder with a space in its
# name; then from a checkout that this user cannot write to, without the
# capabilities that a container may lack. Says how long each step took. Needs
# root and debootstrap; leaves nothing behind. TREES=FOLDER: each minimal Debian
# is kept there, for the next time.
set -eu

if [ "$(id -u)" -ne 0 ] || ! command -v debootstrap >/dev/null; then
    echo "fresh: needs root and debootstrap" >&2
    exit 1
fi
[ $# -gt 0 ] || set -- bullseye bookworm trixie

tree=$(mktemp -d)
chmod 755 "$tree" # apt drops its privileges to read there
trees=${TREES:-$tree/minimal}
mkdir -p "$trees"
trap 'rm -rf "$tree"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# fork: namespaces for processes and mounts end with the command, and with them
# all that it left running or mounted. IPC: nobody else's queues, nobody's ours.
commands() {
    cat <<'END'
set -eu
failed=0
mount -t proc proc /proc
mount -t sysfs -o ro sysfs /sys
mount -t devtmpfs dev /dev
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
export HOME=/root LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin

step() {
    name=$1
    shift
    begun=$(date +%s)
    "$@" >/log 2>&1 </dev/null || {
        sed '/^skipped:$/,/^$/d' /log | tail -n 60
        echo "fresh: $name: failed"
        failed=1
    }
    echo "fresh: $name: $(($(date +%s) - begun)) s"
    grep -E '^[0-9]+ (passed|lessons)' /log || true
}
user() {
    setpriv --reuid learner --regid learner --init-groups \
        env HOME=/home/learner LC_ALL=C.UTF-8 "$@"
}

cd /root/suite
step "setup" sh common/setup.sh
step "make demo, as root" make demo
step "make check, as root" make check
sh common/setup.sh | grep -x 'setup: everything is here'

useradd --create-home learner
cp -r /root/suite "/home/learner/my suite"
chown -R learner: "/home/learner/my suite"
cd "/home/learner/my suite"
step "make demo, as a user" user make demo
step "make check, as a user" user make check

# Read-only: only make is asked where to build.
cp -r /root/suite /opt/suite
rm -rf /opt/suite/build
chmod -R a+rX,go-w /opt/suite
cd /opt/suite
step "make demo, of a read-only checkout without capabilities" \
    setpriv --bounding-set -all --inh-caps -all --reuid learner \
    --regid learner --init-groups \
    env HOME=/home/learner make BUILD=/home/learner/build demo
exit $failed
END
}

failed=0
for suite; do
    echo "fresh: a minimal $suite with git, in $tree/$suite"
    begun=$(date +%s)
    if ! [ -e "$trees/minimal-$suite" ]; then
        debootstrap --variant=minbase --include=git "$suite" \
            "$trees/minimal-$suite.new" >"$tree/log" 2>&1 || {
            tail -n 20 "$tree/log"
            exit 1
        }
        mv "$trees/minimal-$suite.new" "$trees/minimal-$suite"
    fi
    cp -a "$trees/minimal-$suite" "$tree/$suite"
    sh tests/tree_packages.sh "$tree/$suite"
    git clone -q --no-hardlinks . "$tree/$suite/root/suite"
    git -C "$tree/$suite/root/suite" remote remove origin
    echo "fresh: the tree: $(($(date +%s) - begun)) s"
    commands >"$tree/$suite/root/commands"
    unshare --mount --pid --ipc --fork --kill-child \
        chroot "$tree/$suite" sh /root/commands </dev/null || failed=1
    rm -rf "${tree:?}/$suite"
done
[ $failed -eq 0 ] || exit 1
echo "fresh: the commands of the README work there"
