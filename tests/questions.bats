#!/usr/bin/env bats
# tests/questions.bats -- the form of common/questions.md, in both languages.
#
# Its commands run as those of all notes do: sh tests/one.sh.

load helpers.bash

# forms FILE: of each question its number, the sentences of its answer, and
# whether a command of the suite follows.
forms() {
    perl -CSD -Mutf8 -ne '
        if (/^### (\d+)\./) {
            print "$n $s $c\n" if $n;
            ($n, $s, $c) = ($1, 0, 0);
        }
        elsif (/^```/) { $code = !$code }
        elsif ($code) { $c = 1 if m{^\$ .*build/} }
        elsif ($n && !/^#/) { $s++ while /[。？]|[.?](?=\s)/g }
        END { print "$n $s $c\n" }' "$root/common/$1"
}

@test "forty questions, each with three sentences and a command that shows it" {
    for n in {1..40}; do
        echo "$n 3 1"
    done >wanted
    forms questions.md | diff - wanted
    forms questions.zh.md | diff - wanted
}
