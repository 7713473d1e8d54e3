#!/bin/sh
# tests/lint.sh -- what can be said about the sources without running them.
#
# Well-known tools first, then the rules of this project (tests/rules.sh). Goes
# on to the end and says everything; status 1 if there was anything.
set -u

found=0
sources=$(git ls-files '*.c')
headers=$(git ls-files '*.h')
scripts=$(git ls-files '*.sh' '*.bash' '*.bats' .ci/run)
notes=$(git ls-files '*.md')

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

check sh tests/rules.sh
if [ $found -eq 0 ]; then
    echo "lint: nothing to say"
fi
exit $found
