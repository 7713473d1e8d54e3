#!/bin/sh
# tests/rules.sh -- the rules of this project that no common tool knows.
#
# make lint runs it after the tools; alone it takes some seconds. Goes on to the
# end and says everything; status 1 if there was anything.
set -u

found=0
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
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
    long=$(LC_ALL=C.UTF-8 grep -nE -m 1 '.{81}' "$file" | cut -d : -f 1)
    [ -z "$long" ] || complain "$file:$long: more than 80 columns"
done

for file in $(git ls-files 'tests/*.bats' 'tests/*.bash'); do
    line=$(grep -nE '(^|[^_[:alnum:]])u?sleep( |\()' "$file" | head -n 1)
    [ -z "$line" ] || complain "$file:$line: waits by the clock"
done

# What both languages must share: the outline, the links, the transcripts, and
# the arguments that are explained.
outline() {
    awk '/^```/ { block = !block } !block && /^#+ / { print $1 }' "$1"
}
links() {
    here=
    [ "$1" != common/README.zh.md ] || here=common/
    grep -o '](\([^)]*\))' "$1" |
        sed "s/\.zh\.\(md\|svg\)/.\1/; s|(\([^./]\)|($here\1|; s|(\.\./|(|
            s|common/common/|common/|; s|common/README|README|" | sort
}
console() {
    awk '/^```console$/ { on = 1; next } /^```/ { on = 0 } on' "$1"
}
arguments() {
    awk '/^\| (argument|参数) \|/ { on = 1 } !/^\|/ { on = 0 } on' "$1" |
        sed '1d; s/^\(| `[^`]*` |[^|]*\).*/\1/; s/、/, /g'
}
for english in $(echo "$notes" | grep -v '\.zh\.md$'); do
    [ "$english" != common/terms.md ] || continue # is in both languages
    chinese=${english%.md}.zh.md
    [ "$english" != README.md ] || chinese=common/README.zh.md
    if [ ! -f "$chinese" ]; then
        complain "$english: there is no $chinese"
        continue
    fi
    for part in outline links console arguments; do
        [ "$($part "$english")" = "$($part "$chinese")" ] ||
            complain "$chinese: another $part than $english"
    done
done

# Each question of the notes has one answer, which has the name of a lesson.
answers() {
    for folder in $folders; do
        for suffix in .md .zh.md; do
            grep -oh "](answers$suffix#[^)]*)" "$folder"/*"$suffix" |
                sed 's/.*#//; s/)$//' | sort >"$scratch/asked"
            sed -n 's/^## \(.*\) \([0-9]*\)$/\1-\2/p' "$folder/answers$suffix" |
                sort >"$scratch/answered"
            diff "$scratch/asked" "$scratch/answered" |
                sed -n "s|^< |$folder/answers$suffix: has no answer |p
                    s|^> |$folder/answers$suffix: nothing asks for |p"
            sed 's/-[0-9]*$//' "$scratch/answered" | while read -r name; do
                git ls-files "$folder" | grep -q "^$folder/${name}[._/]" ||
                    echo "$folder/answers$suffix: there is no lesson $name"
            done
        done
    done
}
check answers

# What was measured is written down once, in figures.tsv: the notes quote it, in
# blocks, and their text says what follows from it.
check sh common/bench/quote.sh --check
for folder in $folders; do
    for file in $folder/README.md $folder/README.zh.md; do
        check awk '/^```/ { block = !block }
            /^## / { costs = /costs$|性能开销$/ }
            costs && !block && /[0-9] (µs|ns|[MG]B\/s)/ {
                print FILENAME ":" FNR ": a figure outside of a block"
            }' "$file"
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

# A header stands in the lowest folder that holds all who include it. What the
# two programs of a protocol share has a folder of its own: udp/tftp/ is for
# udp/tftp_server/ and udp/tftp_client/. figures/words.h only looks at two
# tables.
homes() {
    git grep '^#include "' -- '*.c' '*.h' ':!tests' \
        ':!common/figures/words.h' | awk -F: '
        {
            path = $1
            sub(/[^\/]*$/, "", path)
            path = path $2
            sub(/#include "/, "", path)
            sub(/".*/, "", path)
            while (sub(/[^\/.][^\/]*\/\.\.\//, "", path)) { }
            users[path] = users[path] " " $1
        }
        END {
            for (header in users) {
                home = header
                sub(/[^\/]*$/, "", home)
                group = home
                sub(/\/$/, "_", group)
                n = split(users[header], user, " ")
                lowest = user[1]
                inside = 1
                for (i = 1; i <= n; i++) {
                    if (index(user[i], home) != 1 && index(user[i], group) != 1)
                        inside = 0
                    while (index(user[i], lowest) != 1)
                        sub(/[^\/]*\/?$/, "", lowest)
                }
                sub(/[^\/]*$/, "", lowest)
                if (!inside && home !~ /^common\//)
                    print header ": is included from outside of its folder"
                else if (length(lowest) > length(home))
                    print header ": only " lowest " includes it"
            }
        }' | sort
}
check homes

# What a card names under Read: in sections 2 and 3 is called there: in that
# file, or in the folder of a larger program. A page with several functions has
# another name than those; so have the calls behind some functions of libc.
other_names='pipe(2)=pipe2? accept(2)=accept4?
    byteorder(3)=[hn]to[hn][sl] endian(3)=htobe64|be64toh
    cmsg(3)=CMSG_FIRSTHDR getopt_long(3)=parse_flags|getopt_long
    semop(2)=semop|semop_within|semtimedop semtimedop(2)=semtimedop
    execve(2)=execv?e?|execlp?|execvp execl(3)=execlp?|execl execlp(3)=execlp
    readv(2)=readv|writev preadv2(2)=p?readv2? pread(2)=pread|pwrite
    wait(2)=wait|waitpid|waitid pthread_mutex_lock(3)=pthread_mutex_lock'
calls() {
    for source in $(git ls-files '*/*.c' ':!tests' ':!tcp/www' \
        ':!*/bench.c'); do
        files=$source
        case $source in
        */*/*.c)
            files="${source%/*}/*.[ch]"
            [ ! -d "${source%_*}" ] || files="$files ${source%_*}/*.[ch]"
            ;;
        esac
        sed -n '/^ \* Read: /,/^ \*\/*$/p' "$source" |
            grep -oE '[a-zA-Z_0-9]+\([23]\)' | sort -u |
            while read -r page; do
                name=${page%(*}
                # shellcheck disable=SC2086 # words of which one may begin so
                for other in $other_names; do
                    [ "${other%%=*}" != "$page" ] || name=${other#*=}
                done
                # shellcheck disable=SC2086 # several files
                for file in $files; do
                    sed '1,/^ \*\/$/d' $file
                done |
                    grep -qE "(^|[^_[:alnum:]])(($name) ?\(|SYS_($name)\>)" ||
                    echo "$source: its card names $page, which it does not call"
            done
    done
}
check calls

# A file that is named, in the notes or in a comment, is there.
named_files() {
    git grep -noE "\\<($(echo "$folders" | tr ' ' '|')|common|tests)/\
[a-z_/0-9]+\.(c|h|sh|md|bats)\\>" \
        -- '*.md' '*.h' '*.c' '*.sh' '*.bash' Makefile |
        while IFS=: read -r file line name; do
            git ls-files --error-unmatch "$name" >/dev/null 2>&1 ||
                git ls-files "*/$name" | grep -q . ||
                echo "$file:$line: there is no $name"
        done
}
check named_files

# A lesson is a page: not the larger programs, nor what measures.
for source in $(git ls-files '*/*.c' ':!*/*/*' ':!*/bench.c' ':!tests' \
    ':!common'); do
    lines=$(wc -l <"$source")
    [ "$lines" -le 150 ] || complain "$source: $lines lines; is it one lesson?"
    main=$(awk '/^int main\(/ { first = NR }
        first && /^}/ { print NR - first + 1; exit }' "$source")
    [ "$main" -le 60 ] || complain "$source: main has $main lines"
    headers=$(grep -c '^#include "' "$source")
    [ "$headers" -le 3 ] ||
        complain "$source: $headers headers of ours to open, and 3 are enough"
    grep -q '^    program_start();' "$source" ||
        complain "$source: does not begin with program_start()"
done

# What is built stays in build/: no file is binary. (grep -I passes those over.)
binaries() {
    git ls-files | while read -r file; do
        [ ! -s "$file" ] || grep -Iq . "$file" || echo "$file: is binary"
    done
}
check binaries

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

# shellcheck disable=SC2086 # several files
check perl tests/notes.pl $notes

exit $found
