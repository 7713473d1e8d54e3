# common/bench/bench.awk -- the output of all rounds of all benches, as tables.
#
# In:  folder round way size cores p50 p90 p99 thousands MB/s lost
# Out: tables and bars; and the files figures.tsv and ratios.tsv in `out`.

BEGIN {
    WIDE = 0.15 # a spread above that is a figure to doubt
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

# Three digits, or as many as it takes; and a mark on those to be doubted.
function short(x, doubt,    text) {
    if (x == "-")
        return "- "
    text = sprintf(x >= 100 ? "%.0f" : x >= 10 ? "%.1f" : "%.2f", x)
    return text (doubt != "-" && doubt > WIDE ? "?" : " ")
}
function percent(x) {
    return x == "-" ? "-" : sprintf("%.0f", x > 9.99 ? 999 : 100 * x)
}
function bytes(n) {
    return n == "-" ? "-" : n % 1048576 == 0 ? n / 1048576 " Mi" \
        : n % 1024 == 0 ? n / 1024 " Ki" : n
}
function on(n) {
    return n == 1 ? "both ends on one core" \
        : n == 2 ? "on two cores" : "not pinned"
}

function table(name, n,    i, what, switch_us, copy, p50, p90, p99, rate, mb, lost,
    trip_apart, rate_apart, times, share) {
    switch_us = middle(name SUBSEP "(switch)" SUBSEP "-" SUBSEP n, 1)
    printf "\n%s, %s: a switch takes %sus, an empty call %sus\n", name, on(n),
        short(switch_us, apart),
        short(middle(name SUBSEP "(call)" SUBSEP "-" SUBSEP "-", 1), apart)
    printf "%6s %-10s %7s%7s%7s%4s%6s %8s%8s%4s%5s%5s\n", "bytes", "way",
        "p50 ", "p90 ", "p99 ", "+-%", "swit.", "1000/s ", "MB/s ", "+-%",
        "copy", "lost"
    for (i = 1; i <= all; i++) {
        if (folder[i] != name || cores[i] != n || way[i] ~ /^\(/)
            continue
        what = name SUBSEP way[i] SUBSEP size[i] SUBSEP n
        copy = middle(name SUBSEP "(copy)" SUBSEP size[i] SUBSEP "-", 5)
        p99 = middle(what, 3)
        p90 = middle(what, 2)
        p50 = middle(what, 1)
        trip_apart = apart
        lost = middle(what, 6)
        mb = middle(what, 5)
        rate = middle(what, 4)
        rate_apart = apart
        times = p50 == "-" || switch_us == "-" ? "-" : p50 / switch_us / 2
        share = mb == "-" || copy == "-" || copy == 0 ? "-" : mb / copy
        printf "%6s %-10s %7s%7s%7s%4s%6s %8s%8s%4s%5s%5s\n", bytes(size[i]),
            way[i], short(p50, trip_apart), short(p90, "-"), short(p99, "-"),
            percent(trip_apart), times == "-" ? "-" \
                : sprintf(times > 999 ? "%.0f" : "%.1f", times),
            short(rate, rate_apart), short(mb, rate_apart),
            percent(rate_apart), share == "-" ? "-" : sprintf("%.2f", share),
            lost == "-" ? "-" : sprintf("%.0f%%", lost)
        print name, way[i], size[i], n, p50, p90, p99, trip_apart, times,
            rate, mb, rate_apart, share, lost >(out "/figures.tsv")
    }
}

# ratio FOLDER SIZE CORES COLUMN WAY OTHER WANTED: of the same round, so that
# what disturbed one has disturbed the other.
function ratio(name, bytes_, n, column, a, b, wanted,    r, i, k, x, one,
    two, verdict) {
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
    verdict = ""
    if (wanted != "")
        verdict = "wanted " wanted (x + 0 < wanted + 0 ? ": missed" : "")
    printf "%-5s %6s  %-5s  %10s / %-10s %7s%4s %%  %s\n", name, bytes(bytes_),
        n == 1 ? "one" : "two", a, b, short(x, apart), percent(apart),
        verdict
    print name, bytes_, n, a, b, x, apart, wanted >(out "/ratios.tsv")
}

function ratios(    n) {
    printf "\nratios, one way:%27s%16s\n%s\n", "median", "spread",
        "      bytes  cores"
    while ((getline line <"common/bench/bench_ratios") > 0) {
        if (line ~ /^#/ || split(line, w, " ") < 6)
            continue
        ratio(w[1], w[2], w[3], 4, w[4], w[5], w[6] == "-" ? "" : w[6])
    }
}

# Bars, on a logarithmic scale: four columns for each doubling.
function bar(x, least,    n, text) {
    n = int(3 * log(x / least) / log(2) + 1)
    for (text = ""; n > 0 && length(text) < 46; n--)
        text = text "#"
    return text
}
function bars(title, column, wanted, n,    i, x, what, least, k, m, best) {
    least = 0
    for (i = 1; i <= all; i++) {
        what = folder[i] SUBSEP way[i] SUBSEP size[i] SUBSEP cores[i]
        x = middle(what, column)
        if (plotted(i, wanted, n) && x != "-" && x > 0 &&
            (least == 0 || x < least))
            least = x
    }
    if (least == 0)
        return
    printf "\n%s, %s\n", title, on(n)
    for (i = 1; i <= all; i++) {
        what = folder[i] SUBSEP way[i] SUBSEP size[i] SUBSEP cores[i]
        x = middle(what, column)
        if (plotted(i, wanted, n) && x != "-" && x > 0)
            printf "%-4s %-9s %6s %8s %s\n", folder[i], way[i],
                bytes(size[i]), short(x, apart), bar(x, least)
    }
}
function plotted(i, wanted, n) {
    return cores[i] == n && way[i] !~ /^(\(|bare|lock|parts|nodelay)/ &&
        (size[i] == wanted || (size[i] == "-" && wanted == 64))
}

END {
    print "folder", "way", "size", "cores", "p50", "p90", "p99", "p50_spread",
        "switches", "rate", "MB/s", "rate_spread", "of_copy", "lost" \
        >(out "/figures.tsv")
    print "folder", "size", "cores", "way", "beside", "ratio", "spread",
        "wanted" >(out "/ratios.tsv")
    for (f = 1; f <= folder_count; f++)
        for (n = 0; n <= 2; n++)
            for (i = 1; i <= all; i++)
                if (folder[i] == folders[f] && cores[i] == n &&
                    way[i] !~ /^\(/) {
                    table(folders[f], n)
                    break
                }
    ratios()
    for (n = 0; n <= 2; n++) {
        bars("64 bytes there and back, us (less is better)", 1, 64, n)
        bars("64 bytes one way, 1000 a second (more is better)", 4, 64, n)
        bars("64 KiB at a time one way, MB/s (more is better)", 5, 65536, n)
    }
    print "\n?: the middle half of the " rounds " rounds lies more than 15 % " \
        "apart: doubt it."
    print "swit.: context switches, by a futex handed over; there and back takes two."
    print "one way, on one core: by the processor time of both ends."
    print "copy: as a share of what memcpy does with messages of that size."
}
