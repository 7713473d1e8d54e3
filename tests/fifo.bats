#!/usr/bin/env bats

load helpers

# nothing_left: no FIFO is in the test's folder any more.
nothing_left() {
    [ -z "$(find . -type p)" ]
}

# is_refused PATH PROGRAM ARG...: the passive end says in one line that it does
# not take PATH for its FIFO.
is_refused() {
    local path=$1
    shift
    run -1 limited "$@"
    [ "$output" = "${1##*/}: mkfifo $path: File exists" ]
}

# refuses_what_is_there PROGRAM ARG...: whatever is at the path `taken`, and not
# a FIFO of ours, is left alone by this passive end.
refuses_what_is_there() {
    cp README.md taken
    is_refused taken "$@"
    cmp README.md taken

    rm taken && mkdir taken
    is_refused taken "$@"

    rmdir taken && ln -s README.md taken
    is_refused taken "$@"

    mkfifo target && ln -sfn target taken
    is_refused taken "$@"
    rm target taken

    if [ "$(id -u)" -eq 0 ]; then
        mkfifo taken && chown 65534 taken
        is_refused taken "$@"
        [ -p taken ]
        rm taken
    fi
}

# leaves_nothing PROGRAM ARG...: neither a passive end that is told to end, nor
# one that was killed and started again.
leaves_nothing() {
    for signal in INT TERM HUP; do
        start "$@"
        signal "$signal"
        run finish
        nothing_left
    done

    start "$@"
    signal KILL
    run finish
    run ! nothing_left
    start "$@"
    signal TERM
    run finish
    nothing_left
}

# without_reader PROGRAM ARG...: run it as if the other end had left between its
# open and its first write.
without_reader() {
    strace -o strace true || skip "strace is not allowed to trace here"
    run -1 limited env ASAN_OPTIONS=detect_leaks=0 strace -qq -o strace \
        -e inject=write:error=EPIPE:signal=PIPE:when=1 "$@"
}

# start_and_fill: a receiver that has stopped reading, and a sender that waits,
# because the FIFO between them is full.
start_and_fill() {
    start build/fifo/basic_recv readings
    exec 7>readings # now it reads: if stopped in open, it would leave
    signal STOP
    background sender build/fifo/basic_send readings 1000000
    await asleep sender
    exec 7>&-
}

# ---- basic ----

@test "fifo/basic: its card holds" {
    card fifo/basic_recv.c
}

@test "fifo/basic: ten thousand readings arrive in order" {
    start build/fifo/basic_recv readings
    limited build/fifo/basic_send readings 10000
    finish

    printed | grep '^10000 of 10000 readings arrived$'
    printed | sed -n 's/^oslo #\([0-9]*\) .*/\1/p' | cmp - <(seq 10000)
    nothing_left
}

@test "fifo/basic: the receiver skips what is no reading" {
    start build/fifo/basic_recv readings
    exec 7>readings
    printf '%017d' 0 >&7
    limited build/fifo/basic_send readings 1
    exec 7>&-
    finish

    printed | grep '^skipped 17 bytes: not a reading$'
    printed | grep '^1 of 1 readings arrived$'
}

@test "fifo/basic: the receiver says that a sender left too early" {
    start build/fifo/basic_recv readings
    printf 'short' >readings
    run -1 finish

    printed | grep '^skipped 5 bytes: not a reading$'
    printed | grep '^basic_recv: the sender left without END, after 0 readings$'
    nothing_left
}

@test "fifo/basic: a sender that is killed leaves whole readings behind" {
    start_and_fill
    signal KILL sender
    run finish sender
    signal CONT
    run -1 finish

    run ! grep skipped logs/receiver
    printed | grep 'the sender left without END, after 3[0-9]* readings$'
    nothing_left
}

@test "fifo/basic: when the receiver is stopped, the sender says so and ends" {
    for signal in INT TERM KILL; do
        start_and_fill
        signal "$signal"
        signal CONT || [ "$signal" = KILL ]
        run finish
        run -1 finish sender
        [ "$(printed sender)" = "basic_send: write: Broken pipe" ]
    done
    rm readings # of the one that was killed
    nothing_left
}

@test "fifo/basic: a receiver that is stopped takes its FIFO along" {
    leaves_nothing build/fifo/basic_recv readings
}

@test "fifo/basic: what a killed receiver left behind, the next takes over" {
    start build/fifo/basic_recv readings
    signal KILL
    run finish
    [ -p readings ]

    start build/fifo/basic_recv readings
    limited build/fifo/basic_send readings 1
    finish
    nothing_left
}

@test "fifo/basic: a path that is no FIFO of ours is refused" {
    refuses_what_is_there build/fifo/basic_recv taken
}

@test "fifo/basic: nothing is written into a file" {
    cp README.md taken
    run -1 limited build/fifo/basic_send taken 3
    [ "$output" = "basic_send: taken: not a FIFO" ]
    cmp README.md taken
}

@test "fifo/basic: a sender without a receiver says so" {
    run -1 limited build/fifo/basic_send readings 3
    [ "$output" = "basic_send: open readings: is the receiver running?: \
No such file or directory" ]
}

@test "fifo/basic: a sender waits two seconds at a FIFO that nobody reads" {
    mkfifo readings
    run -1 limited build/fifo/basic_send readings 3
    [ "$output" = "basic_send: open readings: \
nobody opened it for reading within 2 s" ]
}

@test "fifo/basic: two receivers share what is sent" {
    start build/fifo/basic_recv readings
    background second build/fifo/basic_recv readings
    await grep -q '^ready' logs/second
    await asleep
    await asleep second
    limited build/fifo/basic_send readings 1000
    run finish
    run finish second

    # One of them has read END.
    cat logs/receiver logs/second >both
    grep -c 'of 1000 readings arrived$' both | grep -x 1
    grep -c 'the sender left without END' both | grep -x 1
    [ "$(grep -c '^oslo #' both)" -eq 1000 ]
    nothing_left
}

@test "fifo/basic: a receiver whose FIFO is removed ends" {
    start build/fifo/basic_recv readings
    rm readings
    run -1 finish
    printed | grep '^basic_recv: open readings: No such file or directory$'
}

@test "fifo/basic: eight pairs at once do not meet each other" {
    for i in {1..8}; do
        mkdir "$i"
        background "receiver$i" env -C "$i" "$PWD/build/fifo/basic_recv" \
            readings
    done
    for i in {1..8}; do
        await grep -q '^ready' "logs/receiver$i"
        background "sender$i" env -C "$i" "$PWD/build/fifo/basic_send" \
            readings "${i}00"
    done
    for i in {1..8}; do
        finish "receiver$i"
        finish "sender$i"
        printed "receiver$i" | grep "^${i}00 of ${i}00 readings arrived$"
    done
    nothing_left
}

@test "fifo/basic: wrong arguments get the usage line and status 2" {
    run -2 limited build/fifo/basic_recv
    [ "$output" = "usage: basic_recv FIFO" ]

    run -2 limited build/fifo/basic_send readings three
    [ "$output" = "usage: basic_send FIFO COUNT" ]

    run -0 limited build/fifo/basic_send --help
    [ "$output" = "usage: basic_send FIFO COUNT" ]
    nothing_left
}

# ---- mode ----

@test "fifo/mode: its card holds" {
    card fifo/mode.c
}

@test "fifo/mode: what the umask names is left out of the mode" {
    for line in '000 666 0666 prw-rw-rw-' '077 666 0600 prw-------' \
        '777 666 0000 p---------' '022 777 0755 prwxr-xr-x'; do
        read -r umask asked octal letters <<<"$line"
        limited build/fifo/mode --umask "$umask" readings "$asked" |
            grep -x "mkfifo *$octal  $letters"
    done
    nothing_left
}

@test "fifo/mode: it is the umask of the shell, if nothing else is asked for" {
    (umask 027 && limited build/fifo/mode readings) |
        grep -x 'mkfifo *0640  prw-r-----'
}

@test "fifo/mode: somebody else is kept out by the mode" {
    if [ "$(id -u)" -ne 0 ]; then
        skip "only root can be somebody else"
    fi
    mkdir shared && chmod 777 shared
    mkfifo -m 600 shared/mine
    mkfifo -m 666 shared/everybodys
    exec 7<>shared/mine 8<>shared/everybodys
    chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$PWD"

    run ! limited setpriv --reuid 65534 --clear-groups sh -c ': >>shared/mine'
    [[ $output == *"ermission denied"* ]]
    limited setpriv --reuid 65534 --clear-groups sh -c ': >>shared/everybodys'
}

@test "fifo/mode: a path that is no FIFO of ours is refused" {
    refuses_what_is_there build/fifo/mode taken
}

@test "fifo/mode: a FIFO that is there already does not keep its mode" {
    mkfifo -m 600 readings
    limited build/fifo/mode --umask 0 readings | grep '^mkfifo *0666'
}

@test "fifo/mode: wrong arguments get the usage line and status 2" {
    for wrong in '' '--umask 8 x' '--umask x' 'x 1000' 'x 066x' 'x 600 y'; do
        # shellcheck disable=SC2086
        run -2 limited build/fifo/mode $wrong
        [ "$output" = "usage: mode [--umask OCTAL] FIFO [OCTAL]" ]
    done
    nothing_left
}

# ---- meet ----

@test "fifo/meet: its card holds" {
    card fifo/meet_recv.c
}

@test "fifo/meet: nobody meets before both have come" {
    start build/fifo/meet_recv there back
    limited build/fifo/meet_send there back >sender
    finish

    # Merged by time: two come, then two meet.
    for path in there back; do
        grep -hE "(open|met on) $path( |\$)" logs/receiver sender | sort |
            awk '{ print $2 }' | cmp - <(printf '%s\n' open open met met)
    done
}

@test "fifo/meet --swapped: both wait for each other, and say so" {
    mkfifo there back # so that the two may start at the same time
    background sender build/fifo/meet_send there back
    run -1 limited build/fifo/meet_recv --swapped there back
    [[ $output == *"meet_recv: waited 2 s for somebody to open back to read" ]]
    run -1 finish sender
    [ "$(printed sender | tail -n 1)" = \
        "meet_send: waited 1 s for somebody to open there to read" ]
    nothing_left
}

@test "fifo/meet: when the sender does not come again, the receiver ends" {
    start build/fifo/meet_recv there back
    exec 7>there # as a sender does, but this one goes no further
    run -1 finish
    printed | grep '^meet_recv: waited 2 s for somebody to open back to read$'
    nothing_left
}

@test "fifo/meet: when the receiver does not come again, the sender ends" {
    mkfifo there
    exec 7<>there # as a receiver does, but this one goes no further
    run -1 limited build/fifo/meet_send there back
    [[ $output == *"meet_send: open back: is the receiver running?: \
No such file or directory" ]]

    mkfifo back
    run -1 limited build/fifo/meet_send there back
    [[ $output == *"meet_send: waited 1 s for somebody to open back to write" ]]
}

@test "fifo/meet: a receiver that is stopped takes its FIFOs along" {
    leaves_nothing build/fifo/meet_recv there back
}

@test "fifo/meet: a path that is no FIFO of ours is refused" {
    refuses_what_is_there build/fifo/meet_recv taken back
    refuses_what_is_there build/fifo/meet_recv there taken
    nothing_left
}

@test "fifo/meet: a sender without a receiver says so" {
    run -1 limited build/fifo/meet_send there back
    [[ $output == *"meet_send: open there: is the receiver running?: \
No such file or directory" ]]
}

@test "fifo/meet: wrong arguments get the usage line and status 2" {
    run -2 limited build/fifo/meet_recv there
    [ "$output" = "usage: meet_recv [--swapped] THERE BACK" ]

    run -2 limited build/fifo/meet_send --swapped there
    [ "$output" = "usage: meet_send THERE BACK" ]
    nothing_left
}

# ---- rejoin ----

# start_sender COUNT: rejoin_send, which joins again whenever it is told to.
start_sender() {
    mkfifo steps
    exec 7<>steps
    # shellcheck disable=SC2016 # that is for the shell in the background
    background sender sh -c '
        exec build/fifo/rejoin_send --step readings "$1" <steps' sh "$1"
}

@test "fifo/rejoin: its card holds" {
    card fifo/rejoin_recv.c
}

@test "fifo/rejoin: all arrives, though the sender joins a thousand times" {
    start build/fifo/rejoin_recv readings
    yes '' | limited build/fifo/rejoin_send --step readings 1000
    finish

    printed | grep '^1000 of 1000 readings arrived$'
    run ! grep 'end of file' logs/receiver
    nothing_left
}

@test "fifo/rejoin --no-own-end: the file ends whenever the sender leaves" {
    start build/fifo/rejoin_recv --no-own-end readings
    start_sender 3
    for i in 1 2 3; do
        await grep -q "sent #$i, left" logs/sender
        await eval "[ \$(grep -c '^end of file' logs/receiver) -eq $i ]"
        echo >&7
    done
    finish sender
    finish

    cmp logs/receiver - <<'END'
ready on readings
oslo #1 -3.2 C
end of file: the last sender has left
oslo #2 -3.1 C
end of file: the last sender has left
oslo #3 -3.0 C
end of file: the last sender has left
3 of 3 readings arrived
END
}

@test "fifo/rejoin --no-own-end: a silent FIFO is given up after two seconds" {
    start build/fifo/rejoin_recv --no-own-end readings
    start_sender 3
    await grep -q 'sent #1, left' logs/sender
    signal KILL sender
    run finish sender
    run -1 finish

    printed | grep '^rejoin_recv: nobody has written to readings for 2 s$'
    rm steps
    nothing_left
}

@test "fifo/rejoin: a sender that is killed does not take the receiver along" {
    start build/fifo/rejoin_recv readings
    start_sender 3
    await grep -q 'sent #1, left' logs/sender
    signal KILL sender
    run finish sender

    limited build/fifo/rejoin_send readings 2
    finish
    printed | grep '^3 of 2 readings arrived$'
}

@test "fifo/rejoin: when the receiver is stopped, the sender says so and ends" {
    for signal in TERM KILL; do
        start build/fifo/rejoin_recv readings
        start_sender 3
        await grep -q 'sent #1, left' logs/sender
        signal "$signal"
        run finish
        echo >&7
        run -1 finish sender
        rm steps
    done
    printed sender | grep 'nobody opened it for reading within 2 s$'
}

@test "fifo/rejoin: when the receiver leaves too early, the sender says so" {
    mkfifo readings
    exec 7<>readings
    without_reader build/fifo/rejoin_send readings 1
    [ "$output" = "rejoin_send: write readings: Broken pipe" ]
}

@test "fifo/rejoin: a receiver that is stopped takes its FIFO along" {
    leaves_nothing build/fifo/rejoin_recv readings
}

@test "fifo/rejoin: a path that is no FIFO of ours is refused" {
    refuses_what_is_there build/fifo/rejoin_recv taken

    run -1 limited build/fifo/rejoin_send README.md 3
    [ "$output" = "rejoin_send: README.md: not a FIFO" ]
}

@test "fifo/rejoin: a sender without a receiver says so" {
    run -1 limited build/fifo/rejoin_send readings 3
    [ "$output" = "rejoin_send: open readings: is the receiver running?: \
No such file or directory" ]
}

@test "fifo/rejoin: wrong arguments get the usage line and status 2" {
    run -2 limited build/fifo/rejoin_recv --own-end readings
    [ "$output" = "usage: rejoin_recv [--no-own-end] FIFO" ]

    run -2 limited build/fifo/rejoin_send readings -1
    [ "$output" = "usage: rejoin_send [--step] FIFO COUNT" ]
    nothing_left
}

# ---- request ----

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

@test "fifo/request: a client that is killed before its answer is passed over" {
    start build/fifo/request_server requests
    signal STOP
    background client build/fifo/request_client --limit 15 requests 1
    await asleep client
    killed=$(pid client)
    await test -p "requests.$killed"
    await asleep client
    signal KILL client
    run finish client
    signal CONT

    says "client $killed does not wait: No such device or address"
    says "removed requests.$killed: nobody's any more"
    is_served
    [ ! -e "requests.$killed" ]
}

@test "fifo/request: a client that dies while it is answered is passed over" {
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

@test "fifo/request --no-sigpipe-guard: it dies with its client, every time" {
    for _ in {1..5}; do
        start build/fifo/request_server --no-sigpipe-guard requests
        background client build/fifo/request_client --limit 15 requests 1
        await grep -q 'asks for #1$' logs/receiver
        signal KILL client
        run finish client
        run -141 finish # 128 + SIGPIPE
    done

    # What it left behind, the next one takes over.
    start build/fifo/request_server requests
    is_served
    signal TERM
    run finish
    nothing_left
}

@test "fifo/request --no-sigpipe-guard: it dies with a client that has enough" {
    start build/fifo/request_server --no-sigpipe-guard requests
    run -1 limited build/fifo/request_client --limit 1 requests 1
    [ "$output" = "request_client: no answer within 1 s" ]
    run -141 finish
}

@test "fifo/request: who never opens its own FIFO gets no answer" {
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
    exec 7<>real # somebody would read it

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
    start build/fifo/request_server requests
    signal STOP
    background client build/fifo/request_client --limit 15 requests 7
    await asleep client
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

@test "fifo/request: a client waits as long as it says, and tidies up" {
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

    says "removed requests.$(cat killed): nobody's any more"
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
