#!/bin/sh
# common/book/book.sh [--live] [--pdf] [--trace] FOLDER -- the book: make book.
#
# Pages of plain files, for a browser, in FOLDER; an old FOLDER is replaced once
# the new one is complete. --live: with what only a server has. --pdf: to be
# printed as well, linux-ipc.pdf and linux-ipc-zh.pdf beside the pages. --trace:
# trace each lesson before; without it, a page has the trace that is there.
set -u

live=
pdf=
trace=
while [ $# -gt 1 ]; do
    case $1 in
    --live) live=--live ;;
    --pdf) pdf=--pdf ;;
    --trace) trace=yes ;;
    *) break ;;
    esac
    shift
done
if [ $# -ne 1 ]; then
    echo "usage: book.sh [--live] [--pdf] [--trace] FOLDER" >&2
    exit 2
fi
for tool in cmark-gfm highlight perl; do
    command -v $tool >/dev/null && continue
    echo "make book needs $tool: sh common/setup.sh --all installs it" >&2
    exit 1
done

book=$1
new=$book.new.$$
trap 'rm -rf "$new" "$new.tmp"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir -p "$(dirname "$book")"

if [ -n "$trace" ]; then
    . common/card.sh
    for source in $(card_sources); do
        SVG=1 sh common/trace/lesson.sh "$(card_lesson "$source")" >/dev/null
    done
fi
start=$(date +%s)
perl common/book/book.pl $live $pdf "$new" || exit 1
if [ -n "$pdf" ]; then
    perl common/book/pdf.pl "$new" || exit 1
fi
rm -rf "$book"
mv "$new" "$book" || exit 1
echo "$book/index.html: $(find "$book" -name '*.html' | wc -l) pages," \
    "$(du -sh "$book" | cut -f 1), in $(($(date +%s) - start)) s"
