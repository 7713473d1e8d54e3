#!/usr/bin/env bats
# shellcheck disable=SC2016 # some of the dollars are perl's

load httpd

# browse URL: the page as a browser has it after it has built it.
browse() {
    timeout -k 1 60 "$chromium" --headless --no-sandbox --disable-gpu \
        --disable-dev-shm-usage --user-data-dir="$PWD/profile" \
        --dump-dom "$1" 2>chromium.log
}

@test "tcp/httpd: the site shows what is in the kernel, and all of it as text" {
    start build/tcp/httpd --workers 2 127.0.0.1 0 build/tcp/www
    locate
    fetch "$url/" | grep '<h1>Linux IPC'
    [ "$(status "$url/style.css")" = 200 ]

    start=$(pid)
    background receiver2 build/msg/basic_recv README.md
    await in_kernel q
    fetch -i "$url/cgi-bin/ipc" >page
    grep '^Content-Type: text/html' page
    key=$(printf '0x49%02x%04x' $(($(stat -c %d README.md) & 0xff)) \
        $(($(stat -c %i README.md) & 0xffff)))
    grep "class=ours><td>$key" page
    here=127.0.0.1:$(port)
    grep "<td>tcp/httpd<td>$start<td>$here<td>0.0.0.0:0<td>LISTEN" page
    [ "$(status "$url/cgi-bin/ipc.c")" = 404 ]
    signal TERM receiver2
}

@test "tcp/httpd: a real browser shows the site" {
    need_browser
    start build/tcp/httpd --workers 4 --log log 127.0.0.1 0 build/tcp/www
    locate
    browse "$url/" >page
    grep '<h1>Linux IPC, one small program at a time</h1>' page
    grep 'href="/cgi-bin/ipc"' page
    browse "$url/cgi-bin/ipc" >page
    grep '<h2>Message queues</h2>' page
    grep 'tcp/httpd</td>.*ESTABLISHED' page # that is the browser
    grep '"GET /style.css HTTP/1.1" 200' log
}

@test "tcp/httpd: no file name becomes a tag in a real browser" {
    need_browser
    mkdir 'site/docs/<img src=x onerror=alert(1)>'
    touch 'site/docs/"><script>document.title="gotcha"<' \
        'site/docs/javascript:1'
    serve --log log
    browse "$url/docs/" >page
    run ! grep -E '<img|<script' page
    run ! grep '<title>gotcha' page
    grep '&lt;img src=x onerror=alert(1)&gt;' page
}
