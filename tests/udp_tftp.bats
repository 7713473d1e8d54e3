#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2034 # perl in single quotes; helpers use limit

load tftp

@test "udp/tftp: its card holds" {
    card udp/tftp_server
}

@test "udp/tftp: files of any size arrive byte for byte, both ways" {
    serve --writable
    for size in 0 1 511 512 513 1024 508 504 65463 65464 300000; do
        head -c $size /dev/urandom >root/sized
        for options in "" "--window 1 --block 512"; do
            # shellcheck disable=SC2086 # several
            get $options sized to/copy
            cmp root/sized to/copy
            # shellcheck disable=SC2086
            put $options root/sized up
            cmp root/sized root/up
            rm root/up
        done
    done
    only copy
    stop
}

@test "udp/tftp: the client prints what cksum prints" {
    serve --writable
    get file to >printed
    cksum to/file | diff printed -
    put root/file up >printed
    (cd root && cksum up) | diff printed -
    stop
}

@test "udp/tftp: block numbers wrap at 65536" {
    head -c 1200000 /dev/urandom >root/long
    serve --writable
    get --block 16 --window 256 long to/copy
    cmp root/long to/copy
    put --block 16 --window 256 root/long up
    cmp root/long root/up
    stop
}

@test "udp/tftp: a text becomes netascii, and a text again" {
    printf 'one\ntwo\r\n\rthree\r\r\nfour' >root/text
    serve --writable
    for block in 8 9 512; do
        get --netascii --block $block text to/copy
        cmp root/text to/copy
        put --netascii --block $block root/text up
        cmp root/text root/up
        rm root/up
    done
    [ "$(send 'to($s = free(), $port, "\0\1text\0NetASCII\0"); $_ = answer($s);
        print unpack "H*", substr $_, 4')" = "$(printf \
        'one\r\ntwo\r\0\r\n\r\0three\r\0\r\0\r\nfour' | od -An -v -tx1 |
        tr -d ' \n')" ]
    stop
}

@test "udp/tftp: IPv6, and every address of the host" {
    start build/udp/tftp_server ::1 0 root
    limited build/udp/tftp_client ::1 "$(port)" file to/copy
    cmp root/file to/copy
    stop
    start build/udp/tftp_server 0.0.0.0 0 root
    limited build/udp/tftp_client 127.0.0.9 "$(port)" file to/copy9
    cmp root/file to/copy9
    stop
}

@test "udp/tftp: what cannot be served is refused at both ends" {
    mkdir root/folder
    mkfifo root/fifo
    echo secret >secret
    echo secret >root/mine
    chmod 600 root/mine
    ln -s ../secret root/out
    ln -s "$PWD/secret" root/absolute
    long=$(printf '%0256d' 0)
    serve

    while IFS=: read -r path reason; do
        run -1 get "$path" to/copy
        [ "$output" = "tftp_client: $path: $reason" ]
        logged ": $reason"
    done <<END
none:No such file or directory
folder:Is a directory
fifo:Not a regular file
mine:Permission denied
../secret:Outside the directory served
folder/../../secret:Outside the directory served
out:Outside the directory served
absolute:Outside the directory served
$long:File name too long
END
    run -1 put root/file up
    [ "$output" = "tftp_client: up: Uploads are not allowed" ]
    only
    stop
    run -1 get file to/copy
    [ "$output" = "tftp_client: file: Connection refused" ]
    only
}

@test "udp/tftp: an upload goes into a new file below ROOT, and nowhere else" {
    mkdir root/folder
    ln -s ../to root/out
    ln -s ../to/made root/dangling
    serve --writable

    put root/file folder/up
    cmp root/file root/folder/up
    while IFS=: read -r path reason; do
        run -1 put root/file "$path"
        [ "$output" = "tftp_client: $path: $reason" ]
    done <<END
folder/up:File exists
file:File exists
dangling:File exists
folder:File exists
none/up:No such file or directory
../to/up:Outside the directory served
out/up:Outside the directory served
folder/..:Is a directory
END
    only
    [ "$(find root/folder -type f)" = root/folder/up ]
    stop
}

@test "udp/tftp: an upload of unknown size" {
    need curl
    serve --writable
    # shellcheck disable=SC2002 # a pipe has no size
    cat README.md | limited curl -s -T - "tftp://127.0.0.1:$port/up"
    cmp README.md root/up
}

@test "udp/tftp: --requests counts transfers, not datagrams" {
    head -c 10000 /dev/urandom >root/small
    serve --requests 2
    through --dup 100
    get small to/one
    get small to/two
    cmp to/one to/two
    finish
}

@test "udp/tftp: 64 clients at once" {
    head -c 300000 /dev/urandom >root/big
    serve
    for i in {1..64}; do
        background "client$i" build/udp/tftp_client 127.0.0.1 "$port" \
            big "to/$i"
    done
    for i in {1..64}; do
        finish "client$i"
        cmp root/big "to/$i"
    done
    stop
}

@test "udp/tftp: as a daemon, with a log" {
    port=$(a_port)
    limited build/udp/tftp_server --daemon --log "$PWD/log" 127.0.0.1 "$port" \
        root >printed 3>&-
    [ "$(cat printed)" = "ready on 127.0.0.1:$port" ]
    get file to/copy
    cmp root/file to/copy
    await grep -q 'get file: 100000 bytes' log
    # The only one that has this port.
    run -1 limited build/udp/tftp_server --daemon 127.0.0.1 "$port" root 3>&-
    [[ $output == *"Address already in use" ]]
    kill "$(pgrep -f "tftp_server --daemon --log $PWD/log")"
}

@test "udp/tftp: a daemon that cannot fork says so, and does not serve" {
    need strace
    run -1 limited strace -qqo log -e inject=clone,clone3,fork:error=EAGAIN \
        build/udp/tftp_server --daemon 127.0.0.1 0 root
    [ "$output" = "tftp_server: fork: Resource temporarily unavailable" ]
}

@test "udp/tftp: wrong arguments get the usage line and status 2" {
    for arguments in "" "127.0.0.1" "127.0.0.1 0" "--x 127.0.0.1 0 root" \
        "--log" "--requests 0 127.0.0.1 0 root" "127.0.0.1 0 root more"; do
        # shellcheck disable=SC2086
        run -2 limited build/udp/tftp_server $arguments
        [[ $output == "usage: tftp_server "* ]]
    done
    for arguments in "" "127.0.0.1 1 a" "--window 0 127.0.0.1 1 a b" \
        "--block 7 127.0.0.1 1 a b" "--block 65465 127.0.0.1 1 a b" \
        "--timeout 0 127.0.0.1 1 a b" "127.0.0.1 1 a b c"; do
        # shellcheck disable=SC2086
        run -2 limited build/udp/tftp_client $arguments
        [[ $output == "usage: tftp_client "* ]]
    done
    run -1 limited build/udp/tftp_server 127.0.0.1 0 none
    [ "$output" = "tftp_server: none: No such file or directory" ]
    run -2 limited build/udp/tftp_server 127.0.0.1 65536 root
    run -1 limited build/udp/tftp_client 127.0.0.1 0 a b
}

@test "udp/tftp: a plain request, without options" {
    serve --writable
    get --no-options file to/copy
    cmp root/file to/copy
    logged 'get file: 100000 bytes, window 1 of 512'
    put --no-options root/file up
    cmp root/file root/up
    logged 'put up: 100000 bytes, window 1 of 512'
    stop
}

@test "udp/tftp: the notes show the table of states that runs" {
    "$root/$build/tests/test_tftp_machine" --table >table
    for notes in tftp.md tftp.zh.md; do
        sed -n '/^RRQ_SENT  *OACK/,/^```/p' "$root/udp/$notes" | grep -v '```' |
            diff table -
    done
}
