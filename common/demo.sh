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

# For the cards' 127.0.0.1 a loopback address that no other lesson uses at this
# moment: a port is then as free as the cards assume. A broadcast or a multicast
# address is everybody's; for those, ports of our own as well.
here=
port=$((10000 + $$ % 11000 * 2))

# From what the cards say to what is run here, and back.
ours() {
    sed "s/127\.0\.0\.1/$here/g
        s/\([ :]\)9400/\1$port/g; s/\([ :]\)9401/\1$((port + 1))/g" "$@"
}
theirs() {
    sed "s/$here/127.0.0.1/g
        s/\([ :]\)$port/\19400/g; s/\([ :]\)$((port + 1))/\19401/g" "$@"
}

# run SOURCE: all terminals of its card; then compare what they printed.
run() {
    card_commands "$1" | ours >"$folder/commands"
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
        theirs "$folder/$terminal" >"$folder/printed"
        card_holds "$(card_of "$command")" "$folder/printed" || return 1
    done <"$folder/commands"
}

for source in $(card_sources "$@"); do
    printf '\n%s%s: %s%s\n' \
        "$bold" "${source%.c}" "$(card_title "$source")" "$plain"
    ran=$((ran + 1))
    here=127.$((1 + ran % 250)).$(($$ / 256 % 256)).$(($$ % 256))
    run "$source" || failed=$((failed + 1))
done

printf '\n%d lessons, %d failed\n' "$ran" "$failed"
if [ "$ran" -eq 0 ]; then
    echo "no such lesson: $*" >&2
fi
[ "$ran" -gt 0 ] && [ "$failed" -eq 0 ]
