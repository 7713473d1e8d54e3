#!/bin/sh
# common/book/site.sh -- the book and live pages, by tcp/httpd: make site.
#
# The book is made again only if something in it has changed. Where it cannot be
# made, the site of tcp/httpd alone is served. PORT=8080: there, and not on any
# free port. ^C ends it, and that is no error.
set -u
. common/card.sh

build=${BUILD:-build}
site=$build/site
shown='/cgi-bin/ipc what is in the kernel now, /cgi-bin/run a lesson,
/cgi-bin/trace its calls'
if ! command -v cmark-gfm >/dev/null || ! command -v highlight >/dev/null; then
    echo "without the book, which needs cmark-gfm and highlight:" \
        "sh common/setup.sh --all"
    site=$build/tcp/www
elif [ ! -f "$site/index.html" ] || [ -n "$(find README.md common pipe fifo \
    msg sem shm udp tcp -newer "$site/index.html" -type f | head -n 1)" ]; then
    sh common/book/book.sh --live "$site" || exit 1
fi

# For the live pages: what may be started, for how long, and the token that says
# that a form is ours. It is for this user only, and new each time.
umask 077
mkdir -p "$build/live"
od -An -N 16 -tx1 /dev/urandom | tr -d ' \n' >"$build/live/token"
echo 20 >"$build/live/limit_s"
echo "$PATH" >"$build/live/path"
card_table | awk -F '\t' -v zh="$site/zh" '
    function title_zh(lesson,  line, page) {
        page = zh "/" lesson ".html"
        while ((getline line <page) > 0)
            if (sub("^<title>" lesson ": ", "", line)) {
                close(page)
                sub(" · .*", "", line)
                return line
            }
        return ""
    }
    $1 == "lesson" {
        title = title_zh($3)
        printf "%s%s\t%s\t%s", NR == 1 ? "" : "\n", $3, $4, \
            title == "" ? $4 : title
    }
    $1 == "terminal" { printf "\t%s", $3 }
    END { print "" }' >"$build/live/lessons"
umask 022
if [ "$site" != "$build/tcp/www" ]; then
    mkdir -p "$site/cgi-bin"
    cp "$build/tcp/www/cgi-bin/ipc" "$build/tcp/www/cgi-bin/run" \
        "$build/tcp/www/cgi-bin/trace" "$site/cgi-bin"
fi

echo "$site: $(find "$site" -name '*.html' | wc -l) pages; live:"
echo "$shown" | tr -d '\n' | tr ',' '\n' | sed 's/^ */    /'
echo
trap : INT TERM # the server ends by it, and this script after it
"$build/tcp/httpd" --timeout 30 127.0.0.1 "${PORT:-0}" "$site"
status=$?
rm -rf "$build/live"
[ $status -gt 128 ] || exit $status
