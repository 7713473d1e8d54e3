#!/usr/bin/env bats
# shellcheck disable=SC2016 # some of the dollars are perl's

load httpd

@test "tcp/httpd: a script is told what the standard says, and nothing else" {
    serve
    PATH=$PATH:/left fetch -d 'a=b' -H 'X-Under_score: 1' -H 'X-Two: a' \
        -H 'X-Two: b' -H 'Proxy: http://evil.org' -H 'Authorization: me' \
        -H 'Accept:' -H 'User-Agent:' -H 'Host: named:80' \
        "$url/cgi-bin/env/more/%41?q=%41" | grep -v ^PWD= >variables
    diff - variables <<EOF
CONTENT_LENGTH=3
CONTENT_TYPE=application/x-www-form-urlencoded
GATEWAY_INTERFACE=CGI/1.1
HTTP_HOST=named:80
HTTP_X_TWO=a, b
PATH_INFO=/more/A
PATH_TRANSLATED=$PWD/site/more/A
QUERY_STRING=q=%41
REMOTE_ADDR=127.0.0.1
REMOTE_HOST=127.0.0.1
REQUEST_METHOD=POST
SCRIPT_NAME=/cgi-bin/env
SERVER_NAME=named
SERVER_PORT=$(port)
SERVER_PROTOCOL=HTTP/1.1
SERVER_SOFTWARE=linux-ipc-httpd/1.0
a=b
EOF
}

@test "tcp/httpd: a script inherits nothing but three descriptors" {
    cat >open.pl <<'EOF'
        # The server inherits open files and ignored signals.
        use POSIX;
        open my $left, "<", "README.md";
        fcntl $left, 2, 0; # not close-on-exec
        $SIG{$_} = "IGNORE" for qw(INT QUIT HUP USR1 PIPE CHLD);
        sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGUSR2));
        exec @ARGV;
EOF
    script look <<'EOF'
printf 'Content-Type: text/plain\n\n'
pwd
exec grep -E '^Sig(Blk|Ign)' /proc/self/status
EOF
    script files <<'EOF'
printf 'Content-Type: text/plain\n\n'
exec ls /proc/self/fd
EOF
    for mode in 0 2; do
        start perl open.pl build/tcp/httpd --workers $mode 127.0.0.1 0 site
        locate
        fetch "$url/cgi-bin/files" | tr '\n' ' ' >answer
        grep -x '0 1 2 3 ' answer # the last one is what ls reads
        fetch "$url/cgi-bin/look" >answer
        grep -x 'SigBlk:.0000000000000000' answer
        grep -x 'SigIgn:.0000000000000000' answer
        grep -x "$PWD/site/cgi-bin" answer
        signal TERM
        run finish
    done
}

@test "tcp/httpd: a script runs where it is, and finds itself" {
    script deeper/where <<'EOF'
printf 'Content-Type: text/plain\n\n'
pwd; echo "$#"; cat beside
EOF
    echo neighbour >site/cgi-bin/deeper/beside
    ln -s deeper/where site/cgi-bin/link
    serve
    [ "$(fetch "$url/cgi-bin/deeper/where?word+word")" = \
        "$PWD/site/cgi-bin/deeper"$'\n0\nneighbour' ]
    [ "$(status "$url/cgi-bin/link")" = 200 ]
    [ "$(status "$url/cgi-bin/deeper/nothing")" = 404 ]
    [ "$(status "$url/cgi-bin/deeper")" = 403 ]
}

@test "tcp/httpd: its body is exactly what was sent, never the next request" {
    serve
    client '
        for (0, 1, 5, 70000) {
            my $body = "x" x $_;
            say $s, "POST /cgi-bin/echo HTTP/1.1", "Host: x",
                "Content-Length: $_", "";
            print $s $body;
            say $s, "GET /a.txt HTTP/1.1", "Host: x", "";
        }
        $s->flush; shutdown $s, 1;
        print all $s' >answers
    [ "$(grep -ac '^some text' answers)" = 4 ]
    [ "$(tr -cd x <answers | wc -c)" -ge 70006 ]
    run ! grep -a 'GET' answers
}

@test "tcp/httpd: a script may say its status, a type, and where to go" {
    script status <<'EOF'
printf '%s\r\n' 'Status: 418 Short and stout' 'Content-Type: text/x-tea' \
    'X-Pot: yes' 'Connection: keep-alive' 'Transfer-Encoding: gzip' \
    'Date: never' ''
printf tea
EOF
    script empty <<<'printf "Status: 204 Nothing\n\n"; echo too much'
    script local <<<'printf "Location: /a.txt?x\n\n"'
    script chain <<<'printf "Location: /cgi-bin/env/from?chain\n\n"'
    script circle <<<'printf "Location: /cgi-bin/circle\n\n"'
    script out <<<'printf "Location: http://example.org/x\n\n"'
    script other <<<'printf "Status: 303 Look\nLocation: /a.txt\n\n"'
    script sneaky <<<'printf "Location: /../outside\n\n"'
    serve
    for _ in {1..20}; do # one that has not ended after 10 ms is sent in chunks
        fetch -i "$url/cgi-bin/status" | tr -d '\r' >answer
        ! grep -x 'Content-Length: 3' answer || break
    done
    grep -x 'HTTP/1.1 418 Short and stout' answer
    grep -x 'X-Pot: yes' answer
    grep -x 'Content-Length: 3' answer
    run ! grep -iE 'gzip|keep-alive|never' answer
    [ "$(tail -n 1 answer)" = tea ]
    fetch -i "$url/cgi-bin/empty" --next -s "$url/a.txt" | tr -d '\r' >answer
    grep -x 'HTTP/1.1 204 Nothing' answer
    run ! grep 'too much' answer
    grep -x 'some text' answer

    [ "$(fetch "$url/cgi-bin/local")" = "some text" ]
    fetch -d body "$url/cgi-bin/chain" >answer
    grep -x 'QUERY_STRING=chain' answer
    grep -x 'REQUEST_METHOD=GET' answer
    run ! grep CONTENT_LENGTH answer
    [ "$(status "$url/cgi-bin/circle")" = 500 ]
    [ "$(status "$url/cgi-bin/sneaky")" = 404 ]
    [ "$(where "$url/cgi-bin/out")" = "302 http://example.org/x" ]
    [ "$(where "$url/cgi-bin/other")" = "303 $url/a.txt" ]
}

@test "tcp/httpd: HEAD for a script is its head" {
    script long <<'EOF'
echo "$REQUEST_METHOD" >method
printf 'Content-Type: text/plain\nX: y\n\n'
cat /dev/zero
EOF
    serve
    fetch -I -m 5 "$url/cgi-bin/long" | grep '^X: y'
    [ "$(cat site/cgi-bin/method)" = HEAD ]
}

@test "tcp/httpd: a long answer is sent while it is made, in chunks" {
    mkfifo site/cgi-bin/go-on
    script slow <<'EOF'
printf 'Content-Type: text/plain\n\nfirst\n'
cat go-on
echo last
EOF
    serve
    background reader curl -sN "$url/cgi-bin/slow"
    await grep first logs/reader
    run ! grep last logs/reader
    echo middle >site/cgi-bin/go-on
    finish reader
    [ "$(printed reader | tr '\n' ' ')" = "first middle last " ]

    script large <<'EOF'
printf 'Content-Type: text/plain\n\n'
head -c 3000000 /dev/zero
EOF
    fetch "$url/cgi-bin/large" | cmp - <(head -c 3000000 /dev/zero)
    fetch -0 "$url/cgi-bin/large" | cmp - <(head -c 3000000 /dev/zero)
}

@test "tcp/httpd: a script that says how long its answer is has to keep to it" {
    local head='printf "Content-Type: text/plain\nContent-Length: 5\n\n"'
    script exact <<<"$head; printf hello"
    script more <<<"$head; printf 'hello, and more'"
    script less <<<"$head; printf hell"
    serve
    [ "$(fetch "$url/cgi-bin/exact" --next -s "$url/cgi-bin/more" --next -s \
        "$url/a.txt")" = "hellohellosome text" ]
    # Where the script takes its time the answer has begun, and breaks off.
    run status "$url/cgi-bin/less"
    [ "$output" = 502 ] || [ "$status" = 18 ]
}

@test "tcp/httpd: a script that hangs gets 504 and is killed, children too" {
    script hang <<'EOF'
tail -f /dev/null >/dev/null & echo $! >children
setsid tail -f /dev/null >/dev/null & echo $! >>children
(setsid sh -c 'echo $$ >>children; exec tail -f /dev/null >/dev/null' &)
echo $$ >>children
tail -f /dev/null >/dev/null
EOF
    script stall <<'EOF'
printf 'Content-Type: text/plain\n\n'
echo $$ >>children
head -c 99999 /dev/zero
tail -f /dev/null >/dev/null
EOF
    serve --timeout 1
    [ "$(status "$url/cgi-bin/hang")" = 504 ]
    [ "$(wc -l <site/cgi-bin/children)" -ge 4 ]
    while read -r child; do gone "$child"; done <site/cgi-bin/children

    # It cannot be taken back that the answer has begun; but it is not whole.
    run -18 fetch -o /dev/null "$url/cgi-bin/stall"
    while read -r child; do gone "$child"; done <site/cgi-bin/children
    printed | grep 'cgi-bin/hang: took too long'
}

@test "tcp/httpd: a script that crashes, says nothing or nonsense gets 502" {
    script crash <<<'kill -SEGV $$'
    script late <<<'printf "Content-Type: text/plain\n\nhello"; kill -SEGV $$'
    script nothing <<<'exit 0'
    script closed <<<'exec >&-; tail -f /dev/null >/dev/null'
    script nonsense <<<'echo hello, world; echo'
    script flood <<<'yes'
    script half <<<'printf "Content-Type: text/plain\n"'
    script unprintable <<<'printf "Content-Type: \001\n\n"'
    serve
    for name in crash late nothing closed nonsense flood half unprintable; do
        run status "$url/cgi-bin/$name"
        # Late is after the answer has begun.
        [ "$output" = 502 ] || { [ $name = late ] && [ "$status" = 18 ]; }
        printed | grep "cgi-bin/$name: "
    done
}

@test "tcp/httpd: a script that cannot be run is not the client's fault" {
    printf '#!/no/such/interpreter\n' >site/cgi-bin/missing
    printf 'no program\n' >site/cgi-bin/text
    chmod 755 site/cgi-bin/missing site/cgi-bin/text
    serve
    [ "$(status "$url/cgi-bin/missing")" = 500 ]
    [ "$(status "$url/cgi-bin/text")" = 500 ]
    printed | grep 'cgi-bin/missing: no such interpreter'
}

@test "tcp/httpd: a script that floods is cut off, and the client can tell" {
    script flood <<'EOF'
printf 'Content-Type: text/plain\n\n'
echo $$ >pid
exec yes
EOF
    serve
    run -18 fetch -o /dev/null "$url/cgi-bin/flood"
    gone "$(cat site/cgi-bin/pid)"
    printed | grep 'printed too much'
}

@test "tcp/httpd: a script may write a lot before it reads, and read slowly" {
    head -c 1000000 /dev/urandom >body
    script busy <<'EOF'
printf 'Content-Type: application/octet-stream\n\n'
head -c 1000000 /dev/zero
dd bs=999 2>/dev/null
EOF
    serve
    fetch --data-binary @body "$url/cgi-bin/busy" | tail -c 1000000 | cmp - body
}

@test "tcp/httpd: a client that goes away takes its script along" {
    script silent <<<'echo $$ >pid; exec tail -f /dev/null 3>&1 >/dev/null'
    script begun <<'EOF'
printf 'Content-Type: text/plain\n\n'
head -c 99999 /dev/zero
echo $$ >pid
exec tail -f /dev/null 3>&1 >/dev/null
EOF
    script chatty <<'EOF'
printf 'Content-Type: text/plain\n\n'
echo $$ >pid
while :; do echo x; done
EOF
    for mode in 0 2; do
        serve --timeout 15 --workers $mode
        for name in silent begun chatty; do
            rm -f site/cgi-bin/pid
            background leaving curl -sN -o /dev/null "$url/cgi-bin/$name"
            await test -s site/cgi-bin/pid
            signal KILL leaving
            run finish leaving
            await gone "$(cat site/cgi-bin/pid)"
        done
        signal TERM
        run finish
    done
}

@test "tcp/httpd: a client that closes its side only still gets its answer" {
    slow_script
    serve --timeout 15
    client '
        say $s, "GET /a.txt HTTP/1.1", "Host: x", "";
        shutdown $s, 1; print all $s' | grep 'some text'
    background patient perl -MIO::Socket::INET -e '
        $s = IO::Socket::INET->new("127.0.0.1:$ARGV[0]");
        print $s "GET /cgi-bin/slow HTTP/1.1\r\nHost: x\r\n\r\n"; $s->flush;
        shutdown $s, 1; $| = 1; print while <$s>' "$(port)"
    await grep 'HTTP/1.1 100 Continue' logs/patient # are you still there?
    echo >site/cgi-bin/go-on
    finish patient
    printed patient | grep hello
}

@test "tcp/httpd: a worker that is killed takes its script along" {
    script hang <<'EOF'
setsid tail -f /dev/null >/dev/null & echo $! >pids
echo $$ >>pids
exec tail -f /dev/null 3>&1 >/dev/null
EOF
    for mode in 0 2; do
        rm -f site/cgi-bin/pids
        serve --workers $mode
        background client curl -s "$url/cgi-bin/hang"
        await lines 2 site/cgi-bin/pids
        kill -KILL "$(ps -o ppid= -p "$(tail -n 1 site/cgi-bin/pids)")"
        run finish client
        while read -r pid; do await gone "$pid"; done <site/cgi-bin/pids
        [ "$(status "$url/a.txt")" = 200 ]
        signal TERM
        run finish
    done
}
