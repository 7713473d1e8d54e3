#!/bin/sh
# common/bench/quote.sh [--check] -- put the figures into the notes.
#
# In notes, `<!-- bench: BLOCK -->` stands in front of a block that tables.awk
# prints from common/bench/figures.tsv. So a figure is written down once. With
# --check nothing is written: one line for each of the notes that is not as it
# would be, and status 1.
set -u
figures=common/bench/figures.tsv
status=0
new=$(mktemp) || exit 1
trap 'rm -f "$new"' EXIT

for notes in *.md */*.md; do
    grep -q '^<!-- bench: ' "$notes" || continue
    awk -v figures="$figures" '
        quoted && /^```$/ { quoted = 0 }
        !quoted { print }
        /^<!-- bench: / {
            sub(/^<!-- bench: /, "")
            sub(/ -->$/, "")
            block = $0
        }
        /^```text$/ && block != "" {
            quoted = 1
            print_block = "awk -v block=\"" block \
                "\" -f common/bench/tables.awk " figures
            while ((print_block | getline line) > 0)
                print line
            close(print_block)
            block = ""
        }' "$notes" >"$new"
    cmp -s "$new" "$notes" && continue
    if [ "${1-}" = --check ]; then
        echo "$notes: other figures than in $figures: sh common/bench/quote.sh"
        status=1
    else
        cat "$new" >"$notes"
        echo "notes: $notes"
    fi
done
exit $status
