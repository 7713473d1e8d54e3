#!/bin/sh
# common/book/man_pages.sh -- write man_pages.txt, from the man pages that are
# installed here: what each function that the sources call does, in a line.
#
# The book has its own list, so that it can be made where no man page is. To be
# run when a source calls something new.
set -u

names=$(cat [!t]*/*.[ch] tcp/*.[ch] ./*/*/*.[ch] |
    grep -oE '\<[a-z_][a-z_0-9]+\(' | tr -d '(' | sort -u)
# "pipe (2)             - create pipe": the lowest section, but exit, readdir
# and syslog are those of section 3.
# shellcheck disable=SC2086 # a list of words
whatis -l -s 2,3 $names 2>/dev/null |
    sed -n 's/^\([a-z_0-9]*\) (\([23]\)) *- */\1\t\2\t/p' |
    grep -vE "^(exit|readdir|syslog)$(printf '\t')2" | sort |
    awk -F '\t' '!seen[$1]++' >common/book/man_pages.txt
