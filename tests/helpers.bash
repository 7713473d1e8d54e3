# tests/helpers.bash -- how a test runs programs against each other.
#
# Every test has a folder of its own, in which build/ is there and README.md is
# a key file that nobody else has: commands work as the cards show them.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0

root=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
build=${BUILD:-build}
limit=20 # seconds that a program has before its test fails

# What fails once on a machine that others keep busy may be the machine:
# RETRIES=1 gives it another try. By default there is none.
export BATS_TEST_RETRIES=${RETRIES-0}

mkdir -p "$BATS_TEST_TMPDIR/logs"
cd "$BATS_TEST_TMPDIR" || exit
ln -sfn "$root/$build" build
cp "$root/README.md" .

# LeakSanitizer cannot work in a process that is traced: there, it looks for no
# leaks.
if [[ $build == *san* ]] && strace=$(command -v strace); then
    mkdir -p "$BATS_TEST_TMPDIR/san"
    printf '#!/bin/sh\nASAN_OPTIONS=detect_leaks=0 exec %s "$@"\n' "$strace" \
        >"$BATS_TEST_TMPDIR/san/strace"
    chmod +x "$BATS_TEST_TMPDIR/san/strace"
    PATH=$BATS_TEST_TMPDIR/san:$PATH
fi

declare -gA pid_of=() # of what runs in the background, by its name

# card SOURCE: run a lesson as its card says; fails if it does anything else.
card() {
    (cd "$root" && BUILD=$build sh common/demo.sh "${1%.c}")
}

# limited COMMAND...: run it in the foreground, for a limited time. `run` alone
# would wait for ever.
limited() {
    timeout -k 1 "$limit" "$@"
}

# background NAME COMMAND...: run it in the background; its output is
# `printed NAME`.
background() {
    local name=$1
    shift
    echo "$name\$ $*" >"logs/$name.command"
    rm -f "logs/$name" "logs/$name.status" # an earlier one's
    # --foreground: signals go to the program alone. 3>&-: bats waits for fd 3.
    {
        status=0
        timeout --foreground -k 1 "$limit" "$@" >"logs/$name" 2>&1 || status=$?
        echo $status >"logs/$name.status"
    } 3>&- &
    pid_of[$name]=$!
}

# start PROGRAM ARG...: run the passive end in the background, by the name of
# receiver; return when it is ready.
start() {
    background receiver "$@"
    await grep -q '^ready' logs/receiver
}

# finish [NAME]: wait until it ends by itself; its exit status is ours. One that
# a signal ended has 128 and the signal's number.
finish() {
    local name=${1-receiver}
    wait "${pid_of[$name]}" 2>/dev/null || # not a child of ours under `run`
        await test -s "logs/$name.status"
    unset "pid_of[$name]"
    return "$(cat "logs/$name.status")"
}

# pid [NAME]: the program itself, not the shell and timeout that watch over it.
pid() {
    local watcher
    watcher=$(child_of "${pid_of[${1-receiver}]}") && child_of "$watcher"
}

# child_of PID: its first child. pgrep(1) looks through all processes for that,
# which takes long when many tests run at once.
child_of() {
    local child=
    if [ -e "/proc/$$/task/$$/children" ]; then
        { read -r child _ <"/proc/$1/task/$1/children"; } 2>/dev/null || true
        [ -n "$child" ] && echo "$child"
    else
        pgrep -P "$1"
    fi
}

# gone PID: whether that process has ended.
gone() {
    ! grep -qs '^State:.[^ZX]' "/proc/$1/status"
}

# signal NUMBER [NAME]: send it to the program.
signal() {
    kill -"$1" "$(pid "${2-receiver}")"
}

# printed [NAME]: what it has printed so far.
printed() {
    cat "logs/${1-receiver}"
}

# await COMMAND...: repeat it until it succeeds, for ten seconds at most.
await() {
    for _ in {1..200}; do
        if "$@"; then return; fi
        read -rt 0.05 <> <(:) || true
    done
    echo "gave up waiting for: $*"
    return 1
}

# port: where the receiver is ready; tests ask for 0, so that none collide.
port() {
    printed | sed -n 's/^ready on .*:\([0-9]*\).*/\1/p'
}

# in_kernel q|s|m: whether the System V object of README.md's key is there.
in_kernel() {
    local key
    key=$(printf '0x49%02x%04x' $(($(stat -c %d README.md) & 0xff)) \
        $(($(stat -c %i README.md) & 0xffff)))
    ipcs "-$1" | grep -q "^$key "
}

# asleep [NAME]: whether the program waits in the kernel for something.
asleep() {
    grep -q '^State:.S' "/proc/$(pid "${1-receiver}")/status"
}

# bats shows what this prints only when the test failed.
teardown() {
    helpers_teardown
}

helpers_teardown() {
    local name
    for name in "${!pid_of[@]}"; do
        pid "$name" | xargs -r kill -KILL || true
    done
    tail -n 30 logs/* 2>/dev/null || true
}
