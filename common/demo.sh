#!/bin/sh
# common/demo.sh [LESSON|FOLDER]... -- run lessons as their cards say.
#
# Shows what each terminal prints; status 1 if a lesson did something else than
# its card promises.
set -u
. common/card.sh

build=${BUILD:-build}
failed=0
ran=0
bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR-}" ]; then
    bold=$(printf '\033[1m') plain=$(printf '\033[0m')
fi
folder=$(card_folder "$build") || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A loopback address that no other demo uses at this moment, for the cards'
# 127.0.0.1: a port is then as free as the cards assume.
here=127.$(($$ / 65536 % 256)).$(($$ / 256 % 256)).$(($$ % 256))

# run SOURCE: all terminals of its card; then compare what they printed.
run() {
    card_commands "$1" | sed "s/127\.0\.0\.1/$here/g" >"$folder/commands"
    set -- "$1" --save "$folder"
    while read -r command; do
        set -- "$@" "$command"
    done <"$folder/commands"

    source=$1
    shift
    (cd "$folder" && exec build/common/terminals "$@") || return 1

    terminal=0
    while read -r command _; do
        terminal=$((terminal + 1))
        sed "s/$here/127.0.0.1/g" "$folder/$terminal" >"$folder/printed"
        card_holds "$(card_of "$command")" "$folder/printed" || return 1
    done <"$folder/commands"
}

for source in $(card_sources "$@"); do
    printf '\n%s%s: %s%s\n' \
        "$bold" "${source%.c}" "$(card_title "$source")" "$plain"
    ran=$((ran + 1))
    run "$source" || failed=$((failed + 1))
done

printf '\n%d lessons, %d failed\n' "$ran" "$failed"
if [ "$ran" -eq 0 ]; then
    echo "no such lesson: $*" >&2
fi
[ "$ran" -gt 0 ] && [ "$failed" -eq 0 ]
