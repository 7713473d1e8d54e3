#!/usr/bin/env bash
# tests/ftp_kills.sh COUNT [SEED] -- so many transfers, and in each of them one
# end is killed at some moment: nothing may be left, and no file be wrong.
#
# Runs in the folder it is to use, where build/ is. In an IPC namespace of its
# own (unshare -i) it sees every queue; otherwise, the server's.
set -u
count=$1
RANDOM=${2-$$}
alone=$([ "$(readlink /proc/self/ns/ipc)" != "${OUTER_IPC-}" ] && echo yes)
declare -A killed=([server]=0 [worker]=0 [client]=0 [nobody]=0)
whole=0

mkdir -p root run
head -c 5000000 /dev/urandom >root/file
date >key
server=
trap '[ -z "$server" ] || kill $server 2>/dev/null' EXIT

pause() { # milliseconds
    read -rt "$(printf 0.%03d "$1")" <> <(:)
}

start_server() {
    rm -f log # or the last one would say ready
    build/msg/ftp_server --limit 2 root key >log 2>&1 &
    server=$!
    until grep -qs '^ready' log; do
        kill -0 $server || { cat log; exit 1; }
        pause 5
    done
}

# Processes that still work in our folders.
left() {
    find /proc/[0-9]*/cwd \
        \( -lname "$PWD/root" -o -lname "$PWD/run" \) 2>/dev/null
}

fail() {
    echo "transfer $i, after the $victim was killed: $*"
    cat log client.log
    exit 1
}

for ((i = 1; i <= count; i++)); do
    [ -n "$server" ] || start_server
    rm -f run/*
    (
        cd run || exit
        exec ../build/msg/ftp_client --limit 2 ../key file copy
    ) >client.log 2>&1 &
    client=$!
    pause $((RANDOM % 25))

    worker=$(pgrep -P $server)
    case $((RANDOM % 3)) in
    0) victim=server pid=$server ;;
    1) victim=client pid=$client ;;
    2) victim=worker pid=$worker ;;
    esac
    if [ -n "$pid" ] && kill -KILL "$pid" 2>/dev/null; then
        killed[$victim]=$((killed[$victim] + 1))
    else
        victim=nobody
        killed[nobody]=$((killed[nobody] + 1))
    fi
    wait $client 2>/dev/null
    status=$?
    if [ "$victim" = server ]; then
        wait $server 2>/dev/null
        server=
    fi


    # Whatever it was: the whole file, or none.
    if [ -e run/copy ]; then
        cmp root/file run/copy || fail "a wrong file"
        whole=$((whole + 1))
    else
        [ $status -ne 0 ] || fail "success, but no file"
    fi
    for ((k = 0; k < 200; k++)); do
        rest=$(left)
        [ -n "$rest" ] || break
        pause 20
    done
    [ -z "$rest" ] || fail "these are left: $rest"
    [ -z "$(find run -type f ! -name copy)" ] || fail "$(ls -A run)"
    # The server's queue has a key, and stays; those of the clients have none.
    if [ -n "$alone" ] && ipcs -q | grep '^0x00000000'; then
        fail "its queue is left"
    fi
done

[ -n "$server" ] || start_server # it takes the last one's queue over
kill -TERM $server
wait $server 2>/dev/null
if [ -n "$alone" ] && ipcs -q | grep '^0x'; then
    echo "these queues are left"
    exit 1
fi
echo "$count transfers: killed the server ${killed[server]} times, the worker" \
    "${killed[worker]}, the client ${killed[client]}, came too late" \
    "${killed[nobody]}; $whole files arrived, whole"
