#!/usr/bin/env bats
# shellcheck disable=SC2016 # some of the dollars are perl's

load httpd

# ---- its card, its arguments ------------------------------------------------

@test "tcp/httpd: its card holds" {
    card tcp/httpd/main.c
}

@test "tcp/httpd: wrong arguments get the usage line and status 2" {
    for wrong in "" "127.0.0.1 0" "--inetd" "--inetd --daemon site" \
        "--workers x ::1 0 site" "--workers 5 --connections 4 ::1 0 site" \
        "--timeout 0 127.0.0.1 0 site" "--nonsense 127.0.0.1 0 site"; do
        # shellcheck disable=SC2086 # several words
        run -2 limited build/tcp/httpd $wrong
        [[ $output == "usage: httpd [--workers N]"* ]]
    done
    run -0 limited build/tcp/httpd --help
    [[ $output == "usage: httpd "* ]]
}

@test "tcp/httpd: what it cannot start with, it says" {
    run -1 limited build/tcp/httpd 127.0.0.1 0 nowhere
    [[ $output == *"nowhere: No such file or directory"* ]]
    run -1 limited build/tcp/httpd 127.0.0.1 65536 site
    run -1 limited build/tcp/httpd --log site 127.0.0.1 0 site
    [[ $output == *"site: Is a directory"* ]]
    run -1 limited build/tcp/httpd --user nobody-at-all 127.0.0.1 0 site
    [[ $output == *"nobody-at-all: no such user"* ]]
    serve
    run -1 limited build/tcp/httpd 127.0.0.1 "$(port)" site
    [[ $output == *"Address already in use"* ]]
}

# ---- files ------------------------------------------------------------------

@test "tcp/httpd: a file comes with its type, length, date and tag" {
    serve
    fetch -i "$url/a.txt" | tr -d '\r' >answer
    grep -x 'HTTP/1.1 200 OK' answer
    grep -x 'Content-Type: text/plain; charset=utf-8' answer
    grep -x 'Content-Length: 10' answer
    grep -xE '(Date|Last-Modified): [A-Z][a-z]{2}, [0-9]{2} .* GMT' answer
    grep -xE 'ETag: "[0-9a-f-]+"' answer
    [ "$(tail -n 1 answer)" = "some text" ]

    for type in html:text/html css:text/css png:image/png tgz:octet-stream; do
        touch "site/x.${type%:*}"
        fetch -I "$url/x.${type%:*}" | grep "Content-Type: .*${type#*:}"
    done
}

@test "tcp/httpd: files of any size arrive byte for byte" {
    for size in 0 1 16383 16384 16385 1000000 20000000; do
        head -c $size /dev/urandom >"site/$size"
    done
    for mode in "--workers 0" "--workers 2"; do
        # shellcheck disable=SC2086
        serve $mode
        for size in 0 1 16383 16384 16385 1000000 20000000; do
            fetch "$url/$size" | cmp - "site/$size"
        done
        signal TERM
        run finish
    done
}

@test "tcp/httpd: HEAD is GET without the body, OPTIONS what is allowed" {
    serve
    fetch -I "$url/a.txt" | grep '^Content-Length: 10'
    printf 'HEAD /a.txt HTTP/1.0\r\n\r\n' | inetd | tr -d '\r' | tail -n 1 |
        cmp - <(echo)
    fetch -i -X OPTIONS "$url/a.txt" | grep 'HTTP/1.1 204 No Content'
    fetch -i -X OPTIONS "$url/a.txt" | grep '^Allow: GET, HEAD, OPTIONS'
    fetch -i -X OPTIONS "$url/cgi-bin/env" | grep '^Allow: GET, HEAD, POST'
    fetch -i -X OPTIONS --request-target '*' "$url" | grep ' 204 '
}

@test "tcp/httpd: other methods are refused as what they are" {
    serve
    [ "$(status -X DELETE "$url/a.txt")" = 405 ]
    [ "$(status -d x "$url/a.txt")" = 405 ]
    [ "$(status -X PUT -d x "$url/cgi-bin/env")" = 405 ]
    [ "$(status -X BREW "$url/a.txt")" = 501 ]
    fetch -i -d x "$url/a.txt" | grep '^Allow: GET, HEAD, OPTIONS'
}

@test "tcp/httpd: a directory is its index.html, or a list that is only text" {
    mkdir 'site/docs/<b>"&'\'' %41' site/docs/sub
    touch site/docs/.hidden 'site/docs/javascript:x' "site/docs/"$'\xff\n'
    serve
    [ "$(fetch "$url/")" = '<h1>welcome</h1>' ]
    [ "$(where "$url/docs?a=b")" = "301 $url/docs/?a=b" ]

    fetch "$url/docs/" >list
    grep -F '"./%3Cb%3E%22%26%27%20%2541/">&lt;b&gt;&quot;&amp;&#39; %41/' list
    grep -F '<a href="./javascript%3Ax">' list
    grep -F '<a href="./sub/">sub/</a>' list
    grep -F '<a href="./%FF%0A">' list
    run ! grep hidden list
    [ "$(status "$url/docs/%3Cb%3E%22%26%27%20%2541/")" = 200 ]

    rm site/index.html
    run ! grep cgi-bin <(fetch "$url/")
}

@test "tcp/httpd: what is not there, and what may not be read" {
    touch site/locked
    chmod 0 site/locked
    serve
    [ "$(status "$url/nothing")" = 404 ]
    [ "$(status "$url/a.txt/")" = 404 ]
    [ "$(status "$url/a.txt/b")" = 404 ]
    [ "$(status "$url/$(printf '%0300d' 0)")" = 404 ]
    [ "$(id -u)" = 0 ] || [ "$(status "$url/locked")" = 403 ]
    run ! grep -i nothing <(fetch "$url/nothing")
}

# ---- nothing outside the root -----------------------------------------------

@test "tcp/httpd: no path and no link leads out of the root" {
    ln -s ../outside site/up
    ln -s "$PWD/outside" site/absolute
    ln -s .. site/parent
    ln -s /proc/self/root site/magic
    ln -s a.txt site/inside
    ln -s docs site/inside-too
    cp site/a.txt site/docs/b.txt
    ln -s ../inside site/docs/winding
    serve
    for path in /../outside /docs/../../outside /%2e%2e/outside /..%2foutside \
        /.%2e/outside /%2e%2e%2foutside //../outside /docs/..//../outside \
        /up /absolute /parent/outside /magic/etc/passwd /parent/site/a.txt \
        '/..%5coutside' '/%c0%ae%c0%ae/outside' "/..;/outside"; do
        fetch -i "$url$path" >answer
        run ! grep secret answer
        grep -E '^HTTP/1.1 40[34] ' answer
    done
    [ "$(status "$url/a%00.txt")" = 400 ]
    [ "$(status "$url/a%2.txt")" = 400 ]
    for path in /inside /inside-too/b.txt /docs/winding; do
        [ "$(fetch "$url$path")" = "some text" ]
    done
}

@test "tcp/httpd: a link that changes while it is looked at does not help" {
    mkdir site/real outside-folder site/cgi-bin/real outside-scripts
    echo fine >site/real/file
    echo secret >outside-folder/file
    script real/run <<<'printf "Content-Type: text/plain\n\nfine\n"'
    sed s/fine/secret/ site/cgi-bin/real/run >outside-scripts/run
    chmod 755 outside-scripts/run
    background swapper perl -e '
        while (1) {
            for (["site/flip", "real", "$ENV{PWD}/outside-folder"],
                 ["site/page", "real/file", "$ENV{PWD}/outside"],
                 ["site/cgi-bin/flip", "real", "$ENV{PWD}/outside-scripts"],
                 ["site/cgi-bin/x", "real/run",
                  "$ENV{PWD}/outside-scripts/run"]) {
                my ($name, @to) = @$_;
                for (@to) { symlink $_, "$name.new"; rename "$name.new", $name }
            }
        }'
    await test -L site/cgi-bin/x
    serve --workers 2
    for _ in {1..40}; do
        for path in flip/file page cgi-bin/flip/run cgi-bin/x; do
            printf 'url = "%s/%s"\n' "$url" $path
        done
    done >urls
    fetch -K urls >answers
    run ! grep secret answers
    grep fine answers
}

@test "tcp/httpd: the root may be renamed, and another put in its place" {
    serve
    mv site moved
    mkdir site
    echo other >site/a.txt
    [ "$(fetch "$url/a.txt")" = "some text" ]
    [ "$(fetch -d body "$url/cgi-bin/echo")" = body ]
    mv moved site/moved
    [ "$(fetch "$url/a.txt")" = "some text" ]
}

@test "tcp/httpd: names with a dot, and scripts, are never shown as files" {
    echo secret >site/.htpasswd
    mkdir site/.git
    echo secret >site/.git/config
    ln -s .htpasswd site/visible
    ln -s cgi-bin/env site/source
    ln -s cgi-bin site/scripts
    serve
    for path in /.htpasswd /%2ehtpasswd /.git/config /.git/ /visible; do
        [[ $(status "$url$path") == 40[34] ]]
    done
    for path in /source /scripts/env /cgi-bin /cgi-bin/ //cgi-bin/ /cgi%2dbin/ \
        /cgi-bin/deeper /cgi-bin/deeper/; do
        [[ $(status "$url$path") == 40[34] ]]
    done
    chmod 644 site/cgi-bin/env
    [ "$(status "$url/cgi-bin/env")" = 403 ]
    [ "$(status "$url/cgi-bin/env/a.txt")" = 403 ]
}

@test "tcp/httpd: what is not a regular file does not block a worker" {
    mkfifo site/fifo site/cgi-bin/fifo
    perl -MIO::Socket::UNIX -e '
        IO::Socket::UNIX->new(Local => "site/socket", Listen => 1)'
    serve
    for path in /fifo /socket /cgi-bin/fifo /fifo/; do
        [[ $(status -m 5 "$url$path") == 40[34] ]]
    done
    if mknod site/zero c 1 5 2>/dev/null; then
        [ "$(status -m 5 "$url/zero")" = 403 ]
    fi
}

@test "tcp/httpd: a redirect never leads to another host" {
    mkdir -p 'site/\evil.org' site/evil.org
    serve
    [ "$(where "$url//evil.org")" = "301 $url/evil.org/" ]
    [ "$(where "$url/%5cevil.org")" = "301 $url/%5Cevil.org/" ]
    fetch -i "$url///evil.org?x" | grep "^Location: /evil.org/?x"
    fetch -i -H 'Host: evil.org' "$url/docs" | grep "^Location: /docs/"
}

# ---- HTTP -------------------------------------------------------------------

@test "tcp/httpd: what sendfile(2) does not write to gets the file, too" {
    head -c 200000 /dev/urandom >site/large # a small one is read at once
    printf 'GET /large HTTP/1.0\r\n\r\n' >request
    inetd <request >>answer # EINVAL: it does not append
    tail -c 200000 answer | cmp - site/large
}

@test "tcp/httpd: a malformed request gets 400 and the end of the connection" {
    local post='/cgi-bin/echo HTTP/1.1\r\nHost: x\r\n'
    while IFS='|' read -r request; do
        request=${request/@/$post}
        # shellcheck disable=SC2059 # the request is the format
        printf "$request" | inetd | tr -d '\r' >answer
        grep -x 'HTTP/1.1 400 Bad Request' answer
        grep -x 'Connection: close' answer
        run ! grep 'some text' answer
    done <<'EOF'
GET /a.txt HTTP/1.1\r\n\r\n
GET /a.txt HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n
GET /a.txt HTTP/1.1\nHost: x\n\n
GET  /a.txt HTTP/1.1\r\nHost: x\r\n\r\n
GET /a.txt HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n
GET /a.txt HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n
POST @Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n
POST @Content-Length: 5, 5\r\n\r\ntext\n
POST @Transfer-Encoding: chunked\r\n\r\n5\ntext\n
POST @Transfer-Encoding: chunked\r\n\r\n4\r\ntextX0\r\n\r\n
\026\003\001\000
EOF
}

@test "tcp/httpd: what is too long, too new or too much has its own status" {
    long=$(printf '%09000d' 0)
    serve
    [ "$(status "$url/$long")" = 414 ]
    [ "$(status "$url/${long::7900}")" = 404 ] # such a file cannot be
    [ "$(status -H "X: $long" -H "Y: $long" "$url/")" = 431 ]
    printf 'GET / HTTP/2.0\r\nHost: x\r\n\r\n' | inetd | grep '^HTTP/1.1 505 '
    [ "$(status -H 'Expect: magic' "$url/")" = 417 ]
    printf 'POST /cgi-bin/echo HTTP/1.1\r\nHost: x\r\n\r\n' |
        inetd | grep '^HTTP/1.1 200 ' # a body of no bytes
    printf '%s\r\n' 'POST /cgi-bin/echo HTTP/1.1' 'Host: x' \
        'Transfer-Encoding: gzip, chunked' '' | inetd | grep '^HTTP/1.1 501 '
}

@test "tcp/httpd: one connection, many requests, answered in their order" {
    serve
    client '
        say $s, "GET /a.txt HTTP/1.1", "Host: x", "",
            "HEAD /a.txt HTTP/1.1", "Host: x", "",
            "GET /nothing HTTP/1.1", "Host: x", "Content-Length: 5", "";
        print $s "hello";
        say $s, "POST /cgi-bin/echo HTTP/1.1", "Host: x",
            "Content-Length: 3", "";
        print $s "GET";
        say $s, "GET /a.txt HTTP/1.1", "Host: x", "Connection: close", "";
        print all $s' | tr -d '\r' >answers
    [ "$(grep -oE 'HTTP/1.1 [0-9]+' answers | cut -d ' ' -f 2 | tr '\n' ' ')" \
        = '200 200 404 200 200 ' ]
    [ "$(grep -c 'some text' answers)" = 2 ]
    grep -xE 'GET(HTTP/1.1 200 OK)?' answers # in one piece, or in chunks
}

@test "tcp/httpd: HTTP/1.0 ends the connection unless it is asked not to" {
    ask() { printf '%s\r\n' "$@" | inetd | tr -d '\r' >answer; }
    ask 'GET /a.txt HTTP/1.0' '' 'GET /a.txt HTTP/1.0' ''
    [ "$(grep -c ^HTTP answer)" = 1 ]
    ask 'GET /a.txt HTTP/1.0' 'Connection: keep-alive' '' \
        'GET /a.txt HTTP/1.0' ''
    [ "$(grep -c ^HTTP answer)" = 2 ]
    grep -x 'Connection: keep-alive' answer
    ask 'GET /a.txt HTTP/1.1' 'Host: x' 'Connection: close' '' \
        'GET /a.txt HTTP/1.0' ''
    grep -x 'Connection: close' answer
    [ "$(grep -c ^HTTP answer)" = 1 ]
}

@test "tcp/httpd: it does not matter how TCP cuts a request" {
    serve
    client '
        $s->setsockopt(6, 1, 1);
        for (split //, "POST /cgi-bin/echo HTTP/1.1\r\nHost: x\r\n" .
             "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" .
             "5;x=y\r\nhello\r\n0007\r\n, world\r\n0\r\nA: b\r\n\r\n") {
            print $s $_; $s->flush;
        }
        print all $s' >answer
    grep 'hello, world' answer
}

@test "tcp/httpd: 304 for a client that has the file already" {
    serve
    tag=$(fetch -I "$url/a.txt" | sed -n 's/^ETag: \(.*\)\r/\1/p')
    date=$(fetch -I "$url/a.txt" | sed -n 's/^Last-Modified: \(.*\)\r/\1/p')
    [ "$(status -H "If-None-Match: $tag" "$url/a.txt")" = 304 ]
    [ "$(status -H "If-Modified-Since: $date" "$url/a.txt")" = 304 ]
    [ "$(status -H "If-Match: \"x\"" "$url/a.txt")" = 412 ]
    fetch -i -H "If-None-Match: $tag" "$url/a.txt" | grep -F "ETag: $tag"
    run ! grep Content-Length <(fetch -i -H "If-None-Match: $tag" "$url/a.txt")

    touch -d '1 minute ago' site/a.txt
    echo other >>site/a.txt
    [ "$(status -H "If-None-Match: $tag" "$url/a.txt")" = 200 ]
}

@test "tcp/httpd: a part of a file, and a download that goes on" {
    head -c 100000 /dev/urandom >site/big
    touch -d '1 hour ago' site/big
    serve
    fetch -r 50000- "$url/big" | cmp - <(tail -c +50001 site/big)
    fetch -r -10 "$url/big" | cmp - <(tail -c 10 site/big)
    fetch -i -r 3-4 "$url/big" | grep -a '^Content-Range: bytes 3-4/100000'
    [ "$(status -r 100000- "$url/big")" = 416 ]
    fetch -i -r 100000- "$url/big" | grep -a '^Content-Range: bytes \*/100000'
    [ "$(status -r 0-1,3-4 "$url/big")" = 200 ]

    head -c 70000 site/big >part
    fetch -C - -o part "$url/big"
    cmp part site/big
    [ "$(status -r 5-9 -H 'If-Range: "other"' "$url/big")" = 200 ]
}

@test "tcp/httpd: an unused body is read, or the connection ends" {
    serve
    [ "$(fetch -X GET -d hello "$url/a.txt" --next -s "$url/a.txt")" = \
        "$(cat site/a.txt site/a.txt)" ]
    head -c 2000000 /dev/zero >large
    [ "$(status -X GET --data-binary @large -H 'Expect:' "$url/a.txt")" = 200 ]
    # Not waited for: the answer comes instead of the 100.
    fetch -v -H 'Expect: 100-continue' --data-binary @large "$url/a.txt" 2>&1 |
        tr -d '\r' >answer
    grep -x '< HTTP/1.1 405 Method Not Allowed' answer
    grep -x '< Connection: close' answer
}

@test "tcp/httpd: more than a megabyte is refused, and the client hears it" {
    head -c 1048576 /dev/zero >largest
    head -c 1048577 /dev/zero >larger
    serve
    for how in 'Expect:' 'Transfer-Encoding: chunked' 'X-Nothing: special'; do
        fetch --data-binary @largest -H "$how" "$url/cgi-bin/echo" |
            cmp - largest
        [ "$(status --data-binary @larger -H "$how" "$url/cgi-bin/echo")" \
            = 413 ]
    done
}

@test "tcp/httpd: an answer is not lost by closing before all was read" {
    serve
    for _ in {1..20}; do
        client '
            say $s, "POST /cgi-bin/echo HTTP/1.1", "Host: x",
                "Content-Length: 1100000", "";
            for (1 .. 100) { $s->syswrite("x" x 10000) or die "reset" }
            $s->sysread(my $answer, 1000) or die $!;
            print $answer' | grep '^HTTP/1.1 413 '
    done
}

@test "tcp/httpd: the log has a line for each request, whatever was in it" {
    serve --log log
    fetch "$url/a.txt" >/dev/null
    fetch -I "$url/a.txt" >/dev/null
    status "$url/\"x\"" >/dev/null
    printf 'GET /\033[2J\n\n' | limited build/tcp/httpd --inetd --log log site
    date='[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8} \+0000'
    grep -xE "127\.0\.0\.1 - - \[$date\] \"GET /a.txt HTTP/1.1\" 200 10" log
    grep -E '"HEAD /a.txt HTTP/1.1" 200 0$' log
    grep -F '"GET /\x22x\x22 HTTP/1.1" 404' log
    grep -F '"GET /\x1b[2J" 400' log
    [ "$(wc -l <log)" = 4 ]
}

@test "tcp/httpd: IPv6, and IPv4 by it" {
    grep -q . /proc/net/if_inet6 || skip "IPv6 would run it"
    start build/tcp/httpd --log log :: 0 site
    [ "$(fetch -g "http://[::1]:$(port)/a.txt")" = "some text" ]
    [ "$(fetch "http://127.0.0.1:$(port)/a.txt")" = "some text" ]
    fetch -g "http://[::1]:$(port)/cgi-bin/env" | grep -x 'SERVER_NAME=\[::1\]'
    grep '^::1 ' log
    grep '^127.0.0.1 ' log
}

@test "tcp/httpd: :: is for IPv4 as well, also where a system wants it apart" {
    own=(unshare --net sh -c 'ip link set lo up
        echo 1 >/proc/sys/net/ipv6/bindv6only && exec "$@"' sh)
    need_right "${own[@]}"
    start "${own[@]}" build/tcp/httpd :: 0 site
    nsenter --net="/proc/$(pid)/ns/net" curl -s \
        "http://127.0.0.1:$(port)/a.txt" | grep -x 'some text'
}

@test "tcp/httpd: a file from the future is no younger than the answer" {
    touch -d '2100-01-01' site/a.txt
    serve
    fetch -i "$url/a.txt" | tr -d '\r' >answer
    modified=$(sed -n 's/^Last-Modified: //p' answer)
    now=$(sed -n 's/^Date: //p' answer)
    [ "$(date -d "$modified" +%s)" -le "$(date -d "$now" +%s)" ]
}

@test "tcp/httpd: a date that is given twice does not count" {
    serve
    now=$(date -u +'%a, %d %b %Y %H:%M:%S GMT')
    [ "$(status -H "If-Modified-Since: $now" "$url/a.txt")" = 304 ]
    [ "$(status -H "If-Modified-Since: $now" -H "If-Modified-Since: $now" \
        "$url/a.txt")" = 200 ]
}

@test "tcp/httpd: the host in the first line counts, not the field" {
    printf '%s\r\n' 'GET http://good:1/cgi-bin/env HTTP/1.1' 'Host: evil' \
        'Connection: close' '' | inetd >answer
    grep -x 'HTTP_HOST=good:1' answer
    grep -x 'SERVER_NAME=good' answer
    run ! grep evil answer
}

@test "tcp/httpd: the log says what was sent" {
    head -c 20000000 /dev/zero >site/big
    serve --log log
    run fetch -m 1 --limit-rate 1M "$url/big"
    printf 'GET /a\r\n\r\n' | inetd --log log
    await lines 2 log
    sent=$(awk '/big/ { print $NF }' log)
    [ "$sent" -gt 0 ]
    [ "$sent" -lt 20000000 ]
    grep -F '"GET /a" 400' log
}
