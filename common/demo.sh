#!/bin/sh
# common/demo.sh [LESSON|FOLDER]... -- run lessons as their cards say.
#
# Shows what each terminal prints; status 1 if a lesson did something else than
# its card promises. STEP=1: waits for Enter before the next one.
set -u
. common/card.sh

build=${BUILD:-build}
failed=
ran=0
bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR-}" ]; then
    bold=$(printf '\033[1m') plain=$(printf '\033[0m')
fi
folder=$(card_folder "$build") || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

here=
port=$((10000 + $$ % 11000 * 2))

# run SOURCE: all terminals of its card; then compare what they printed.
run() {
    card_commands "$1" | card_ours >"$folder/commands"
    set -- "$1" --save "$folder"
    while read -r command; do
        set -- "$@" "$command"
    done <"$folder/commands"

    source=$1
    shift
    if ! (cd "$folder" && exec build/common/terminals "$@"); then
        echo "$source: see above how it ended" >"$folder/differs"
        return 1
    fi
    terminal=0
    while read -r command _; do
        terminal=$((terminal + 1))
        card_theirs "$folder/$terminal" >"$folder/printed"
        card_holds "$(card_of "$command")" "$folder/printed" \
            >"$folder/differs" || return 1
    done <"$folder/commands"
}

sources=$(card_sources "$@")
if [ -z "$sources" ]; then
    echo "no such lesson: $*. Did you mean $(card_nearest "$*")?" >&2
    card_list >&2
    exit 1
fi
for source in $sources; do
    if [ "${STEP-}" ] && [ -t 0 ] && [ $ran -gt 0 ]; then
        printf '\n%sEnter%s for the next lesson ' "$bold" "$plain"
        read -r _ || break
    fi
    printf '\n%s%s: %s%s\n' \
        "$bold" "${source%.c}" "$(card_title "$source")" "$plain"
    ran=$((ran + 1))
    here=127.$((1 + ran % 250)).$(($$ / 256 % 256)).$(($$ % 256))
    if ! run "$source"; then
        failed="$failed $(card_lesson "$source")"
        cat "$folder/differs"
        { echo && cat "$folder/differs"; } >>"$folder/failures"
    fi
done

if [ -z "$failed" ]; then
    printf '\n%d of %d lessons did what their cards say\n' $ran $ran
else
    [ $ran -eq 1 ] || cat "$folder/failures"
    # shellcheck disable=SC2086 # a list of words
    printf '\n%d of %d lessons failed:%s\n' "$(echo $failed | wc -w)" $ran \
        "$failed"
    exit 1
fi
