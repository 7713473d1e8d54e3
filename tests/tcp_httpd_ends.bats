#!/usr/bin/env bats
#
# How httpd ends, or goes on, when something around it ends.

load httpd

@test "tcp/httpd: where the master is killed, its port is free at once" {
    mkfifo take
    head -c 20000000 /dev/zero >site/long
    serve --workers 2
    background slow curl -s --limit-rate 1M -o got "$url/long"
    await test -s got
    signal KILL
    run finish
    await eval '! curl -so /dev/null "$url/"'
    start build/tcp/httpd 127.0.0.1 "${url##*:}" site
    [ "$(status "$url/")" = 200 ]
    signal KILL slow
    run finish slow
}

@test "tcp/httpd: a client that reads steadily, and slowly, gets all of it" {
    truncate -s 12000000 site/long
    serve --timeout 1
    run -0 limited curl -s --limit-rate 1500k -o got "$url/long"
    cmp got site/long
}

# bats test_tags=long
@test "tcp/httpd: a client that reads 100 kB/s for a minute is not cut off" {
    truncate -s 300000000 site/long
    serve
    run -28 timeout -k 1 80 curl -sm 55 --limit-rate 100k -o got "$url/long"
}

@test "tcp/httpd: no ready where no worker can be made" {
    run -1 limited prlimit --nofile=8 \
        build/tcp/httpd --workers 2 127.0.0.1 0 site
    [ "$output" = "httpd: 8 descriptors at most are too few, see ulimit -n" ]
    run -1 limited strace -qq -f -o trace -e inject=clone:error=EAGAIN \
        build/tcp/httpd --workers 2 127.0.0.1 0 site
    [ "$output" = "httpd: fork: Resource temporarily unavailable" ]
}

@test "tcp/httpd: a script may say only a status" {
    script none <<<"printf 'Status: 404 Not Found\\n\\n'"
    serve
    [ "$(status "$url/cgi-bin/none")" = 404 ]
}

@test "tcp/httpd: bodies and output have limits, and they are options" {
    script much <<<"printf 'Content-Type: a/b\\n\\n'; head -c 300000 /dev/zero"
    serve --body-max 10 --output-max 100000
    [ "$(status -d 0123456789 "$url/cgi-bin/echo")" = 200 ]
    [ "$(status -d 0123456789x "$url/cgi-bin/echo")" = 413 ]
    run -18 limited curl -so got "$url/cgi-bin/much" # a chunk is missing
    run -56 limited curl -s0o got "$url/cgi-bin/much" # a reset
}

@test "tcp/httpd: SIGHUP opens the log anew, in all processes" {
    for workers in 0 2; do
        rm -f log old
        serve --workers $workers --log log
        [ "$(status "$url/one")" = 404 ]
        mv log old
        signal HUP
        await test -e log
        for _ in {1..6}; do [ "$(status "$url/two")" = 404 ]; done
        signal TERM
        run finish
        grep one old
        [ "$(grep -c two log)" -ge 5 ]
    done
}

@test "tcp/httpd: a full disk tears a line of the log, and not the next" {
    need_right unshare -m
    mkdir small
    start unshare -m sh -c '
        mount -t tmpfs -o size=8k none small && head -c 8000 /dev/zero |
        tr "\\0" "\\n" >small/log &&
        exec build/tcp/httpd --workers 2 --log small/log 127.0.0.1 0 site'
    locate
    inside() { nsenter -t "$(pid)" -m "$@"; }
    for _ in {1..4}; do [ "$(status "$url/before")" = 404 ]; done
    inside truncate -s 0 "$PWD/small/log"
    for _ in {1..4}; do [ "$(status "$url/after")" = 404 ]; done
    inside cat "$PWD/small/log" >log
    [ "$(grep -c '^127.*/after HTTP/1.1" 404 [0-9]*$' log)" -eq 4 ]
}

@test "tcp/httpd: ROOT that is a file is not a directory" {
    run -1 limited build/tcp/httpd 127.0.0.1 0 site/a.txt
    [ "$output" = "httpd: site/a.txt: Not a directory" ]
}

@test "tcp/httpd: the end of an empty file is all of it" {
    : >site/empty
    serve
    [ "$(status -H 'Range: bytes=-1' "$url/empty")" = 200 ]
    [ "$(status -H 'Range: bytes=0-' "$url/empty")" = 416 ]
}

@test "tcp/httpd: a listing has sizes and dates, sorted, and all of them" {
    mkdir site/many
    (cd site/many && seq -f 'f%05g' 5000 | xargs touch -d '2020-02-03 04:05')
    head -c 1234 /dev/zero >site/many/f00002
    serve
    fetch "$url/many/" >page
    [ "$(grep -c '<tr>' page)" -eq 5001 ]
    grep '>f00001</a><td>2020-02-03 04:05<td align="right">0$' page
    grep '>f00002<.*>1234$' page
    sed -n 's/.*>\(f[0-9]*\)<.*/\1/p' page | sort -c
}

@test "tcp/httpd: after --user its --pid file names no process" {
    need_root
    mkdir pids
    chmod 755 pids site
    serve --user nobody --pid pids/pid
    [ "$(cat pids/pid)" = "$(pid)" ]
    signal TERM
    run finish
    [ ! -s pids/pid ]
    serve --pid pids/pid # and that is no obstacle
}

@test "tcp/httpd: output that cannot be written is an error" {
    run -1 limited sh -c 'build/tcp/httpd --help >/dev/full'
    [[ $output == "httpd: stdout: "* ]]
    export -f inetd limited
    export limit
    for request in "GET /a.txt" "HEAD /a.txt" "GET /cgi-bin/env"; do
        printf '%s HTTP/1.0\r\n\r\n' "$request" >request
        run -1 bash -c 'inetd <request >/dev/full'
        [[ $output == *"httpd: write: No space left on device"* ]]
    done
}

@test "tcp/httpd: where ready cannot be written, no server stays" {
    for workers in 0 2; do
        run -1 limited sh -c "build/tcp/httpd --workers $workers --pid pid \
            127.0.0.1 0 site >/dev/full"
        [[ $output == "httpd: stdout: "* ]]
        [ ! -e pid ]
    done
}

@test "tcp/httpd: a worker that is asked to end just before it waits, ends" {
    need strace
    background server strace -f -qqo log -e trace=accept4,exit_group \
        -e inject=accept4:error=EAGAIN:signal=TERM:when=1 \
        build/tcp/httpd --workers 1 127.0.0.1 0 site
    await grep -q 'exit_group(0)' log
    local children
    children_of "$(pid server)"
    kill "${children[0]}"
    run finish server
}

@test "tcp/httpd: a reader of ready that ends does not end the server" {
    mkfifo lines
    background slow sh -c 'exec build/tcp/httpd 127.0.0.1 0 site >lines'
    url=$(limited head -n 1 lines | sed 's/^ready on //')
    [ "$(status "$url/")" = 200 ]
    signal TERM slow
    run finish slow
}
