# tests/helpers.bash -- how a test runs programs against each other.
#
# Every test has a folder of its own, in which build/ is there and README.md is
# a key file that nobody else has: commands work as the cards show them.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0

root=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
build=${BUILD:-build}
limit=20 # seconds that a program has before its test fails

mkdir -p "$BATS_TEST_TMPDIR/logs"
cd "$BATS_TEST_TMPDIR" || exit
ln -sfn "$root/$build" build
cp "$root/README.md" .

declare -A pid_of=() # of what runs in the background, by its name

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
    # --foreground: signals go to the program alone. 3>&-: bats waits for fd 3.
    timeout --foreground -k 1 "$limit" "$@" >"logs/$name" 2>&1 3>&- &
    pid_of[$name]=$!
}

# start PROGRAM ARG...: run the passive end in the background, by the name of
# receiver; return when it is ready.
start() {
    background receiver "$@"
    await grep -q '^ready' logs/receiver
}

# finish [NAME]: wait until it ends by itself; its exit status is ours.
finish() {
    local name=${1-receiver}
    local pid=${pid_of[$name]}
    unset "pid_of[$name]"
    wait "$pid"
}

# pid [NAME]: the program itself, not the timeout that watches over it.
pid() {
    pgrep -P "${pid_of[${1-receiver}]}"
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

# port: the port the receiver is ready on; tests ask for 0, so that none collide.
port() {
    printed | sed -n 's/^ready on .*://p'
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
    local name
    for name in "${!pid_of[@]}"; do
        pkill -KILL -P "${pid_of[$name]}" || true
        kill -KILL "${pid_of[$name]}" 2>/dev/null || true
    done
    tail -n +1 logs/* 2>/dev/null || true
}
