#!/bin/sh
# common/setup.sh -- install what is missing to build, run and check the suite.
#
# A C compiler and make are enough to build; the other tools are what lessons
# talk to and what make check uses. Says first what it will install.
set -eu

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

# there NEED: whether it is installed.
there() {
    case $1 in
    *::*) perl -M"$1" -e 1 2>/dev/null ;;
    \<*) echo "#include $1" |
        cc -include stddef.h -include stdarg.h -include setjmp.h \
            -include stdint.h -x c -fsyntax-only - 2>/dev/null ;;
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
if [ -z "$missing" ]; then
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

if [ -n "$packages" ]; then
    root=
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "setup: as root, please install:$packages" >&2
            exit 1
        fi
        root=sudo
    fi
    echo "setup: $manager will install:$packages"
    # shellcheck disable=SC2086 # several words, all of them without surprises
    case $manager in
    apt-get)
        $root apt-get -qq -o DPkg::Lock::Timeout=300 update
        $root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
            -o DPkg::Lock::Timeout=300 install --no-install-recommends $packages
        ;;
    dnf) $root dnf -y install $packages ;;
    pacman) $root pacman -Sy --noconfirm --needed $packages ;;
    apk) $root apk add $packages ;;
    zypper) $root zypper --non-interactive install $packages ;;
    esac
fi

if [ -n "$nowhere" ]; then
    echo "setup: no package here has$nowhere: make and make demo work" \
        "without, make check wants it in your PATH" >&2
fi
