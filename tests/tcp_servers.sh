#!/bin/bash
# tests/tcp_servers.sh [COUNT]... -- the servers of tcp/ side by side, with 10,
# 100 and 1000 clients at once or so many as are named: five readings each,
# without a pause, and with 20 ms after each. Prints how long all of them took,
# and what a connection costs in memory, in KiB: the growth of the server's
# processes (Pss) and of the kernel's own (slab, page tables, stacks) while they
# are open and silent.
#
# Not part of make check: what it prints is for tcp/README.md.
set -eu

build=${BUILD:-build}
counts=("$@")
[ $# -gt 0 ] || counts=(10 100 1000)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# serve SERVER COUNT: start it; sets server and port.
serve() {
    local options=()
    case $1 in
    fork) options=(--limit "$2") ;;
    prefork) options=(--most 256) ;;
    esac
    "$build/tcp/$1_server" "${options[@]}" 127.0.0.1 0 >"$scratch/log" 2>&1 &
    server=$!
    until grep -q '^ready' "$scratch/log"; do
        read -rt 0.05 <> <(:) || true
    done
    port=$(sed -n 's/^ready on .*:\([0-9]*\).*/\1/p' "$scratch/log")
}

stop() {
    kill "$server"
    wait "$server" 2>/dev/null || true
}

# seconds COMMAND...: how long it takes.
seconds() {
    local before=${EPOCHREALTIME/[.,]/}
    "$@" >/dev/null 2>"$scratch/errors" || { printf 'failed'; return; }
    local took=$((${EPOCHREALTIME/[.,]/} - before))
    printf '%d.%02d s' $((took / 1000000)) $((took % 1000000 / 10000))
}

# memory: in KiB, of the server and its children, and of the kernel.
memory() {
    local pid
    for pid in "$server" $(pgrep -P "$server"); do
        cat "/proc/$pid/smaps_rollup"
    done 2>/dev/null | awk '/^Pss:/ { sum += $2 } END { print sum + 0 }'
}
kernel() {
    awk '/^(Slab|PageTables|KernelStack):/ { sum += $2 } END { print sum }' \
        /proc/meminfo
}

# Descriptors for as many silent clients, and for the server's ends of them.
ulimit -n 4096 2>/dev/null || true

# silent COUNT: as many connections that say nothing, until it is killed.
silent() {
    perl -MIO::Socket::INET -e '
        my ($port, $count) = @ARGV;
        my @all = map { IO::Socket::INET->new("127.0.0.1:$port") or die $! }
            1 .. $count;
        print "open\n"; close STDOUT; sleep 9' "$port" "$1"
}

for count in "${counts[@]}"; do
    printf '\n%-9s %6s clients: %10s %12s %12s %9s\n' server "$count" \
        'no pause' '20 ms' 'process KiB' 'kernel KiB'
    for name in serial fork prefork poll epoll; do
        serve $name "$count"
        client=("$build/tcp/client" --clients "$count")
        fast=$(seconds "${client[@]}" 127.0.0.1 "$port" 5)
        slow=-
        if [ $name != serial ] || [ "$count" -le 100 ]; then
            slow=$(seconds "${client[@]}" --pause 20 127.0.0.1 "$port" 5)
        fi
        stop
        serve $name "$count"
        before=$(memory) kernel=$(kernel)
        coproc silent "$count"
        read -r _ <&"${COPROC[0]}"
        read -rt 0.3 <> <(:) || true
        after=$(memory) kernel_after=$(kernel)
        pid=$COPROC_PID
        kill "$pid"
        wait "$pid" 2>/dev/null || true
        stop
        printf '%-24s %10s %12s %12d %9d\n' $name "$fast" "$slow" \
            $(((after - before) / count)) $(((kernel_after - kernel) / count))
    done
done
