#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2034 # perl in single quotes; helpers use limit

load tftp

get_little() {
    (
        ulimit -f 100
        get "$@"
    )
}

# A program whose calls fail; `-D`: with the process id that it would have.
unlucky=(env ASAN_OPTIONS=detect_leaks=0 strace -D -f -qq -o trace)

@test "udp/tftp: a server that is not there: a clear error, and no file" {
    port=$(a_port)
    background silent perl -MIO::Socket::INET -e '
        $s = IO::Socket::INET->new(Proto => "udp",
            LocalAddr => "127.0.0.1:" . shift);
        $| = 1; print "ready\n"; alarm 60; recv $s, $_, 9, 0 while 1' "$port"
    await grep -q ready logs/silent
    run -1 get --timeout 1 file to/copy
    [ "$output" = "tftp_client: file: nothing from the server for 1 s" ]
    only
    run -1 get --timeout 1 file to/none/copy
    [ "$output" = "tftp_client: to/none/copy: No such file or directory" ]
    signal KILL silent
}

@test "udp/tftp: a file that gets too long fails the transfer, at both ends" {
    head -c 300000 /dev/urandom >root/big
    serve --writable
    run -1 get_little big to/copy
    [ "$output" = "tftp_client: big: File too large" ]
    logged 'get big: gave up: File too large'
    run ! test -e to/copy
    stop

    start bash -c 'ulimit -f 100
        exec build/udp/tftp_server --writable --log log 127.0.0.1 0 root'
    port=$(port)
    run -1 put root/big up
    [ "$output" = "tftp_client: up: File too large" ]
    await grep -q 'put up: File too large' log
    [ "$(find root -name '*up*')" = "" ]
}

@test "udp/tftp: a full disk fails the transfer, at both ends" {
    need_right unshare -m
    head -c 300000 /dev/urandom >root/big
    serve
    run -1 limited unshare -m sh -c 'mount -t tmpfs -o size=64k none to &&
        build/udp/tftp_client 127.0.0.1 '"$port"' big to/copy; status=$?
        ls to
        exit $status'
    [ "$output" = "tftp_client: big: No space left on device" ]
    logged 'get big: gave up: No space left on device'
    stop

    mkdir small
    start unshare -m sh -c '
        mount -t tmpfs -o size=64k none small &&
        exec build/udp/tftp_server --writable --log log 127.0.0.1 0 small'
    port=$(port)
    run -1 put root/big up
    [ "$output" = "tftp_client: up: No space left on device" ]
    await grep -q 'put up: No space left on device' log
    [ "$(ls -A "/proc/$(pid)/cwd/small")" = "" ]
    put README.md up # the room is free again
    cmp README.md "/proc/$(pid)/cwd/small/up"
}

@test "udp/tftp: a quota, a broken disk: an error at both ends" {
    need strace
    head -c 300000 /dev/urandom >root/big
    head -c 400 root/big >small
    serve
    for error in "EDQUOT Disk quota exceeded" "EIO Input/output error"; do
        run -1 limited "${unlucky[@]}" \
            -e "inject=writev:error=${error%% *}:when=3" \
            build/udp/tftp_client --block 1428 --window 4 127.0.0.1 "$port" \
            big to/copy
        [ "$output" = "tftp_client: big: ${error#* }" ]
        logged "get big: gave up: ${error#* }"
        run ! test -e to/copy
    done
    get big to/copy # goes on
    cmp root/big to/copy
    stop

    for error in "EDQUOT Disk quota exceeded" "EIO Input/output error"; do
        rm -f log
        start "${unlucky[@]}" \
            -e "inject=writev:error=${error%% *}:when=3" \
            build/udp/tftp_server --writable --log log 127.0.0.1 0 root
        port=$(port)
        run -1 put --block 1428 --window 4 root/big up
        [ "$output" = "tftp_client: up: ${error#* }" ]
        await grep -q "put up: ${error#* }" log
        [ "$(find root -name '*up*')" = "" ]
        put small up # that was only once: this takes fewer writes
        cmp small root/up
        rm root/up
        stop
    done
}

@test "udp/tftp: a part that cannot be emptied is an error before it begins" {
    need strace
    serve
    for what in ftruncate:error=EIO:when={1,2} {unlinkat,lseek}:error=EIO; do
        run -1 limited "${unlucky[@]}" -e "inject=$what" build/udp/tftp_client \
            --netascii 127.0.0.1 "$port" file to/copy
        [ "$output" = "tftp_client: to/copy: Input/output error" ]
        run ! test -e to/copy
    done
}

@test "udp/tftp: a file that cannot be read to its end: both ends say so" {
    need strace
    head -c 300000 /dev/urandom >root/big
    start "${unlucky[@]}" -P "$PWD/root/big" -e inject=read:error=EIO:when=2 \
        build/udp/tftp_server --log log 127.0.0.1 0 root
    port=$(port)
    run -1 get big to/copy
    [ "$output" = "tftp_client: big: Input/output error" ]
    await grep -q 'get big: Input/output error' log
    run ! test -e to/copy
}

@test "udp/tftp: what cannot be synced does not get its name" {
    need strace
    head -c 300000 /dev/urandom >root/big
    serve
    run -1 limited "${unlucky[@]}" -e inject=fsync:error=EIO \
        build/udp/tftp_client 127.0.0.1 "$port" big to/copy
    [ "$output" = "tftp_client: big: Input/output error" ]
    logged 'get big: gave up: Input/output error'
    run ! test -e to/copy
}

@test "udp/tftp: ^C ends its transfers, too" {
    head -c 2000000 /dev/urandom >root/big
    serve
    through --delay 10
    slowly --timeout 1
    child=$(children)
    signal INT
    run -130 finish
    gone "$child"
    run finish client
}

@test "udp/tftp: an upload is in the log when its client ends" {
    serve --writable
    put root/file up
    printed | grep -q 'put up: 100000 bytes'
    stop
}

@test "udp/tftp: a signal that is ignored stays ignored" {
    head -c 2000000 /dev/urandom >root/big
    start bash -c 'trap "" HUP
        exec build/udp/tftp_server 127.0.0.1 0 root' # timeout(1) resets it
    port=$(port)
    through --delay 10
    background client bash -c 'trap "" HUP
        exec build/udp/tftp_client --block 1428 --window 16 127.0.0.1 "$0" \
            big to/copy' "$port"
    await some_has_come
    signal HUP
    signal HUP client
    finish client
    cmp root/big to/copy
    stop
}

@test "udp/tftp: output that cannot be written is an error" {
    run -1 limited bash -c \
        'exec build/udp/tftp_server 127.0.0.1 0 root >/dev/full'
    [[ $output == "tftp_server: stdout: "* ]]
    run -1 limited bash -c 'exec build/udp/tftp_server 127.0.0.1 0 root >&-'
    [[ $output == "tftp_server: stdout: "* ]]
    serve
    run -1 limited bash -c "exec build/udp/tftp_client 127.0.0.1 $port file \
        to/copy >/dev/full"
    [[ $output == "tftp_client: stdout: "* ]]
    cmp root/file to/copy # all the same
    run -1 limited bash -c "exec build/udp/tftp_client 127.0.0.1 $port file \
        to/copy2 <&- >&- 2>&-"
    cmp root/file to/copy2
    stop
    start bash -c 'exec build/udp/tftp_server --log /dev/full --requests 1 \
        127.0.0.1 0 root'
    port=$(port)
    get file to/copy
    run -1 finish
    printed | grep -x 'tftp_server: log: No space left on device'
}

@test "udp/tftp: a server whose log is not read any more ends by SIGPIPE" {
    start bash -c '(exec build/udp/tftp_server 127.0.0.1 0 root
        ) > >(head -n 1); echo "status $?"'
    port=$(port)
    get file to/copy
    cmp root/file to/copy
    finish
    printed | grep -x 'status 141'
}
