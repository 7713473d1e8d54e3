#!/bin/sh
# tests/fresh.sh -- the commands of the README on a machine that has nothing.
#
# Makes a minimal Debian with git in a folder, clones the last commit into it,
# and runs the commands there, in namespaces of their own. Needs root and
# debootstrap; leaves nothing behind.
set -eu

if [ "$(id -u)" -ne 0 ] || ! command -v debootstrap >/dev/null; then
    echo "fresh: needs root and debootstrap" >&2
    exit 1
fi

# shellcheck disable=SC1091 # that of the machine
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}")
tree=$(mktemp -d)
chmod 755 "$tree" # apt drops its privileges to read there
trap 'rm -rf "$tree"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

echo "fresh: a minimal $suite with git, in $tree"
if ! debootstrap --variant=minbase --include=git "$suite" "$tree" \
    >"$tree.log" 2>&1; then
    tail -n 20 "$tree.log"
    rm -f "$tree.log"
    exit 1
fi
rm -f "$tree.log"

# How this machine reaches its packages, if that is not the usual way.
cp -r /etc/apt/apt.conf.d /etc/apt/auth.conf.d "$tree/etc/apt" || true
cp /etc/resolv.conf /etc/hosts "$tree/etc" 2>/dev/null || true

git clone -q --no-hardlinks . "$tree/root/suite"
git -C "$tree/root/suite" remote remove origin

# fork: namespaces for processes and mounts end with the command, and with them
# all that it left running or mounted. IPC: nobody else's queues, nobody's ours.
cat >"$tree/root/commands" <<'END'
set -eu
mount -t proc proc /proc
mount -t sysfs -o ro sysfs /sys
mount -t devtmpfs dev /dev
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
export HOME=/root LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin
cd /root/suite
sh common/setup.sh && make demo
make check
sh common/setup.sh | grep -x 'setup: everything is here'
END
unshare --mount --pid --ipc --fork chroot "$tree" sh /root/commands </dev/null
echo "fresh: both commands of the README work there"
