#!/bin/sh
# tests/lint.sh -- what can be said about the sources without running them.
#
# Well-known tools first, then the rules of this project. Goes on to the end and
# says everything; status 1 if there was anything.
set -u

found=0
sources=$(git ls-files '*.c')
headers=$(git ls-files '*.h')
scripts=$(git ls-files '*.sh' '*.bash' '*.bats' .ci/run)
notes=$(git ls-files '*.md')
folders='pipe fifo msg sem shm udp tcp'

# check COMMAND...: one that prints or fails has found something.
check() {
    if ! output=$("$@" 2>&1) || [ -n "$output" ]; then
        echo "$output"
        found=1
    fi
}

for tool in clang-format clang-tidy cppcheck shellcheck codespell; do
    command -v $tool >/dev/null && continue
    echo "make lint needs $tool: please install the package of that name" >&2
    exit 1
done

# Its count of warnings in other people's headers is not for us. Looking at a
# tenth as many paths as it would by itself takes a fifth of the time.
tidy() {
    x=--extra-arg=-Xclang
    echo "$sources" | xargs -P "$(nproc)" -n 4 sh -c \
        'clang-tidy --quiet "$@" -- -std=gnu11 2>/dev/null' sh \
        "$x" --extra-arg=-analyzer-config "$x" --extra-arg=max-nodes=20000
}

# shellcheck disable=SC2086 # lists of words
{
    check clang-format --dry-run -Werror $sources $headers
    check cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr \
        --enable=warning,style,performance,portability \
        --suppress=missingIncludeSystem -j "$(nproc)" $sources
    check tidy
    check shellcheck -x $scripts
    check codespell $sources $headers $scripts $notes Makefile
}

# complain LINE: one more thing that was found.
complain() {
    echo "$1"
    found=1
}

for source in $sources; do
    case $source in tests/* | */*/*) continue ;; esac
    [ "$(sed -n '2s/^ \* \([^ ]*\) -- .*/\1/p' "$source")" = "$source" ] ||
        complain "$source: its card does not open with its own path"
    for field in Shows Run Read; do
        grep -q "^ \* $field: " "$source" ||
            complain "$source: its card has no $field:"
    done
done

for file in $sources $headers $scripts Makefile; do
    long=$(awk 'length($0) > 80 { print FNR }' "$file" | head -n 1)
    [ -z "$long" ] || complain "$file:$long: more than 80 columns"
done

for file in $(git ls-files 'tests/*.bats' 'tests/*.bash'); do
    line=$(grep -nE '(^|[^_[:alnum:]])u?sleep( |\()' "$file" | head -n 1)
    [ -z "$line" ] || complain "$file:$line: waits by the clock"
done

# What both languages must share: the outline, the links, the transcripts.
outline() {
    awk '/^```/ { block = !block } !block && /^#+ / { print $1 }' "$1"
}
links() {
    grep -o '](\([^)]*\))' "$1" |
        sed 's/\.zh\.md/.md/; s|(\.\./|(|; s|common/README|README|' | sort
}
console() {
    awk '/^```console$/ { on = 1; next } /^```/ { on = 0 } on' "$1"
}
for english in $(echo "$notes" | grep -v '\.zh\.md$'); do
    chinese=${english%.md}.zh.md
    [ "$english" != README.md ] || chinese=common/README.zh.md
    if [ ! -f "$chinese" ]; then
        complain "$english: there is no $chinese"
        continue
    fi
    for part in outline links console; do
        [ "$($part "$english")" = "$($part "$chinese")" ] ||
            complain "$chinese: another $part than $english"
    done
done

for file in $notes; do
    line=$(grep -n '^ .*```console' "$file" | head -n 1)
    [ -z "$line" ] || complain "$file:$line: nobody runs what is indented"
done

for folder in $folders; do
    for source in "$folder"/*.c; do
        [ -f "$source" ] || continue
        grep -qsF "](${source#*/})" "$folder/README.md" ||
            complain "$folder/README.md: does not list ${source#*/}"
    done
done

dead_links() {
    for file in $notes; do
        grep -o ']([^):#]*' "$file" | sed 's/^](//' | sort -u |
            while read -r target; do
                [ -z "$target" ] || [ -e "$(dirname "$file")/$target" ] ||
                    echo "$file: there is no $target"
            done
    done
}
check dead_links

if [ $found -eq 0 ]; then
    echo "lint: nothing to say"
fi
exit $found
