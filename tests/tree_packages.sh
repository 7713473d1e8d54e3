#!/bin/sh
# tests/tree_packages.sh TREE PACKAGE... -- install packages in a Debian tree,
# which gets its packages as this machine does.
set -eu
tree=$1
shift
cp -r /etc/apt/apt.conf.d /etc/apt/auth.conf.d "$tree/etc/apt" || true
cp /etc/resolv.conf /etc/hosts "$tree/etc" 2>/dev/null || true
[ $# -gt 0 ] || exit 0
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
chroot "$tree" apt-get -qq update
chroot "$tree" apt-get -qq -y install --no-install-recommends "$@"
