#!/usr/bin/env bats
#
# Connections from host to host.

load helpers
load hosts

setup_file() {
    make_hosts 2
}

setup() {
    need_hosts
}

@test "tcp/basic: from host to host, over IPv4 and IPv6" {
    for address in 10.9.0.2 fd09::2; do
        across $address tcp/basic 3
        printed | grep -E 'connection from (10.9.0.1|\[fd09::1\]):'
        printed | grep -x '3 of 3 readings arrived'
    done
}

@test "tcp/framing: from host to host, and --naive fails there, too" {
    for address in 10.9.0.2 fd09::2; do
        across $address tcp/framing calm snow
        printed | grep -x '2 of 2 readings arrived'
    done
    start "${on2[@]}" build/tcp/framing_recv --naive 10.9.0.2 0
    run limited "${on1[@]}" build/tcp/framing_send --naive 10.9.0.2 "$(port)" \
        calm snow wind
    run finish
    run ! eval "printed | grep '3 of 3 readings arrived'"
}

@test "tcp/halfclose: from host to host, and --close is answered by a reset" {
    for address in 10.9.0.2 fd09::2; do
        start "${on2[@]}" build/tcp/halfclose_server $address 0
        run -0 limited "${on1[@]}" build/tcp/halfclose_client $address \
            "$(port)" 60
        [ "${lines[1]}" = "oslo #50 -3.3 C" ]
        finish
        start "${on2[@]}" build/tcp/halfclose_server $address 0
        run -1 limited "${on1[@]}" build/tcp/halfclose_client --close \
            $address "$(port)" 60
        run -1 finish
        printed | grep 'a reset came back'
    done
}

@test "tcp/timewait: from host to host" {
    for address in 10.9.0.2 fd09::2; do
        start "${on2[@]}" build/tcp/timewait_server $address 0
        limited "${on1[@]}" build/tcp/timewait_client $address "$(port)"
        finish
        printed | grep 'is in TIME_WAIT towards port'
        printed | grep 'restarted on'
    done
}

@test "tcp servers: clients of another host" {
    for server in serial fork prefork poll epoll pass; do
        for address in 10.9.0.2 fd09::2; do
            start "${on2[@]}" build/tcp/${server}_server --clients 2 $address 0
            run -0 limited "${on1[@]}" build/tcp/client --clients 2 $address \
                "$(port)" 3
            finish
            [ "$(grep -c ': 3 readings, mean -3.1 C' <<<"$output")" = 2 ]
        done
    done
}

@test "tcp/httpd: pages and scripts for another host" {
    mkdir -p site/cgi-bin
    head -c 3000000 /dev/urandom >site/big
    printf '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\n$REMOTE_ADDR"\n' \
        >site/cgi-bin/who
    chmod 755 site/cgi-bin/who
    for address in 10.9.0.2 '[fd09::2]'; do
        start "${on2[@]}" build/tcp/httpd --workers 2 "${address//[][]/}" 0 site
        url=$(printed | sed -n 's/^ready on //p')
        limited "${on1[@]}" curl -s -o big "$url/big"
        cmp big site/big
        who=$(limited "${on1[@]}" curl -s "$url/cgi-bin/who")
        [[ $who == 10.9.0.1 || $who == fd09::1 ]]
        signal TERM
        run -143 finish
    done
}
