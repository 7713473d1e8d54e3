#!/bin/sh
# common/setup.sh [--all] -- install what is missing to build, run and check.
#
# A C compiler and make are enough to build; the other tools are what lessons
# talk to and what make check uses. Says first what it will install. --all: also
# what single tests are skipped without, and what make lint runs: linters, a
# browser, decoders, other TFTP programs, compilers for other machines.
set -eu

etc=${ETC-/etc} # tests have one of another release

# What has to be there: a command, <header.h> or Perl::Module. The package that
# brings it has the same name, or the one given for apt=, dnf=, pacman=, apk= or
# zypper=; a name that is a minus says that there is none.
needs='
cc        apt=gcc dnf=gcc pacman=gcc apk=gcc zypper=gcc
<stdio.h> apt=libc6-dev dnf=glibc-devel pacman=glibc apk=musl-dev
          zypper=glibc-devel
<linux/futex.h> apt=linux-libc-dev dnf=kernel-headers pacman=linux-api-headers
          apk=linux-headers zypper=linux-glibc-devel
make
bats
<cmocka.h> apt=libcmocka-dev dnf=libcmocka-devel pacman=cmocka apk=cmocka-dev
          zypper=libcmocka-devel
clitest   apk=- zypper=-
IPC::SysV apt=perl dnf=perl-IPC-SysV pacman=perl apk=perl zypper=perl
bc
pgrep     apt=procps dnf=procps-ng pacman=procps-ng apk=procps-ng zypper=procps
ipcs      apt=util-linux dnf=util-linux pacman=util-linux apk=util-linux
          zypper=util-linux
ss        apt=iproute2 dnf=iproute pacman=iproute2 apk=iproute2 zypper=iproute2
nft       apt=nftables dnf=nftables pacman=nftables apk=nftables zypper=nftables
curl
strace
tmux
'
all='
clang
clang-format
clang-tidy apt=clang-tidy dnf=clang-tools-extra pacman=clang
          apk=clang-extra-tools zypper=clang
llvm-profdata apt=llvm dnf=llvm pacman=llvm apk=llvm zypper=llvm
cppcheck
shellcheck apt=shellcheck dnf=ShellCheck zypper=ShellCheck
codespell apt=codespell zypper=python3-codespell
python3   pacman=python
c++       apt=g++ dnf=gcc-c++ pacman=gcc apk=g++ zypper=gcc-c++
mpg123
flac
lame
wrk
spin      dnf=- pacman=- apk=- zypper=-
chromium
busybox
tftp      apt=tftp-hpa dnf=tftp pacman=tftp-hpa apk=tftp-hpa zypper=tftp
atftp     dnf=- pacman=- apk=- zypper=atftp
atftpd    dnf=- pacman=- apk=- zypper=atftp
qemu-s390x apt=qemu-user dnf=qemu-user pacman=qemu-user apk=qemu-s390x
          zypper=qemu-linux-user
s390x-linux-gnu-gcc apt=gcc-s390x-linux-gnu dnf=gcc-s390x-linux-gnu pacman=-
          apk=- zypper=cross-s390x-gcc13
debootstrap zypper=-
i686-linux-gnu-gcc apt=gcc-i686-linux-gnu dnf=- pacman=- apk=- zypper=-
aarch64-linux-gnu-gcc apt=gcc-aarch64-linux-gnu dnf=gcc-aarch64-linux-gnu
          pacman=aarch64-linux-gnu-gcc apk=- zypper=cross-aarch64-gcc13
musl-gcc  apt=musl-tools dnf=musl-gcc pacman=musl apk=- zypper=-
dot       apt=graphviz dnf=graphviz pacman=graphviz apk=graphviz zypper=graphviz
gnuplot   apt=gnuplot-nox
setfacl   apt=acl dnf=acl pacman=acl apk=acl zypper=acl
cmark-gfm dnf=cmark-gfm pacman=cmark-gfm apk=cmark-gfm zypper=cmark-gfm
highlight
'
# On Debian these come without a command that could be looked for.
beside='libclang-rt-dev libc6-dev-s390x-cross libc6-dev-i386-cross
    libc6-dev-arm64-cross fonts-noto-cjk libck-dev libboost-dev'
everything=
if [ "${1-}" = --all ]; then
    everything=yes
    needs="$needs $all"
elif [ $# -gt 0 ]; then
    echo "usage: setup.sh [--all]" >&2
    exit 2
fi

# there NEED: whether it is installed.
there() {
    case $1 in
    *::*) perl -M"$1" -e 1 2>/dev/null ;;
    \<*) echo "#include $1" |
        cc -include stddef.h -include stdarg.h -include setjmp.h \
            -include stdint.h -x c -fsyntax-only - 2>/dev/null ;;
    bats) # 1.8 knows tags
        bats --version 2>/dev/null | grep -Eq ' (1\.([89]|[1-9][0-9])|[2-9])' ;;
    *) command -v "$1" >/dev/null ;;
    esac
}

# package_of NEED MANAGER: the package that brings it, or a minus.
package_of() {
    package=$1
    this=
    for word in $needs; do
        case $word in
        "$2="*) [ "$this" != "$1" ] || package=${word#*=} ;;
        *=*) ;;
        *) this=$word ;;
        esac
    done
    echo "$package"
}

missing=
for need in $needs; do
    case $need in
    *=*) ;;
    *) there "$need" || missing="$missing $need" ;;
    esac
done
if [ -z "$missing" ] && [ -z "$everything" ]; then
    echo "setup: everything is here"
    exit 0
fi

manager=
for candidate in apt-get dnf pacman apk zypper; do
    if command -v $candidate >/dev/null; then
        manager=$candidate
        break
    fi
done
if [ -z "$manager" ]; then
    echo "setup: no apt, dnf, pacman, apk or zypper here;" \
        "please install:$missing" >&2
    exit 1
fi

packages=
nowhere=
for need in $missing; do
    package=$(package_of "$need" "${manager%-get}")
    case $package in
    -) nowhere="$nowhere $need" ;;
    *) packages="$packages $package" ;;
    esac
done
if [ $everything ] && [ $manager = apt-get ]; then
    for package in $beside; do
        dpkg -s "$package" >/dev/null 2>&1 || packages="$packages $package"
    done
fi

root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup: as root, please install:$packages" >&2
        exit 1
    fi
    root=sudo
fi

# quietly COMMAND...: what it says is shown only if it fails.
quietly() {
    said=$("$@" 2>&1) && return
    echo "$said" >&2
    echo "setup: failed: $*" >&2
    exit 1
}

if [ -n "$packages" ]; then
    echo "setup: $manager will install:$packages"
    # shellcheck disable=SC2086 # several words, all of them without surprises
    case $manager in
    apt-get)
        quietly $root apt-get -qq -o DPkg::Lock::Timeout=300 update
        present=
        for package in $packages; do # not every release has every one
            ! apt-cache show $package >/dev/null 2>&1 ||
                present="$present $package"
        done
        quietly $root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
            -o DPkg::Lock::Timeout=300 install --no-install-recommends $present
        ;;
    dnf) quietly $root dnf -y install $packages ;;
    pacman) quietly $root pacman -Sy --noconfirm --needed $packages ;;
    apk) quietly $root apk add $packages ;;
    zypper) quietly $root zypper --non-interactive install $packages ;;
    esac
fi

# Debian 11 and Ubuntu 22.04 have too old a bats; that of the next release is a
# script that runs there as well. apt is given lists of its own.
newer_bats() (
    # shellcheck disable=SC1091 # that of the machine
    case $(. "$etc/os-release" && echo "${VERSION_CODENAME-}") in
    bullseye) next=bookworm ;;
    focal | jammy) next=noble ;;
    *) exit 0 ;;
    esac
    folder=$(mktemp -d)
    chmod 755 "$folder"
    cd "$folder"
    mkdir -p lists/partial
    sed -n "/^deb [^-]*$/s/\(bullseye\|focal\|jammy\)/$next/p" \
        "$etc/apt/sources.list" >sources
    set -- -qq -o Dir::Etc::SourceList="$folder/sources" \
        -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$folder/lists"
    quietly $root apt-get "$@" update
    quietly apt-get "$@" download bats
    quietly $root dpkg -i ./bats*.deb
    rm -rf "$folder"
)
if [ $manager = apt-get ] && ! there bats; then
    newer_bats
fi

# Four more servers: one conflicts with atftpd, the others would be started. So
# they are unpacked, and not installed.
unpack() (
    [ ! -e "/opt/$1" ] || exit 0
    folder=$(mktemp -d)
    chmod 755 "$folder"
    cd "$folder"
    quietly apt-get -qq download "$2"
    quietly $root dpkg -x ./*.deb "/opt/$1"
    rm -rf "$folder"
)
if [ $everything ] && [ $manager = apt-get ]; then
    unpack tftpd-hpa tftpd-hpa
    unpack dnsmasq dnsmasq-base
    unpack nginx nginx
    unpack lighttpd lighttpd
    ! ldd /opt/tftpd-hpa/usr/sbin/* /opt/dnsmasq/usr/sbin/* \
        /opt/nginx/usr/sbin/* /opt/lighttpd/usr/sbin/* 2>/dev/null |
        grep -q 'not found' ||
        quietly $root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
            -o DPkg::Lock::Timeout=300 install --no-install-recommends \
            libwrap0 libtirpc3 libnetfilter-conntrack3 libidn2-0 \
            libnftables1 libdbus-1-3 libpcre2-8-0 libnettle8 libxxhash0
fi

if [ -n "$nowhere" ]; then
    echo "setup: no package here has$nowhere: make and make demo work" \
        "without, make check wants it in your PATH" >&2
fi
echo "setup: done"
