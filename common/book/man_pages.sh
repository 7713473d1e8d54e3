#!/bin/sh
# common/book/man_pages.sh -- write man_pages.txt, from the man pages that are
# installed here: what each function that the sources call does, in a line.
#
# The book has its own list, so that it can be made where no man page is. To be
# run when a source calls something new.
set -u

cat pipe/*.c fifo/*.c msg/*.c sem/*.c shm/*.c udp/*.c tcp/*.c \
    ./*/*/*.[ch] ./*/*.h common/*.c | grep -oE '\<[a-z_][a-z_0-9]+\(' |
    tr -d '(' | sort -u | while read -r name; do
    for section in 2 3 3p; do
        # "pipe (2)             - create pipe"
        if line=$(whatis -l -s $section "$name" 2>/dev/null |
            grep "^$name ($section) "); then
            printf '%s\t%s\t%s\n' "$name" "$section" \
                "$(echo "$line" | sed '1!d; s/^[^-]*- *//')"
            break
        fi
    done
done >common/book/man_pages.txt
