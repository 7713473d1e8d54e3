#!/bin/sh
# common/figures/figures.sh -- draw the state machines: make figures.
#
# dot(1) lays them out; the pictures are kept beside the notes, in English and
# in Chinese, and tests/figures.bats compares them with the tables.
set -eu

if ! command -v dot >/dev/null; then
    echo "make figures needs dot: sh common/setup.sh --all installs it" >&2
    exit 1
fi
new=$(mktemp)
trap 'rm -f "$new"' EXIT

# What dot says is black is the reader's ink; no name leads elsewhere.
style='<style>svg{--ink:#1f2326;--page:#fdfcfa}
@media (prefers-color-scheme:dark){svg{--ink:#d9dad5;--page:#15181b}}
text{fill:var(--ink)} path,polygon{stroke:var(--ink)}
.edge polygon{fill:var(--ink)} .graph>polygon{fill:var(--page);stroke:none}
</style>'

# draw MACHINE LANGUAGE FILE
draw() {
    graph=$("${BUILD:-build}/common/figures" "$1" "$2")
    echo "$graph" | dot -Tsvg |
        STYLE=$style awk '
            /^<svg/ { on = 1; gsub(/pt"/, "\"") }
            /xmlns:xlink/ { sub(/ xmlns:xlink="[^"]*"/, "")
                sub(/>$/, ">" ENVIRON["STYLE"]) }
            on && !/^<!--/' >"$new"
    cat "$new" >"$3"
    echo "$3"
}

for figure in msg/ftp_stm_client msg/ftp_stm_worker udp/tftp_stm \
    udp/ftp_stm_ack_sender udp/ftp_stm_ack_receiver; do
    file=${figure%%/*}/figures/${figure#*/}
    draw "${figure#*/}" en "$file.svg"
    draw "${figure#*/}" zh "$file.zh.svg"
done
