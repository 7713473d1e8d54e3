#!/usr/bin/env bats
#
# make book: its pages, its links, how a browser shows them.

load httpd

# The book is made once for all tests.
setup_file() {
    export root book=$BATS_FILE_TMPDIR/book
    if command -v cmark-gfm >/dev/null && command -v highlight >/dev/null; then
        (cd "$BATS_TEST_DIRNAME/.." &&
            sh common/book/book.sh "$book") >"$BATS_FILE_TMPDIR/log" 2>&1 3>&-
    fi
}

setup() {
    need cmark-gfm highlight
}

# look CHECK: let a browser look at the pages that are listed in the file `list`
# (book_look.js has the checks); what it finds is in $output.
look() {
    need_browser
    rm -rf site
    cp -al "$book" site
    cp "$root/tests/book_look.js" axe/node_modules/axe-core/axe.min.js site/ \
        2>/dev/null || true
    {
        echo '<!DOCTYPE html><meta charset="utf-8"><title>look</title><script>'
        echo 'const pages = ['
        sed 's/.*/"&",/' list
        echo ']; </script><script src="book_look.js"></script>'
    } >site/look.html
    start build/tcp/httpd --workers 4 127.0.0.1 0 site
    locate
    run -0 timeout -k 1 "$limit" "$chromium" --headless --no-sandbox \
        --disable-gpu --disable-dev-shm-usage "${flags[@]}" \
        --user-data-dir="$PWD/profile" --virtual-time-budget=600000 \
        --dump-dom "$url/look.html?check=$1"
    sed -n '/<pre id="said">/,/<\/pre>/p' <<<"$output" |
        sed 's/.*<pre id="said">//; s/<\/pre>.*//' >said
    signal TERM
    run finish
    rm -rf site
    output=$(cat said)
    echo "$output"
}

@test "book: every link and every anchor resolves, and none leads elsewhere" {
    run -0 perl "$root/tests/book_links.pl" "$book"
    [[ $output =~ ^[0-9]+" pages, "[0-9]+" links"$ ]]
}

@test "book: questions are answered from the front page within three steps" {
    run -0 perl "$root/tests/book_answers.pl" "$book" <<'EOF'
Which call makes a FIFO, and its mode? | Calls > fifo/mode | mkfifo(path, asked)
What does 粘包 mean, and how is it shown? | Terms > tcp/framing_recv | --naive
What is left if the sender of msg is killed? | msg | kill -9 of the sender
How do I write an exercise in Python? | exercises | IN=python
Which limit stops a big message? | Compare | msgmax
Which lessons wait with poll? | Calls > pipe/events | poll(
Why is an address in use? What helps? | Errors > tcp/timewait | SO_REUSEADDR
How fast is shared memory beside a pipe? | common/bench.md | shm ring
How do philosophers starve? | sem/deadlock | each of 5 processes still waits
In which order are the bytes of a number sent? | reading.h | big-endian
How is a descriptor passed to another process? | pipe/stranger | SCM_RIGHTS
What is a zombie, and how does one arise? | Terms > tcp/fork_server | --zombies
Is epoll level- or edge-triggered? | tcp/epoll_server | level-triggered
How do I remove a queue that is left over? | Cheat sheet | ipcrm
Why does opening a FIFO not return? | fifo > fifo/meet | open waits for
哪个进程在等信号量？ | 中文 > sem/watch | 哪些进程在等
共享内存段什么时候消失？ | 中文 > shm/lifetime | IPC_RMID
什么是僵尸进程？ | 中文 > 术语 > tcp/fork_server | 僵尸
怎样删除留下来的消息队列？ | 中文 > 速查表 | ipcrm
什么是惊群？ | 中文 > 四十个问题 | 惊群
水平触发和边沿触发有什么区别？ | 中文 > tcp/epoll_server | 水平触发
断点续传怎样实现？ | 中文 > udp/tftp | 断点续传
EOF
    [ "$output" = "22 questions" ]
}

@test "book: each lesson has a page in both languages, in the notes' order" {
    last=
    cd "$root"
    # shellcheck source=/dev/null
    . common/card.sh
    for source in $(card_sources); do
        lesson=$(card_lesson "$source")
        [ -f "$book/$lesson.html" ]
        [ -f "$book/zh/$lesson.html" ]
        if [ "${last%/*}" = "${lesson%/*}" ]; then
            grep -q "rel=\"next\" href=\"[^\"]*$(basename "$lesson").html\"" \
                "$book/$last.html"
        fi
        last=$lesson
    done
}

@test "book: a lesson has its notes, sources, output and experiments" {
    page=$book/pipe/basic.html
    grep -F 'A pipe is a queue of bytes in the kernel' "$page"
    count=$(wc -l <"$root/pipe/basic.c")
    grep -F "<span id=\"basic.c-$count\"><a href=\"#basic.c-$count\">" "$page"
    run ! grep -F "id=\"basic.c-$((count + 1))\"" "$page"
    grep -F 'data-m="pipe(2): create pipe">pipe</a>' "$page"
    grep -F 'end of file after 3 readings' "$page"
    grep -F -A 3 '<code>build/pipe/basic --leave-open 3</code>' "$page" |
        grep -F '<details><summary>What happens</summary>'
    page=$book/msg/basic.html
    grep -F 'id="basic_recv.c-1"' "$page"
    grep -F 'id="basic_send.c-1"' "$page"
    grep -F '<figcaption>Terminal 2</figcaption>' "$page"
    grep -F '弄坏它' "$book/zh/pipe/basic.html"
}

@test "book: the code on a page is the source, character by character" {
    for lesson in pipe/basic shm/lockfree_recv tcp/framing_recv; do
        page=$book/${lesson%_recv}.html
        perl -0ne '
            while (m{<span\ id="'"${lesson#*/}"'\.c-\d+"><a\ [^>]*>\d+</a>(.*?)
                </span>\n?(?=<span\ id|</code>)}gsx) {
                my $line = $1;
                $line =~ s/<[^>]*>//g;
                $line =~ s/&lt;/</g; $line =~ s/&gt;/>/g;
                $line =~ s/&quot;/"/g; $line =~ s/&amp;/&/g;
                print "$line\n";
            }' "$page" >printed
        diff "$root/$lesson.c" printed
    done
}

@test "book: the errors that a lesson provokes lead to it" {
    row=$(grep -o '<tr id="EIDRM">.*' "$book/errors.html" | sed 's/<\/tr>.*//')
    [[ $row == *'Identifier removed'*'msg/gone'* ]]
    row=$(grep -o '<tr id="EADDRINUSE">.*' "$book/errors.html" |
        sed 's/<\/tr>.*//')
    [[ $row == *'href="tcp/timewait.html#break"'* ]]
}

@test "book: each system call leads to the line where a lesson makes it" {
    line=$(grep -n ' = msgget(' "$root/msg/basic_recv.c" | head -n 1)
    grep -o '<tr id="msgget">.*' "$book/calls.html" |
        grep -F "\"msg/basic.html#basic_recv.c-${line%%:*}\""
}

@test "book: what a call does is said in Chinese as well" {
    diff <(cut -f 1 "$root/common/book/man_pages.txt") \
        <(cut -f 1 "$root/common/book/man_pages.zh.txt")
    row=$(grep -o '<tr id="msgget">.*' "$book/zh/calls.html" |
        sed 's/<\/tr>.*//')
    [[ $row == *'取得 System V 消息队列的 id'*'href="msg/basic.html#'* ]]
    grep -F 'data-m="pipe(2): 创建管道">pipe</a>' "$book/zh/pipe/basic.html"
}

@test "book: what man pages say of a call is what is installed here" {
    if ! command -v whatis >/dev/null || ! whatis -s 2 pipe 2>/dev/null; then
        skip "man pages would run it: manpages-dev, man-db"
    fi
    for name in pipe msgget semop shmat accept poll; do
        said=$(whatis -l -s 2 $name | sed -n "s/^$name (2)[^-]*- //p")
        grep -P "^$name\t2\t\Q$said\E$" "$root/common/book/man_pages.txt"
    done
}

# One page of each kind in a language each; a browser is slow to start.
@test "book: a browser shows each kind of page in full, also on a telephone" {
    queue=%E6%B6%88%E6%81%AF%E9%98%9F%E5%88%97
    printf '%s\n' index.html zh/sem/index.html pipe/basic.html \
        zh/msg/basic.html \
        zh/udp/tftp.html calls.html zh/errors.html common/choose.html \
        common/reading.h.html zh/common/exercise/msg/basic_recv.html \
        'search.html?q=time_wait%20reuseaddr' \
        'zh/search.html?q=%E6%AD%BB%E9%94%81' \
        'search.html?q=select%20vs%20epoll' \
        "zh/search.html?q=%E5%A6%82%E4%BD%95%E5%88%A0%E9%99%A4$queue" \
        'zh/search.html?q=%E6%80%8E%E6%A0%B7%E5%88%A0%E9%98%9F%E5%88%97' \
        'search.html?q=partial%20read' 'search.html?q=lost%20wakeup' \
        'search.html?q=nosuchwordhere' >list # 死锁, 如何删除消息队列, 怎样删队列
    flags=() limit=110
    look fits
    grep -E '^search.html.* finds (tcp|common)/.*time_wait' said
    grep -E '^zh/search.html.* finds (sem/deadlock|common/.*死锁)' said
    grep -E '^search.html.* finds common/questions.html#.*epoll' said
    [ "$(grep -cE '^zh/search.html.* finds msg/' said)" = 2 ]
    [ "$(grep -cE '^search.html.* finds (pipe|common/terms)' said)" = 2 ]
    grep -E '^search.html.* finds Nothing found.$' said
    [ "$(wc -l <said)" = 9 ]
    [ "$(tail -n 1 said)" = 'looked at 18 pages' ]
}

# bats test_tags=long
@test "book: nothing scrolls sideways on a telephone, no source is clipped" {
    flags=() limit=500
    (cd "$book" && find . -name '*.html' | sed 's|^\./||') >list
    look fits
    [ "$output" = "looked at $(wc -l <list) pages" ]
}

# bats test_tags=long
@test "book: the cheat sheet is two pages on paper" {
    need_browser
    for language in . zh; do
        limited "$chromium" --headless --no-sandbox --disable-gpu \
            --disable-dev-shm-usage --user-data-dir="$PWD/profile" \
            --no-pdf-header-footer --print-to-pdf=sheet.pdf \
            "file://$book/$language/common/cheatsheet.html"
        [ "$(grep -ac '/Type /Page$' sheet.pdf)" = 2 ]
    done
}

# bats test_tags=long
@test "book: two PDFs, A4, below 400 pages, bookmarks, page numbers" {
    need_browser
    (cd "$root" && timeout -k 1 400 \
        sh common/book/book.sh --pdf "$BATS_TEST_TMPDIR/pdf")
    for pdf in pdf/linux-ipc.pdf pdf/linux-ipc-zh.pdf; do
        pages=$(grep -ac '^<</Type /Page$' "$pdf")
        [ "$pages" -gt 100 ]
        [ "$pages" -lt 400 ]
        a4='/MediaBox \[0 0 59[45][.0-9]* 84[12]'
        [ "$(grep -ac "$a4" "$pdf")" = "$pages" ]
        [ "$(grep -ac '/Title <feff' "$pdf")" -gt 80 ]
        command -v pdftotext >/dev/null || continue
        pdftotext -f 5 -l 5 -layout "$pdf" page
        grep -E '^ *5$' page
        pdftotext -layout "$pdf" all
        # The contents say where a lesson is, and there it is.
        at=$(grep -m 1 -oE 'msg/gone: .* [0-9]+$' all | grep -oE '[0-9]+$')
        pdftotext -f "$at" -l "$at" "$pdf" page
        grep -F 'msg/gone' page
        # Code of 80 columns is in one line.
        grep -F "$(awk 'length == 80' "$root"/pipe/basic.c | head -n 1)" all
    done
}

# bats test_tags=long
@test "book: axe finds nothing to say, in light and in dark" {
    need npm
    (mkdir axe && cd axe && limited npm install --silent --no-audit --no-fund \
        axe-core@4) >npm.log 2>&1 ||
        skip "a network would run it: it brings axe-core"
    printf '%s\n' index.html pipe/basic.html msg/types.html tcp/timewait.html \
        pipe/index.html udp/tftp.html common/choose.html calls.html \
        errors.html headers.html search.html common/reading.h.html \
        zh/index.html zh/sem/undo_holder.html zh/shm/index.html >list
    flags=() limit=110
    look axe
    [ "$output" = "looked at 15 pages" ]
    flags=(--blink-settings=preferredColorScheme=0)
    look axe
    [ "$output" = "looked at 15 pages" ]
}
