#!/usr/bin/env bats
#
# The stream between processes of one host, by a path.

load helpers

@test "tcp/local: its card holds" {
    card tcp/local_server.c
}

@test "tcp/local: the kernel says which process, of which user" {
    start build/tcp/local_server socket
    background client bash -c 'echo $$ >client.pid
        exec build/tcp/local_client socket 1000'
    finish client
    finish
    printed | grep -x "connection from process $(cat client.pid) of user $UID"
    printed | grep -x '1000 of 1000 readings arrived'
}

@test "tcp/local: no path remains, whatever signal ends it" {
    for number in INT TERM HUP PIPE; do
        start build/tcp/local_server socket
        signal $number
        run finish
        [ "$status" -eq $((128 + $(kill -l $number))) ]
        [ ! -e socket ]
    done
}

@test "tcp/local: what kill -9 leaves behind, the next start takes over" {
    start build/tcp/local_server socket
    signal KILL
    run finish
    [ -S socket ]
    start build/tcp/local_server socket
    limited build/tcp/local_client socket 3
    finish
    [ ! -e socket ]
}

@test "tcp/local: --no-unlink leaves it, and does not start where one is" {
    start build/tcp/local_server --no-unlink socket
    limited build/tcp/local_client socket 3
    finish
    [ -S socket ]
    run -1 limited build/tcp/local_server --no-unlink socket
    [[ $output == "local_server: bind socket: Address already in use" ]]
    run -1 limited build/tcp/local_client socket 3
    [[ $output == *"connect to socket: Connection refused" ]]
}

@test "tcp/local: a server that runs, and a file, are not taken over" {
    start build/tcp/local_server socket
    run -1 limited build/tcp/local_server socket
    [[ $output == *"bind socket: Address already in use" ]]
    limited build/tcp/local_client socket 1
    finish
    run -1 limited build/tcp/local_server README.md
    [ -s README.md ]
}

@test "tcp/local: no server, and a path that is too long" {
    run -1 limited build/tcp/local_client socket 1
    [[ $output == *"connect to socket: No such file or directory" ]]
    for program in local_server local_client; do
        run -2 limited build/tcp/$program "$(printf %0108d 0)" 1
        [[ $output == "usage: $program"* ]]
    done
}

@test "tcp/local: without write permission nobody connects" {
    need_root
    chmod 755 .
    start build/tcp/local_server socket
    chmod 600 socket
    run -1 limited setpriv --reuid 65534 --clear-groups \
        build/tcp/local_client socket 1
    [[ $output == *"Permission denied"* ]]
    limited build/tcp/local_client socket 1
    finish
}
