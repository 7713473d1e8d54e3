#!/usr/bin/env bats
#
# make site: the live pages, and who may press their buttons.

load httpd

# A suite whose lessons are ours to choose: the programs are the real ones, the
# pages are in a folder of its own, and common/ can be another.
suite() {
    mkdir -p suite/built/site/cgi-bin suite/built/live
    for name in README.md common pipe fifo msg sem shm udp tcp; do
        ln -s "$root/$name" suite/
    done
    for folder in "$root/$build"/*/; do
        name=$(basename "$folder")
        [ -e "suite/built/$name" ] || ln -s "${folder%/}" suite/built/
    done
    for page in ipc run trace; do
        cp "$root/$build/tcp/www/cgi-bin/$page" suite/built/site/cgi-bin/
    done
    echo the-token >suite/built/live/token
    echo 20 >suite/built/live/limit_s
    printf '%s\t%s\t%s\t%s\t%s\n' msg/basic 'a queue' '一个队列' \
        'build/msg/basic_recv README.md' 'build/msg/basic_send README.md 3' \
        >suite/built/live/lessons
}
prepare suite

serve_site() {
    start build/tcp/httpd --timeout 30 127.0.0.1 0 suite/built/site
    locate
}

# press LESSON [ARG...]: press its button, with the token.
press() {
    local lesson=$1
    shift
    fetch -d token=the-token "$@" "$url/cgi-bin/run?lesson=$lesson"
}

# pressed LESSON [ARG...]: the status of that.
pressed() {
    press "$@" -o page -w '%{http_code}'
}

# instead: common/demo.sh is what comes on standard input.
instead() {
    rm suite/common
    mkdir suite/common
    cat >suite/common/demo.sh
}

@test "book/site: without the token nothing is started" {
    serve_site
    run_page="$url/cgi-bin/run?lesson=msg/basic"
    [ "$(status -d '' "$run_page")" = 403 ]
    [ "$(status -d token= "$run_page")" = 403 ]
    [ "$(status -d token=the-toke "$run_page")" = 403 ]
    [ "$(status -d token=the-token1 "$run_page")" = 403 ]
    fetch "$run_page&token=the-token" >page # that is the form
    grep -F 'name="token" value="the-token"' page
    run ! grep -F 'oslo #1' page
}

@test "book/site: another site cannot press the button" {
    serve_site
    [ "$(pressed msg/basic -H 'Origin: http://evil.example')" = 403 ]
    [ "$(pressed msg/basic -H 'Origin: null')" = 403 ]
    [ "$(pressed msg/basic -H 'Host: evil.example')" = 403 ]
    [ "$(pressed msg/basic -H "Origin: $url")" = 200 ]
}

@test "book/site: only this machine can" {
    cd suite/built/site/cgi-bin
    for address in 192.0.2.1 ::2 ''; do
        run -0 env REQUEST_METHOD=POST "REMOTE_ADDR=$address" \
            QUERY_STRING=lesson=msg/basic HTTP_HOST=127.0.0.1 \
            ./run <<<'token=the-token'
        [ "${lines[0]}" = $'Status: 403 Forbidden\r' ]
    done
}

@test "book/site: a lesson that is not in the list is refused" {
    serve_site
    for lesson in msg/nothing ../evil 'msg/basic;id' '' msg/basic_recv -x; do
        [ "$(pressed "$lesson")" = 404 ]
        run ! grep -F 'oslo #1' page
    done
}

@test "book/site: a lesson runs, each terminal in a column" {
    serve_site
    press msg/basic >page
    grep -E '<div class="t1"><span>[0-9.]+</span> oslo #3 -3.0 C</div>' page
    grep -F '<div class="t2 command">$ build/msg/basic_send README.md 3' page
    grep -F '1 of 1 lessons did what their cards say' page
}

@test "book/site: each line comes when it is printed, one lesson at a time" {
    mkfifo go-on
    instead <<EOF
echo '  0.001  1 some_recv  ready <now>'
read -r _ <$PWD/go-on
echo '  0.002  2 some_send  and on'
EOF
    serve_site
    background reader curl -sN -d token=the-token \
        "$url/cgi-bin/run?lesson=msg/basic"
    await grep -F '<span>0.001</span> ready &#60;now&#62;</div>' logs/reader
    run ! grep -F 'and on' logs/reader
    [ "$(pressed msg/basic)" = 503 ]
    echo >go-on
    finish reader
    grep -F '<div class="t2"><span>0.002</span> and on</div>' logs/reader
}

@test "book/site: at the time limit a lesson ends, with all that it started" {
    echo 1 >suite/built/live/limit_s
    instead <<EOF
trap 'echo cleaned up >$PWD/cleaned; exit 143' TERM
tail -f /dev/null &
echo \$! >$PWD/child
wait
EOF
    serve_site
    press msg/basic >page
    grep -F 'Ended at the time limit, in seconds: 1' page
    grep -F '</html>' page
    [ "$(cat cleaned)" = 'cleaned up' ]
    await gone "$(cat child)"
}

@test "book/site: a lesson is traced at the press of a button, and drawn" {
    need strace
    serve_site
    fetch -D head -d token=the-token "$url/cgi-bin/trace?lesson=msg/basic" >page
    grep -E '^<text .*>msgget IPC_CREAT' page
    grep -E '^ .* msgget IPC_CREAT' page # and as text
    # Its style sheet may be used, one that is brought in may not.
    nonce=$(sed -n 's/^<style nonce="\([0-9a-f]\{32\}\)">$/\1/p' page)
    grep -F "style-src 'self' 'nonce-$nonce'; script-src 'self';" head
    run ! grep -F "$nonce" <(fetch "$url/cgi-bin/trace")
}

@test "book/site: in Chinese, too, and a link leads to the same in English" {
    serve_site
    lesson='?lesson=msg/basic'
    for path in ipc/zh run/zh "run/zh$lesson" "trace/zh$lesson"; do
        fetch "$url/cgi-bin/$path" >page
        grep -F '<html lang="zh-CN">' page
        grep -F "href=\"/cgi-bin/${path/\/zh/}\" hreflang=\"en\"" page
        # Whatever has words of ours, has them in Chinese.
        LC_ALL=C run ! grep -E '<(h1|h2|th|button)>[ -;=-~]*(<|$)' page
    done
    grep -F '一个队列' page
    fetch -d token=the-token "$url/cgi-bin/run/zh$lesson" >page
    grep -F "href=\"/cgi-bin/run$lesson\" hreflang=\"en\"" page
    grep -F '<a href="/zh/msg/basic.html">' page
    fetch -d token=x "$url/cgi-bin/run/zh$lesson" >page
    grep '^<p>令牌' page
    fetch "$url/cgi-bin/run$lesson" >page
    grep -F 'a queue' page
    grep -F "href=\"/cgi-bin/run/zh$lesson\" hreflang=\"zh-CN\"" page
}

@test "book/site: in the kernel: which process waits in which call, for what" {
    start build/tcp/httpd 127.0.0.1 0 build/tcp/www
    locate
    background waiting build/msg/basic_recv README.md
    background reader build/fifo/basic_recv readings
    await in_kernel q
    await grep -q ready logs/reader
    await asleep waiting
    await asleep reader
    fetch "$url/cgi-bin/ipc" >page
    grep -E "<td>$(pid waiting)<td>msg/basic_recv<td>msgrcv<td>queue [0-9]" page
    grep -F "<td>$(pid waiting): msgrcv" page
    grep -F "<td>$(pid reader)<td>fifo/basic_recv<td>open<td>readings" page
    signal TERM waiting
    signal TERM reader
}

@test "book/site: in the kernel: who has a FIFO open, and for what" {
    start build/tcp/httpd 127.0.0.1 0 build/tcp/www
    locate
    background reader build/fifo/basic_recv readings
    await grep -q ready logs/reader
    exec 4<>readings
    has_it() { find "/proc/$(pid reader)/fd" -lname '*readings' | grep -q .; }
    await has_it
    fetch "$url/cgi-bin/ipc" >page
    grep "readings<td>$(pid reader)<td>fifo/basic_recv<td>reads$" page
    signal TERM reader
}

# make_site: make site, as far as it is ready.
make_site() {
    setsid make -s -C "$root" BUILD="$build" site >log 2>&1 3>&- &
    group=$!
    for _ in 1 2 3 4 5 6; do # the book may have to be made before
        if await grep '^ready on http://127.0.0.1:' log; then break; fi
    done
    url=$(sed -n 's/^ready on //p' log)
}

# without_book: in a PATH without what makes the book, which takes its time.
without_book() {
    mkdir bin
    ln -s /usr/bin/* bin/
    rm -f bin/cmark-gfm
    PATH=$PWD/bin "$@"
}

# end_site: as ^C does.
end_site() {
    kill -INT -- "-$group"
    await gone "$group"
    run ! grep -E 'Error|\*\*\*' log
    await test ! -e "$root/$build/live"
}

@test "book/site: make site says what it serves, and ^C is no error" {
    without_book make_site
    grep -F 'without the book, which needs cmark-gfm' log
    grep -F '/cgi-bin/run a lesson' log
    [ "$(status "$url/")" = 200 ]
    [ "$(status "$url/cgi-bin/run?lesson=pipe/basic")" = 200 ]
    [ "$(stat -c %a "$root/$build/live/token")" = 600 ]
    end_site
}

# bats test_tags=long
@test "book/site: a port that is taken is said" {
    start build/tcp/httpd 127.0.0.1 0 build/tcp/www
    PORT=$(port)
    export PORT BUILD=built
    cd suite
    without_book run -1 limited sh common/book/site.sh
    [[ $output == *'Address already in use'* ]]
    [ ! -e built/live ]
}

# bats test_tags=long
@test "book/site: the book, and from its pages to the live ones and back" {
    need cmark-gfm highlight
    make_site
    grep -E '^build[^ ]*/site: [0-9]+ pages' log
    fetch "$url/zh/msg/basic.html" >page
    grep -F 'href="../../cgi-bin/run/zh?lesson=msg/basic"' page
    fetch "$url/cgi-bin/run/zh?lesson=msg/basic" >page
    title=$(sed -n 's/^<title>msg.basic: \(.*\) ·.*/\1/p' \
        "$root/$build/site/zh/msg/basic.html")
    grep -F "<a href=\"/zh/msg/basic.html\">msg/basic</a>: $title" page
    end_site
}
