#!/usr/bin/env bats

load helpers
load fifo

# request CLIENT NUMBER: the bytes of a request, as if from that process.
request() {
    perl -e '
        my ($client, $seq) = @ARGV;
        my $check = ~(1 + 31 * ($client + 31 * $seq)) & 0xffffffff;
        print pack "a3 C N N N", "ask", 1, $client, $seq, $check;
    ' "$1" "$2"
}

# is_served: the server is still there for others.
is_served() {
    limited build/fifo/request_client --limit 10 requests 7 |
        grep -x 'oslo #7 -2.6 C'
}

# says WORDS...: the server has said so, or does soon.
says() {
    await grep -qx "$*" logs/receiver
}

# unanswered_client NUMBER: a server that is stopped, and a client that waits.
unanswered_client() {
    start build/fifo/request_server requests
    signal STOP
    background client build/fifo/request_client --limit 15 requests "$1"
    await asleep client
}

@test "fifo/request: its card holds" {
    card fifo/request_server.c
}

@test "fifo/request: a hundred clients at once get their own answers" {
    # shellcheck disable=SC2034 # helpers.bash uses it
    limit=60
    start build/fifo/request_server requests
    # shellcheck disable=SC2016 # that is for the shell in the background
    background clients sh -c '
        for i in $(seq 100); do
            echo "$i: $(build/fifo/request_client --limit 50 requests $i)" &
        done
        wait'
    finish clients
    limited build/fifo/request_client --limit 50 --end requests 1
    finish

    printed clients | grep -cE '^([0-9]+): oslo #\1 -?[0-9.]+ C$' | grep -x 100

    says END: 101 requests answered
    nothing_left
}

@test "fifo/request: a client killed before its answer holds up nothing" {
    unanswered_client 1
    killed=$(pid client)
    await test -p "requests.$killed"
    await asleep client
    signal KILL client
    run finish client
    signal CONT

    says "client $killed does not wait: No such device or address"
    says "removed requests.$killed: there is no such client"
    is_served
    [ ! -e "requests.$killed" ]
}

@test "fifo/request: a client killed while it is answered holds up nothing" {
    start build/fifo/request_server --slow requests
    for _ in 1 2 3; do
        background client build/fifo/request_client --limit 15 requests 1
        await test -s logs/client.command
        killed=$(await pid client)
        says "client $killed asks for #1"
        signal KILL client
        run finish client
        says "client $killed has not got it: Broken pipe"
        [ ! -e "requests.$killed" ]
    done
    signal TERM
    run -143 finish
}

@test "fifo/request --no-sigpipe-guard: it ends with its client, every time" {
    for _ in {1..5}; do
        start build/fifo/request_server --no-sigpipe-guard requests
        background client build/fifo/request_client --limit 15 requests 1
        await grep -q 'asks for #1$' logs/receiver
        signal KILL client
        run finish client
        run -141 finish # 128 + SIGPIPE
    done

    # It leaves nothing behind, and the next one serves.
    start build/fifo/request_server requests
    is_served
    signal TERM
    run finish
    nothing_left
}

@test "fifo/request --no-sigpipe-guard: it ends when a client gives up" {
    start build/fifo/request_server --no-sigpipe-guard requests
    run -1 limited build/fifo/request_client --limit 1 requests 1
    [ "$output" = "request_client: no answer within 1 s" ]
    run -141 finish
}

@test "fifo/request: a client that never opens its own FIFO gets no answer" {
    start build/fifo/request_server requests
    mkfifo "requests.$$"
    request $$ 1 >requests

    says "client $$ does not wait: No such device or address"
    is_served
    [ -p "requests.$$" ] # we are still there
}

@test "fifo/request: garbage and half a request do not hide the next one" {
    start build/fifo/request_server requests
    echo garbage >requests
    is_served
    request 1 1 | head -c 15 >requests
    is_served
    head -c 10000 /dev/zero >requests
    is_served
    { echo ask && request $$ 1; } >requests
    says "client $$ has no FIFO here"

    says skipped 8 bytes: not a request
    says skipped 15 bytes: not a request
    says skipped 10000 bytes: not a request
    says skipped 4 bytes: not a request
}

@test "fifo/request: nothing but a FIFO of ours is opened for an answer" {
    start build/fifo/request_server requests
    cp README.md requests.4001
    ln -s README.md requests.4002
    mkfifo real && ln -s real requests.4003
    mkdir requests.4004
    exec 7<>real # so that it has a reader

    for client in 4001 4002 4003 4004 4005 2147483647; do
        request $client 1 >requests
        says "client $client has no FIFO here"
    done
    if [ "$(id -u)" -eq 0 ]; then
        mkfifo requests.4006 && chown 65534 requests.4006
        exec 8<>requests.4006
        request 4006 1 >requests
        says "client 4006 has no FIFO here"
    fi

    is_served
    cmp README.md "$root/README.md"
    cmp README.md requests.4001
    run ! read -rt 0 -u 7
}

@test "fifo/request: a FIFO that is full is not waited for" {
    start build/fifo/request_server requests
    mkfifo "requests.$$"
    exec 7<>"requests.$$"
    head -c 65536 /dev/zero >&7
    request $$ 1 >requests

    says "client $$ has not got it: Resource temporarily unavailable"
    is_served
}

@test "fifo/request: a client skips what it has not asked for" {
    unanswered_client 7
    client=$(pid client)
    printf 'garbage' >"requests.$client"
    await grep -x 'request_client: skipped 7 bytes: not the answer' logs/client
    printf '\1\0\0\0\10\xff\xe7oslo\0\0\0\0\0\0' >"requests.$client" # 8, not 7
    await grep -x 'request_client: skipped 17 bytes: not the answer' logs/client

    signal CONT
    finish client
    [ "$(printed client | tail -n 1)" = "oslo #7 -2.6 C" ]
}

@test "fifo/request: there is one server to a FIFO" {
    start build/fifo/request_server requests
    run -1 limited build/fifo/request_server requests
    [ "$output" = "request_server: requests: another server reads it" ]
    is_served
}

@test "fifo/request: a client waits as long as it says, and leaves no FIFO" {
    start build/fifo/request_server requests
    signal STOP
    run -1 limited build/fifo/request_client --limit 1 requests 7
    [ "$output" = "request_client: no answer within 1 s" ]

    for signal in INT TERM HUP; do
        background client build/fifo/request_client --limit 15 requests 7
        await asleep client
        signal "$signal" client
        run finish client
    done
    [ "$(find . -type p)" = ./requests ]
}

@test "fifo/request: a client without a server says so" {
    run -1 limited build/fifo/request_client requests 7
    [ "$output" = "request_client: open requests: is the server running?: \
No such file or directory" ]

    mkfifo requests
    run -1 limited build/fifo/request_client requests 7
    [ "$output" = "request_client: open requests: is the server running?: \
No such device or address" ]

    run -1 limited build/fifo/request_client README.md 7
    [ "$output" = "request_client: README.md: not a FIFO" ]
    cmp README.md "$root/README.md"
}

@test "fifo/request: when the server leaves too early, the client says so" {
    mkfifo requests
    exec 7<>requests
    without_reader build/fifo/request_client requests 7
    [ "$output" = "request_client: write requests: Broken pipe" ]
    [ "$(find . -type p)" = ./requests ]
}

@test "fifo/request: a new server removes what killed clients left behind" {
    sh -c 'mkfifo requests.$$ && echo $$' >killed
    mkfifo "requests.$$" requests.1x requests.0
    start build/fifo/request_server requests

    says "removed requests.$(cat killed): there is no such client"
    is_served
    find . -type p -name 'requests.*' | sort >left
    printf './requests.%s\n' 0 $$ 1x | sort | cmp - left
}

@test "fifo/request: a server that is stopped takes its FIFO along" {
    leaves_nothing build/fifo/request_server requests
}

@test "fifo/request: a path that is no FIFO of ours is refused" {
    refuses_what_is_there build/fifo/request_server taken
}

@test "fifo/request: wrong arguments get the usage line and status 2" {
    run -2 limited build/fifo/request_server
    [ "$output" = \
        "usage: request_server [--slow] [--no-sigpipe-guard] FIFO" ]

    for wrong in 'requests' 'requests 0' 'requests x' '--limit 0 requests 1'; do
        # shellcheck disable=SC2086
        run -2 limited build/fifo/request_client $wrong
        [ "$output" = \
            "usage: request_client [--limit SECONDS] [--end] FIFO NUMBER" ]
    done
    nothing_left
}
