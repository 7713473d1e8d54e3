#!/usr/bin/env bats
#
# Six ways to serve many clients.

load helpers

here=127.0.0.1

# silent NAME: a client that connects, and says nothing until it is killed.
silent() {
    background "$1" bash -c 'read -r answer <"/dev/tcp/$0/$1"' $here "$(port)"
}

@test "tcp/serial_server: its cards hold" {
    card tcp/serial_server.c
}

@test "tcp/serial_server: a client that is slow keeps the next one waiting" {
    start build/tcp/serial_server --clients 2 $here 0
    silent first
    await grep -q 'client 1 from' logs/receiver
    background client build/tcp/client $here "$(port)" 3
    await connected 2
    [ ! -s logs/client ]
    signal KILL first
    finish client
    finish
    printed | grep -x 'client 1 left without'
}

# connected N: whether N connections to the port are complete.
connected() {
    [ "$(ss -Htn state established "( dport = :$(port) )" | wc -l)" -ge "$1" ]
}

@test "tcp/fork_server: its cards hold" {
    card tcp/fork_server.c
}

@test "tcp/fork_server: a client that is slow keeps nobody waiting" {
    start build/tcp/fork_server --clients 6 $here 0
    silent first
    await grep -q 'client 1 from' logs/receiver
    limited build/tcp/client --clients 5 $here "$(port)" 3
    signal KILL first
    finish
    printed | grep '^6 clients served, 0 rejected, 0 zombies, 0 conn'
}

@test "tcp/fork_server: --zombies leaves them lying, one for each client" {
    start build/tcp/fork_server --zombies --clients 5 $here 0
    limited build/tcp/client --clients 5 $here "$(port)" 1
    finish
    printed | grep '^5 clients served, 0 rejected, 5 zombies, 0 conn'
}

@test "tcp/fork_server: --leave-open piles connections up, none of which ends" {
    start build/tcp/fork_server --leave-open --clients 3 $here 0
    run -1 limited build/tcp/client --clients 3 $here "$(port)" 1
    [ "$(grep -c 'no end of file in 2 s' <<<"$output")" -eq 3 ]
    signal KILL
    run -137 finish
    printed | grep '^3 clients served, 0 rejected, 0 zombies, 3 conn'
}

@test "tcp/fork_server: a child that serves does not keep the port taken" {
    start build/tcp/fork_server $here 0
    same=$(port)
    silent first
    await grep -q 'client 1 from' logs/receiver
    signal TERM
    run -143 finish
    start build/tcp/fork_server --clients 1 $here "$same"
    limited build/tcp/client $here "$same" 1
    finish
}

@test "tcp/fork_server: --keep-listener keeps the port taken until it ends" {
    start build/tcp/fork_server --keep-listener $here 0
    same=$(port)
    silent first
    await grep -q 'client 1 from' logs/receiver
    signal TERM
    run -143 finish
    run -1 limited build/tcp/fork_server $here "$same"
    [[ $output == *"Address already in use" ]]
    signal KILL first
    await eval '! ss -Htln "( sport = :$same )" | grep -q .'
}

@test "tcp/fork_server: beyond its limit clients are rejected, and told so" {
    start build/tcp/fork_server --limit 2 --clients 4 $here 0
    silent first
    silent second
    await grep -q 'client 2 from' logs/receiver
    run -1 limited build/tcp/client --clients 2 $here "$(port)" 3
    [ "$(grep -c 'rejected, the server is full' <<<"$output")" -eq 2 ]
    signal KILL first
    signal KILL second
    finish
    printed | grep '^2 clients served, 2 rejected, 0 zombies'
}

@test "tcp/fork_server: survives EMFILE, ECONNABORTED, EINTR, no fork" {
    for fault in accept:error=EMFILE accept:error=ECONNABORTED \
        accept:error=EINTR clone:error=EAGAIN; do
        need_no_sanitizers
        start strace -o trace -e "inject=$fault:when=1" \
            build/tcp/fork_server --clients 2 $here 0
        limited build/tcp/client --clients 1 $here "$(port)" 3 || true
        limited build/tcp/client --clients 1 $here "$(port)" 3
        finish
        grep INJECTED trace
    done
}

# workers N, few_workers N: whether there are N, or at most N.
workers() {
    [ "$(children | wc -l)" -eq "$1" ]
}
few_workers() {
    [ "$(children | wc -l)" -le "$1" ]
}

@test "tcp/prefork_server: its cards hold" {
    card tcp/prefork_server.c
}

@test "tcp/prefork_server: grows to its most, and shrinks to its least" {
    start build/tcp/prefork_server --least 2 --most 5 $here 0
    limited build/tcp/client --clients 20 --pause 10 $here "$(port)" 3
    printed | grep -x '5 workers'
    run ! grep -E '^([6-9]|1.) workers' logs/receiver
    limited build/tcp/client --clients 2 $here "$(port)" 3
    await few_workers 3
    signal TERM
    finish
    printed | grep -x '22 clients served'
}

@test "tcp/prefork_server: a worker that is killed is replaced" {
    start build/tcp/prefork_server $here 0
    await grep -qx '2 workers' logs/receiver
    victim=$(children | head -n 1)
    kill -KILL "$victim"
    await grep -qx 'a worker was ended by signal 9' logs/receiver
    await workers 2
    limited build/tcp/client --clients 4 $here "$(port)" 3
    signal INT
    finish
}

@test "tcp/prefork_server: workers do not outlive a parent that is killed" {
    start build/tcp/prefork_server $here 0
    await grep -qx '2 workers' logs/receiver
    workers=$(children)
    signal KILL
    run finish
    for worker in $workers; do
        await gone "$worker"
    done
}

@test "tcp/prefork_server: who is being served is served to the end" {
    start build/tcp/prefork_server $here 0
    background client build/tcp/client --pause 100 $here "$(port)" 5
    await connected 1
    signal TERM
    finish client
    finish
    printed | grep -x '1 clients served'
}

@test "tcp/poll_server, tcp/epoll_server, tcp/pass_server: their cards hold" {
    card tcp/poll_server.c
    card tcp/epoll_server.c
    card tcp/pass_server.c
}

# greedy NAME: a client that sends readings for ever, and reads no answer.
greedy() {
    background "$1" bash -c 'exec perl -e "print qq(\\1) . qq(\\0) x 16
        while 1" >"/dev/tcp/$0/$1"' $here "$(port)"
}

@test "tcp/poll_server, tcp/epoll_server: a slow client holds up no other" {
    for server in poll_server epoll_server 'epoll_server --edge --drain'; do
        # shellcheck disable=SC2086 # an option
        start build/tcp/$server --clients 20 $here 0
        silent first
        greedy second
        await connected 2
        limited build/tcp/client --clients 18 --pause 5 $here "$(port)" 10
        signal KILL first
        signal KILL second
        finish
        printed | grep '^20 clients served, at most'
    done
}

@test "tcp/poll_server, tcp/epoll_server: garbage ends that client alone" {
    for server in poll epoll; do
        start build/tcp/${server}_server --clients 2 $here 0
        printf 'seventeen bytes..' >"/dev/tcp/$here/$(port)"
        limited build/tcp/client $here "$(port)" 3
        finish
    done
}

@test "tcp/epoll_server: --edge leaves bytes lying, --drain takes them" {
    start build/tcp/epoll_server --edge $here 0
    run -1 limited build/tcp/client --clients 3 --ahead $here "$(port)" 3
    [ "$(grep -c 'no answer in 2 s' <<<"$output")" -eq 3 ]
    signal TERM
    run -143 finish
    for options in '' '--edge --drain'; do
        # shellcheck disable=SC2086 # several options
        start build/tcp/epoll_server $options --clients 3 $here 0
        limited build/tcp/client --clients 3 --ahead $here "$(port)" 100
        finish
    done
}

@test "tcp servers: a client that closes before it has read ends none" {
    for server in serial fork prefork poll epoll pass; do
        start build/tcp/${server}_server --clients 4 $here 0
        for _ in 1 2 3; do
            perl -e 'print "\1", "\0" x 16 for 1 .. 1000' \
                >"/dev/tcp/$here/$(port)" || true
        done
        limited build/tcp/client $here "$(port)" 3
        finish
    done
}

@test "tcp/prefork_server: ^C reaches all, and who is being served stays" {
    background receiver setsid build/tcp/prefork_server $here 0
    await grep -qx '2 workers' logs/receiver
    background client build/tcp/client --pause 100 $here "$(port)" 5
    await connected 1
    kill -INT -- "-$(pid)"
    finish client
    finish
    printed | grep -x '1 clients served'
}

@test "tcp/pass_server: the worker ends with its parent" {
    start build/tcp/pass_server $here 0
    limited build/tcp/client $here "$(port)" 3
    worker=$(children)
    signal KILL
    run finish
    await gone "$worker"
}

@test "tcp servers: ten clients at once, fifty readings each" {
    for server in serial fork prefork poll epoll pass; do
        start build/tcp/${server}_server --clients 10 $here 0
        run limited build/tcp/client --clients 10 $here "$(port)" 50
        printf "%s\n" "$output"
        [ "$(grep -c ': 50 readings, mean' <<<"$output")" -eq 10 ]
        finish
    done
}
