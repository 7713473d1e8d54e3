#!/usr/bin/env bash
# tests/portable.sh [WORD|ROW]... -- build everything by many compilers, on many
# systems, with many options, and run the unit tests.
#
#     sudo bash tests/portable.sh             all of it, about half an hour
#     sudo bash tests/portable.sh bullseye    the rows that have that word
#     bash tests/portable.sh 'here CC=musl'   that row
#     TREES=FOLDER ...                        keep the Debian trees there
#
# A warning is an error. The sources are mounted read-only. Needs root and
# debootstrap for the trees; without, only the rows of this machine are tried.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

# SYSTEM and what make is given. `here` is this machine; the others are Debian.
rows='
here        CC=gcc
here        CC=gcc CFLAGS=-O0
here        CC=gcc CFLAGS=-O3|-flto|-D_FORTIFY_SOURCE=3
here        CC=gcc STD=gnu2x
here        CC=gcc CPPFLAGS=-DCOMPAT_FALLBACK
here        CC=clang
here        CC=clang CFLAGS=-O0
here        CC=clang STD=gnu2x
here        CC=musl
bullseye    CC=gcc-10
bullseye    CC=gcc-10 STD=gnu2x
bullseye    CC=clang-11
bullseye    CC=clang-13
bullseye    CC=musl
bookworm    CC=gcc-11
bookworm    CC=gcc-12
bookworm    CC=clang-14
bookworm    CC=clang-15
bookworm    CC=clang-16
trixie      CC=gcc-13
trixie      CC=gcc-14
trixie      CC=gcc-14 CFLAGS=-O3|-flto|-D_FORTIFY_SOURCE=3
trixie      CC=gcc-14 STD=gnu2x
trixie      CC=clang-17
trixie      CC=clang-18
trixie      CC=clang-19
trixie      CC=clang-19 STD=gnu2x
trixie      CC=musl
here        s390x
here        i686
here        aarch64
'

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trees=${TREES:-$scratch}

# The rows that were asked for.
chosen=$(while read -r system words; do
    [ $# -gt 0 ] || echo "$system $words"
    for wanted; do
        if [[ "$system $words" == "$wanted" ||
            " $system ${words//CC=/} " == *" $wanted "* ]]; then
            echo "$system $words"
            break
        fi
    done
done <<<"$rows" | grep . | tr -s ' ')

# tree SUITE: a Debian with what its chosen rows want, in $trees/SUITE.
tree() {
    local tree=$trees/$1 missing=() compiler
    if [ ! -e "$tree/usr/bin/make" ]; then
        mkdir -p "$tree"
        debootstrap --variant=minbase "$1" "$tree" || return
        missing=(make libc6-dev libcmocka-dev)
    fi
    while read -r compiler; do
        [ "$compiler" != musl ] || compiler=musl-tools
        [ -e "$tree/usr/share/doc/$compiler" ] || missing+=("$compiler")
    done < <(sed -n "s/^$1 .*CC=\([^ ]*\).*/\1/p" <<<"$chosen" | sort -u)
    [ ${#missing[@]} -eq 0 ] ||
        sh tests/tree_packages.sh "$tree" "${missing[@]}"
}

# within SYSTEM COMMAND...: run it there, in the sources.
within() {
    local system=$1
    shift
    if [ "$system" = here ]; then
        "$@"
        return
    fi
    mkdir -p "$trees/$system/suite"
    # shellcheck disable=SC2016 # expanded by the shell inside
    unshare --mount --pid --ipc --fork --kill-child sh -c '
        mount --bind . "$1/suite" && mount -o remount,bind,ro "$1/suite" &&
        mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" &&
        shift && exec chroot "$@"' \
        sh "$trees/$system" "$trees/$system" env -C /suite "$@"
}

# musl SYSTEM: musl-gcc, and the kernel's headers, which are not musl's.
musl() {
    within "$1" sh -c '
        d=$1/musl && mkdir -p $d && for h in linux asm-generic asm mtd; do
            for i in /usr/include/$h /usr/include/*-linux-gnu/$h; do
                [ ! -d $i ] || ln -sfn $i $d/$h
            done
        done && echo "musl-gcc -idirafter $d"' sh "$2"
}

# row SYSTEM WORD...: one line of the table.
row() {
    local system=$1 where=$scratch/build log=$scratch/log start=$SECONDS
    local built units='-' arguments=() word
    shift
    if [ $# -eq 1 ] && [[ $1 != *=* ]]; then # another machine
        bash tests/arch.sh "$1" >"$log" 2>&1 && built=yes || built=NO
        units=$(sed -n 's/.*, \([0-9]*\) unit tests passed.*/\1/p' "$log")
    else
        [ "$system" = here ] || where=/tmp/build
        within "$system" rm -rf "$where"
        for word; do
            word=${word//|/ }
            if [ "$word" = CC=musl ]; then
                within "$system" mkdir -p "$where"
                word="CC=$(musl "$system" "$where")"
            fi
            arguments+=("$word")
        done
        within "$system" make -s -j"$(nproc)" BUILD="$where" WERROR=1 \
            "${arguments[@]}" all >"$log" 2>&1 && built=yes || built=NO
        if [ $built = yes ] && [[ $* != *musl* ]]; then
            within "$system" make -s -j"$(nproc)" BUILD="$where" WERROR=1 \
                "${arguments[@]}" units >"$log" 2>&1 || built=NO
            # shellcheck disable=SC2016
            units=$(within "$system" sh -c '
                passed=0
                for unit in "$1"/tests/test_*; do
                    if [ -x "$unit" ]; then
                        timeout 60 "$unit" >"$1/log" 2>&1 &&
                            passed=$((passed + 1)) || echo "$unit" >&2
                    fi
                done
                echo $passed' sh "$where" 2>"$scratch/failed")
        fi
    fi
    printf '%-9s  %-46s  %-5s  %5s  %4d s\n' "$system" "${*//|/ }" "$built" \
        "$units" $((SECONDS - start))
    [ $built = yes ] || grep -E 'error|warning|undefined' "$log" | head -n 5
    [ ! -s "$scratch/failed" ] || sed 's/^/    failed: /' "$scratch/failed"
    if [ $built != yes ] || [ -s "$scratch/failed" ]; then
        failed=$((failed + 1))
    fi
    rm -f "$scratch/failed"
}

failed=0
printf '%-9s  %-46s  %-5s  %5s  %s\n' system options built units time
while read -r system words; do
    [ -n "$system" ] || continue
    if [ "$system" != here ]; then
        if [ "$(id -u)" -ne 0 ] || ! command -v debootstrap >/dev/null; then
            echo "$system: needs root and debootstrap"
            continue
        fi
        if ! tree "$system" >"$scratch/tree" 2>&1; then
            echo "$system: no such tree can be made"
            tail -n 5 "$scratch/tree"
            failed=$((failed + 1))
            continue
        fi
    fi
    # shellcheck disable=SC2086 # several words
    row "$system" $words </dev/null
done <<<"$chosen"
[ "$failed" -eq 0 ]
