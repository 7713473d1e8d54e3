# common/bench/bench.awk -- the output of all rounds of all benches, as figures.
#
# In:  folder round way size cores p50 p99 p99.9 thousands MB/s lost
# Out: the files figures.tsv and ratios.tsv in `out`: medians of the rounds.
#      tables.awk prints them.

BEGIN {
    OFS = "\t"
}

{
    what = $1 SUBSEP $3 SUBSEP $4 SUBSEP $5
    if (!(what in seen)) {
        seen[what] = ++all
        folder[all] = $1; way[all] = $3; size[all] = $4; cores[all] = $5
    }
    for (i = 6; i <= 11; i++)
        value[what, i - 5, $2] = $i
    if ($2 > rounds)
        rounds = $2
    if (!($1 in has)) {
        has[$1] = 1
        folders[++folder_count] = $1
    }
}

# The rounds' values of one column, sorted into v; how many.
function sorted(what, column,    r, i, n, x) {
    n = 0
    for (r = 1; r <= rounds; r++) {
        x = value[what, column, r]
        if (x == "-" || x == "")
            return 0
        for (i = n++; i > 0 && v[i] > x + 0; i--)
            v[i + 1] = v[i]
        v[i + 1] = x + 0
    }
    return n
}
function rank(n, percent,    r) {
    r = int((n * percent + 99) / 100)
    return v[r < 1 ? 1 : r]
}
# The median of what was sorted last, or "-"; sets `apart`, its spread.
function median(n) {
    apart = "-"
    if (n == 0)
        return "-"
    apart = rank(n, 50) == 0 ? 0 : (rank(n, 75) - rank(n, 25)) / rank(n, 50)
    return rank(n, 50)
}
function middle(what, column) {
    return median(sorted(what, column))
}

# A line of figures.tsv.
function figure(i,    what, copy, p50, p99, p999, rate, mb, lost, switch_us,
    trip_apart, rate_apart, times, share) {
    what = folder[i] SUBSEP way[i] SUBSEP size[i] SUBSEP cores[i]
    switch_us = middle(folder[i] SUBSEP "(switch)" SUBSEP "-" SUBSEP cores[i],
        1)
    copy = middle(folder[i] SUBSEP "(copy)" SUBSEP size[i] SUBSEP "-", 5)
    p999 = middle(what, 3)
    p99 = middle(what, 2)
    p50 = middle(what, 1)
    trip_apart = apart
    lost = middle(what, 6)
    mb = middle(what, 5)
    rate = middle(what, 4)
    rate_apart = apart
    times = p50 == "-" || switch_us == "-" ? "-" : p50 / switch_us / 2
    share = mb == "-" || copy == "-" || copy == 0 ? "-" : mb / copy
    print folder[i], way[i], size[i], cores[i], digits(p50), digits(p99),
        digits(p999), digits(trip_apart), digits(times), digits(rate),
        digits(mb), digits(rate_apart), digits(share), digits(lost) \
        >(out "/figures.tsv")
}
function digits(x) {
    return x == "-" ? x : sprintf(x >= 1000 ? "%.0f" : "%.4g", x)
}

# ratio FOLDER SIZE CORES COLUMN WAY OTHER WANTED: of the same round, so that
# what disturbed one has disturbed the other.
function ratio(name, bytes_, n, column, a, b, wanted,    r, i, k, x, one,
    two) {
    one = name SUBSEP a SUBSEP bytes_ SUBSEP n
    two = name SUBSEP b SUBSEP bytes_ SUBSEP n
    if (!(one in seen) || !(two in seen))
        return
    k = 0
    for (r = 1; r <= rounds; r++) {
        if (value[two, column, r] + 0 == 0)
            return
        x = value[one, column, r] / value[two, column, r]
        for (i = k++; i > 0 && v[i] > x; i--)
            v[i + 1] = v[i]
        v[i + 1] = x
    }
    x = median(k)
    print name, bytes_, n, a, b, digits(x), digits(apart), wanted \
        >(out "/ratios.tsv")
}

function ratios(    line, w) {
    while ((getline line <"common/bench/bench_ratios") > 0) {
        if (line ~ /^#/ || split(line, w, " ") < 6)
            continue
        ratio(w[1], w[2], w[3], 4, w[4], w[5], w[6] == "-" ? "" : w[6])
    }
}

END {
    print "folder", "way", "size", "cores", "p50", "p99", "p99.9",
        "p50_spread", "switches", "rate", "MB/s", "rate_spread", "of_copy",
        "lost" >(out "/figures.tsv")
    print "folder", "size", "cores", "way", "beside", "ratio", "spread",
        "wanted" >(out "/ratios.tsv")
    for (i = 1; i <= all; i++)
        figure(i)
    ratios()
}
