#!/bin/sh
# tests/bench_agree.sh RATIOS RATIOS -- do two runs of make bench agree?
#
# Takes two build/bench/ratios.tsv. Every ratio should be the same within 15 %,
# or have a spread that says that it would not. Status 1 if one does neither.
set -eu
if [ $# -ne 2 ]; then
    echo "usage: bench_agree.sh RATIOS RATIOS" >&2
    exit 2
fi
awk -F '\t' '
    FNR == 1 { file++; next }
    { what = $1 " " $2 " " $3 " " $4 "/" $5 }
    file == 1 { ratio[what] = $6; apart[what] = $7 }
    file == 2 && what in ratio {
        far = $6 > ratio[what] ? $6 / ratio[what] : ratio[what] / $6
        if (far <= 1.15)
            agree++
        else if (apart[what] > 0.15 || $7 > 0.15)
            doubted++
        else {
            printf "%s: %.2f, then %.2f\n", what, ratio[what], $6
            wrong++
        }
    }
    END {
        printf "%d ratios agree within 15 %%, %d were doubtful", agree, doubted
        printf " and differ, %d differ without a warning\n", wrong
        exit wrong > 0 || agree + doubted == 0
    }' "$1" "$2"
