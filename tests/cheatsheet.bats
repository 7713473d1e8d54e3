#!/usr/bin/env bats
# tests/cheatsheet.bats -- what common/cheatsheet.md names is where it says.
#
# Its commands run as those of all notes do: sh tests/one.sh.

load helpers.bash

sheet=$root/common/cheatsheet.md

# rows HEADING: the rows of the table below it, without those of its head.
rows() {
    awk -v heading="## $1" '
        /^## / { on = $0 == heading }
        on && /^\|/ && ++n > 2' "$sheet"
}

# linked ROW: the file that its first link names.
linked() {
    echo "$root/common/$(grep -o ']([^)]*)' <<<"$1" | head -n 1 | tr -d '()]')"
}

@test "each error of the cheat sheet is in the lesson that it names" {
    local row error file message
    while read -r row; do
        error=$(cut -d' ' -f2 <<<"$row")
        error=${error%,}
        file=$(linked "$row")
        message=$(perl -MErrno -e '$! = Errno->can(shift)->(); print $!' \
            "$error" 2>/dev/null || echo "$error")
        grep -qsE "$error|$message" "$file" "${file%/*}"/{README,answers}.md ||
            echo "$file: no $error, $message"
    done < <(rows Errors) >missing
    run -0 cat missing
    [ -z "$output" ]
    [ "$(rows Errors | wc -l)" -ge 20 ]
}

@test "each error of the cheat sheet is in the manual of a call that it names" {
    man -w msgop >/dev/null 2>&1 ||
        skip "man pages would run it: manpages-dev, man-db"
    local row error
    while read -r row; do
        error=$(cut -d' ' -f2 <<<"$row" | tr -d ,)
        cut -d'|' -f3 <<<"$row" | grep -oE '[a-z_0-9]+' |
            xargs man -S 2,3,7 -P cat 2>/dev/null | grep -q "$error" ||
            echo "$error"
    done < <(rows Errors) >missing
    # These two stand in mmap(2), and in pthread_mutexattr_setrobust(3).
    run grep -vxE 'SIGBUS|EOWNERDEAD' missing
    [ -z "$output" ]
}

@test "each call of the cheat sheet is in a program of its folder" {
    local row call folder
    while read -r row; do
        [[ $row != *README* && $row != *.c\)* ]] || folder=$(linked "$row")
        for call in $(grep -oE '`[a-z_0-9]+' <<<"$row" | tr -d '`'); do
            grep -qsrw "$call" --include='*.[ch]' "${folder%/*}" \
                "$root/common" || echo "${folder%/*}: no $call"
        done
    done < <(rows 'Create, use, remove') >missing
    run -0 cat missing
    [ -z "$output" ]
}

@test "each limit of the cheat sheet is where it says" {
    # "/proc/sys/kernel/msgmax, msgmnb" is two files of one folder.
    rows Limits | grep -oE '/proc/sys/[a-z0-9_/-]+(, [a-z]+)*' |
        while read -r first others; do
            first=${first%,}
            ls -d "$first" >>found || echo "$first" >>missing
            for other in ${others//,/}; do
                ls -d "${first%/*}/$other" >>found || echo "$other" >>missing
            done
        done
    [ ! -e missing ]
    [ "$(wc -l <found)" -ge 9 ]
}
