#!/usr/bin/env bats
# shellcheck disable=SC2016 # some of the dollars are perl's

load httpd

# ticks PID: the processor time it has used, in hundredths of a second.
ticks() {
    awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"
}

@test "tcp/httpd: hundreds of silent clients keep no other client out" {
    for mode in 0 4; do
        serve --workers $mode --connections 50
        background silent perl -MPOSIX -MIO::Socket::INET -e '
            for (1 .. 300) {
                push @s, IO::Socket::INET->new("127.0.0.1:$ARGV[0]") or die;
                print { $s[-1] } "GET / HT" if $_ % 2; $s[-1]->flush;
            }
            $| = 1; print "all there\n"; POSIX::pause' "$(port)"
        await grep 'all there' logs/silent
        for _ in 1 2 3; do
            [ "$(status -m 5 "$url/a.txt")" = 200 ]
        done
        [ "$(children | wc -l)" -le 50 ]
        signal KILL silent
        signal TERM
        run finish
    done
}

@test "tcp/httpd: a client that is silent, or slow, is cut off in time" {
    serve --timeout 1
    client '
        my $start = time;
        say $s, "GET /a.txt HTTP/1.1", "Host: x", ""; # then keeps it open
        my $late = new; print $late "GET /a.txt HT"; $late->flush;
        my $drip = new; print $drip "GET /"; $drip->flush;
        my $body = new;
        say $body, "POST /cgi-bin/echo HTTP/1.1", "Host: x",
            "Content-Length: 9", "";
        my %open = (idle => $s, silent => new, late => $late, drip => $drip,
            body => $body);
        while (%open) {
            print $drip "x" if $open{drip}; $drip->flush;
            my $in = ""; vec($in, fileno $_, 1) = 1 for values %open;
            select $in, undef, undef, 0.1;
            for my $name (keys %open) {
                next unless vec $in, fileno $open{$name}, 1;
                if (sysread($open{$name}, my $bytes, 4096)) {
                    print "$name: $bytes";
                } else {
                    delete $open{$name};
                }
            }
            die join " ", keys %open if time - $start > 8;
        }' | tr -d '\r' >answers
    grep -x 'idle: HTTP/1.1 200 OK' answers
    for name in late drip body; do
        grep -x "$name: HTTP/1.1 408 Request Timeout" answers
    done
    run ! grep silent answers # it has not asked anything
}

@test "tcp/httpd: a client that does not read is cut off, a slow one is not" {
    head -c 30000000 /dev/zero >site/big
    serve --timeout 1
    master=$(pid)
    export master
    client '
        $s->setsockopt(SOL_SOCKET, SO_RCVBUF, 4096) or die;
        my $start = time;
        say $s, "GET /big HTTP/1.1", "Host: x", "";
        my $worker = sub { (split " ", `pgrep -P $ENV{master}`)[0] };
        while ($worker->()) {
            select undef, undef, undef, 0.1;
            die "still there" if time - $start > 8;
        }'
    run ! grep -v ^ready logs/receiver

    client '
        $s->setsockopt(SOL_SOCKET, SO_RCVBUF, 65536) or die;
        say $s, "GET /big HTTP/1.1", "Host: x", "Connection: close", "";
        my ($start, $n) = (time, 0);
        while (sysread $s, my $bytes, 100000) {
            $n += length $bytes;
            select undef, undef, undef, 0.05 if time - $start < 4;
        }
        die $n if $n < 30000000'
}

@test "tcp/httpd: when all are being served, a client is told to come back" {
    script hang <<<'echo $$ >>pids; exec tail -f /dev/null 3>&1 >/dev/null'
    serve --connections 2 --timeout 10
    background first curl -s "$url/cgi-bin/hang"
    background second curl -s "$url/cgi-bin/hang"
    await lines 2 site/cgi-bin/pids
    fetch -i "$url/a.txt" | tr -d '\r' >answer
    grep -x 'HTTP/1.1 503 Service Unavailable' answer
    grep -x 'Retry-After: 1' answer
    signal KILL first
    await answers 200 "$url/a.txt"
}

@test "tcp/httpd: a connection idle within a request is closed for a new one" {
    script echo <<<'printf "Content-Type: text/plain\n\n"; cat'
    serve --connections 2 --timeout 10
    for unfinished in 'GET /a.txt HTTP/1.1|Host: x||G' \
        'POST /a.txt HTTP/1.1|Host: x|Content-Length: 1000||' \
        'POST /cgi-bin/echo HTTP/1.1|Host: x|Content-Length: 1000||'; do
        for name in one two; do
            background $name perl -MPOSIX -MIO::Socket::INET -e '
                $s = IO::Socket::INET->new("127.0.0.1:$ARGV[0]");
                $ARGV[1] =~ s/\|/\r\n/g;
                print $s $ARGV[1]; $s->flush; $| = 1; print "sent\n";
                POSIX::pause' "$(port)" "$unfinished"
        done
        await pool_of 2
        await grep sent logs/one
        await grep sent logs/two
        start=$SECONDS
        await answers 200 "$url/a.txt"
        [ $((SECONDS - start)) -le 3 ]
        signal KILL one
        signal KILL two
        rm logs/one logs/two
        await pool_of 0
    done
}

@test "tcp/httpd: a signal does not cut a download short" {
    head -c 9000000 /dev/zero >site/big
    serve
    for piece in first second; do
        background slow perl -MIO::Socket::INET -e '
            socket $s, PF_INET, SOCK_STREAM, 0;
            setsockopt $s, SOL_SOCKET, SO_RCVBUF, 4096;
            connect $s, sockaddr_in($ARGV[0], INADDR_LOOPBACK) or die;
            syswrite $s, "GET /big HTTP/1.0\r\n\r\n";
            $| = 1;
            for (qw(first x second x)) {
                $all += sysread $s, $bytes, 65536; print "$_\n";
                select undef, undef, undef, 0.2;
            }
            while ($n = sysread $s, $bytes, 65536) { $all += $n }
            print "all there\n" if $all > 9000000' "$(port)"
        await grep -x $piece logs/slow
        worker=$(children)
        kill -TERM "$worker"        # as the master,
        kill -INT "$worker" || true # and the terminal, if it is not too late
        finish slow
        grep -x 'all there' logs/slow
        rm logs/slow
        await pool_of 0
    done
}

@test "tcp/httpd: no descriptors left is no reason to spin, or to end" {
    for mode in 0 2; do
        serve --workers $mode
        pids="$(pid) $(children || true)"
        for p in $pids; do
            free=0
            while [ -e "/proc/$p/fd/$free" ]; do free=$((free + 1)); done
            prlimit --pid "$p" --nofile=$free:
        done
        # shellcheck disable=SC2086 # several
        before=$(for p in $pids; do ticks "$p"; done | paste -sd+ | bc)
        run -28 fetch -m 1 "$url/a.txt" # not accepted for a second
        after=$(for p in $pids; do ticks "$p"; done | paste -sd+ | bc)
        [ $((after - before)) -le 10 ]
        background patient curl -s "$url/a.txt"
        for p in $pids; do
            prlimit --pid "$p" --nofile=1024:
        done
        finish patient
        [ "$(printed patient)" = "some text" ]
        signal TERM
        run finish
    done
}

@test "tcp/httpd: clients that reset, vanish or flood do not matter" {
    serve
    client '
        for (1 .. 50) {
            my $s = new;
            say $s, "GET /a.txt HTTP/1.1", "Host: x", "" if $_ % 3;
            setsockopt $s, SOL_SOCKET, SO_LINGER, pack "II", 1, 0 if $_ % 2;
            close $s;
        }
        my $flood = "\n" . "x" x 1000000;
        print $s $flood; $s->flush'
    [ "$(status "$url/a.txt")" = 200 ]
    await pool_of 0
}

@test "tcp/httpd: SIGTERM finishes what is being served, and nothing more" {
    head -c 20000000 /dev/zero >site/big
    slow_script
    for mode in 0 3; do
        rm -f site/cgi-bin/pid
        serve --workers $mode
        idle_client
        background loading curl -s --limit-rate 10M -o big "$url/big"
        background waiting curl -si "$url/cgi-bin/slow"
        await test -s big
        await test -s site/cgi-bin/pid
        signal TERM
        finish idle # at once: it has its answer
        await answers 000 "$url/a.txt" # not any more
        echo >site/cgi-bin/go-on
        finish waiting
        printed waiting | grep '^Connection: close'
        printed waiting | grep hello
        finish loading
        cmp big site/big
        run -143 finish
    done
}

@test "tcp/httpd: a second signal ends it now" {
    script hang <<<'echo $$ >pid; exec tail -f /dev/null 3>&1 >/dev/null'
    serve
    background waiting curl -s "$url/cgi-bin/hang"
    await test -s site/cgi-bin/pid
    signal INT
    signal TERM
    run finish
    [ "$status" = 143 ] || [ "$status" = 130 ]
    await gone "$(cat site/cgi-bin/pid)"
}

@test "tcp/httpd: a pool that is killed is there again" {
    serve --workers 3
    pool_of 3
    old=$(children)
    # shellcheck disable=SC2086 # several
    kill -KILL $old
    await pool_of 3; [ "$(children)" != "$old" ]
    [ "$(status "$url/a.txt")" = 200 ]
}

@test "tcp/httpd: if the master is killed its workers end, the port is free" {
    for mode in 0 3; do
        serve --workers $mode
        idle_client
        workers=$(children)
        port=$(port)
        signal KILL
        run finish
        for worker in $workers; do await gone "$worker"; done
        run finish idle
        start build/tcp/httpd 127.0.0.1 "$port" site
        signal TERM
        run finish
    done
}

@test "tcp/httpd: as root it gives that up, and runs scripts all the same" {
    need_root
    script status <<'EOF'
printf 'Content-Type: text/plain\n\n'
exec cat /proc/self/status
EOF
    echo shadow >site/private
    chmod 600 site/private
    chmod 755 . site site/cgi-bin
    for mode in 0 2; do
        serve --workers $mode --user nobody
        fetch "$url/cgi-bin/status" | tr -s '\t' ' ' >identity
        id=$(getent passwd nobody | cut -d: -f3)
        group=$(getent passwd nobody | cut -d: -f4)
        grep -x "Uid: $id $id $id $id" identity
        grep -x "Gid: $group $group $group $group" identity
        grep -x "Groups: $group " identity
        grep -x "CapEff: 0000000000000000" identity
        [ "$(status "$url/private")" = 403 ]
        grep -E "^Uid:.$id.$id.$id.$id$" "/proc/$(pid)/status"
        signal TERM
        run finish
    done
}

@test "tcp/httpd: --daemon returns when it is ready, --pid has its process id" {
    run -0 limited build/tcp/httpd --daemon --pid pid --log log 127.0.0.1 0 site
    daemon=$(cat pid)
    [ "$(fetch "${output#ready on }/a.txt")" = "some text" ]
    [ "$(readlink "/proc/$daemon/cwd")" = / ]
    [ "$(ps -o tty= -p "$daemon")" = "?" ]
    run -1 limited build/tcp/httpd --pid pid 127.0.0.1 0 site
    [[ $output == *"process $daemon is running already"* ]]
    kill "$daemon"
    await gone "$daemon"
    [ ! -e pid ]
}

# holdings: what the server and its workers have: how many open files each.
holdings() {
    local p
    for p in $(pid) $(children); do
        echo "$p $(find "/proc/$p/fd" -mindepth 1 | wc -l)"
    done
}

# memory: how many kB of it.
memory() {
    local p
    for p in $(pid) $(children); do
        awk '$1 == "VmRSS:" { print $2 }' "/proc/$p/status"
    done | paste -sd+ | bc
}

# REQUESTS says how many; what the sanitizers hold back to find errors is small.
@test "tcp/httpd: thousands of requests leave nothing behind" {
    need wrk
    export ASAN_OPTIONS=${ASAN_OPTIONS-}:quarantine_size_mb=1
    head -c 100000 /dev/urandom >site/big
    cat >mix.lua <<'END'
local paths = { "/a.txt", "/docs/", "/docs", "/none", "/big", "/%2e%2e/" }
local n = 0
request = function()
    n = n + 1
    if n % 200 == 0 then
        return wrk.format("POST", "/cgi-bin/echo", {}, ("x"):rep(n % 1000))
    elseif n % 50 == 0 then
        return wrk.format("GET", "/a.txt", { Connection = "close" })
    elseif n % 7 == 0 then
        return wrk.format("GET", "/big", { Range = "bytes=5-99" })
    end
    return wrk.format("GET", paths[n % #paths + 1])
end
END
    for mode in 0 4; do
        serve --workers $mode --log log
        limited wrk -t1 -c8 -d1 -s mix.lua "$url" # it knows them all by now
        await pool_of $mode
        held=$(holdings) memory=$(memory)
        until [ "$(wc -l <log)" -ge "${REQUESTS:-5000}" ]; do
            limited wrk -t1 -c8 -d1 -s mix.lua "$url" >report
            run ! grep 'Socket errors' report
        done
        await pool_of $mode
        [ "$(holdings)" = "$held" ]
        [ $(($(memory) - memory)) -le 1024 ]
        run ! pgrep -P "$(pid)" -r Z
        rm log
        signal TERM
        run finish
    done
}
