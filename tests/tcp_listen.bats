#!/usr/bin/env bats
#
# What the kernel does before accept, and after close.

load helpers

here=127.0.0.1

@test "tcp/backlog: its card holds" {
    card tcp/backlog.c
}

@test "tcp/backlog: n + 1 connections complete, for any n" {
    for n in 0 1 7; do
        run -0 limited build/tcp/backlog $here $n </dev/null
        [ "$(grep -c '^client . ESTABLISHED, queue . of . *$' <<<"$output")" \
            -eq $((n + 1)) ]
        [[ $output == *"client $((n + 2)) SYN_SENT, queue $((n + 1)) of $n"* ]]
    done
}

@test "tcp/backlog: somaxconn is the limit of any backlog" {
    cap=$(cat /proc/sys/net/core/somaxconn)
    run -0 limited build/tcp/backlog $here 2147483647 </dev/null
    [ "${lines[1]}" = "net.core.somaxconn allows $cap" ]
}

@test "tcp/backlog: where somaxconn is 3, four connections complete" {
    need_right unshare -n
    run -0 limited unshare -n sh -c 'ip link set lo up
        echo 3 >/proc/sys/net/core/somaxconn
        build/tcp/backlog 127.0.0.1 10 </dev/null'
    [ "${lines[1]}" = "net.core.somaxconn allows 3" ]
    [ "${lines[5]}" = "client 4 ESTABLISHED, queue 4 of 3" ]
    [ "${lines[6]}" = "client 5 SYN_SENT, queue 4 of 3" ]
}

@test "tcp/lost_ack: its card holds, over IPv6 too" {
    card tcp/lost_ack.c
    run -0 limited build/tcp/lost_ack ::1
    [ "${lines[6]}" = "client 3: ESTABLISHED, the server has ESTABLISHED" ]
    [ "${lines[7]}" = "client 4: ESTABLISHED, the server has SYN_RECV" ]
    [ "${lines[9]}" = "client 4: ESTABLISHED, the server has ESTABLISHED" ]
}

@test "tcp/timewait: its card holds" {
    card tcp/timewait_server.c
}

@test "tcp/timewait: only where both servers set SO_REUSEADDR, it restarts" {
    for missing in '' =old =new; do
        start build/tcp/timewait_server --no-reuseaddr$missing $here 0
        limited build/tcp/timewait_client $here "$(port)"
        run -1 finish
        printed | grep 'is in TIME_WAIT towards port'
        printed | grep 'restart: bind: Address already in use'
    done
}

@test "tcp/timewait: one experiment after the other, on one port" {
    start build/tcp/timewait_server --no-reuseaddr $here 0
    same=$(port)
    limited build/tcp/timewait_client $here "$same"
    run -1 finish
    for option in --no-reuseaddr=old --no-reuseaddr=new; do
        start build/tcp/timewait_server $option $here "$same"
        limited build/tcp/timewait_client $here "$same"
        run -1 finish
        printed | grep 'restart: bind: Address already in use'
    done
    start build/tcp/timewait_server $here "$same"
    limited build/tcp/timewait_client $here "$same"
    finish
    printed | grep -x "restarted on $here:$same"
}

@test "tcp/timewait: the same over IPv6" {
    start build/tcp/timewait_server ::1 0
    limited build/tcp/timewait_client ::1 "$(port)"
    finish
    printed | grep 'is in TIME_WAIT towards port'
}

