# common/bench/tables.awk -- figures.tsv and ratios.tsv as tables and bars.
#
#     awk -f common/bench/tables.awk figures.tsv ratios.tsv     all of it
#     awk -v block="BLOCK" -f common/bench/tables.awk figures.tsv
#                                        one of those that the notes quote:
#         table FOLDER CORES SIZE WAY[, SIZE WAY]...     these lines of a table
#         bars CORES                                     the bars
#         choose                                         one line a mechanism

BEGIN {
    FS = "\t"
    WIDE = 0.15 # a spread above that is a figure to doubt
}
FNR == 1 { file++ }
/^#/ || $1 == "folder" { next }
file == 1 {
    i = ++all
    folder[i] = $1; way[i] = $2; size[i] = $3; cores[i] = $4
    for (k = 5; k <= NF; k++)
        value[i, k] = $k
    number[$1, $2, $3, $4] = i
}
file == 2 { ratio[++ratio_count] = $0 }

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

function baseline(name, way, n,    i) {
    i = number[name, way, "-", n]
    return short(value[i, 5], value[i, 8])
}
function heading(name, n) {
    printf "%s, %s: a switch takes %sus, an empty call %sus%s\n", name, on(n),
        baseline(name, "(switch)", n), baseline(name, "(call)", "-"),
        n == 2 && (name, "(line)", "-", n) in number ? ", a line " \
            baseline(name, "(line)", n) "us" : ""
    printf "%6s %-10s %7s%7s%7s%4s%6s %8s%8s%4s%5s%5s\n", "bytes", "way",
        "p50 ", "p99 ", "p99.9 ", "+-%", "swit.", "1000/s ", "MB/s ", "+-%",
        "copy", "lost"
}
function line(i,    p50, times, share, lost) {
    p50 = value[i, 5]
    times = value[i, 9]
    share = value[i, 13]
    lost = value[i, 14]
    printf "%6s %-10s %7s%7s%7s%4s%6s %8s%8s%4s%5s%5s\n", bytes(size[i]),
        way[i], short(p50, value[i, 8]), short(value[i, 6], "-"),
        short(value[i, 7], "-"), percent(value[i, 8]), times == "-" ? "-" \
            : sprintf(times > 999 ? "%.0f" : "%.1f", times),
        short(value[i, 10], value[i, 12]), short(value[i, 11], value[i, 12]),
        percent(value[i, 12]), share == "-" ? "-" : sprintf("%.2f", share),
        lost == "-" ? "-" : sprintf("%.0f%%", lost)
}
# Those lines of a table that are listed, or all of it.
function table(name, n, list,    i, k, count, wanted, w) {
    heading(name, n)
    count = split(list, wanted, /, */)
    for (k = 1; k <= count; k++) {
        split(wanted[k], w, " ")
        line(number[name, w[2], w[1], n])
    }
    for (i = 1; count == 0 && i <= all; i++)
        if (folder[i] == name && cores[i] == n && way[i] !~ /^\(/)
            line(i)
}

function ratios(    i, w) {
    printf "\nratios, one way:%27s%16s\n%s\n", "median", "spread",
        "      bytes  cores"
    for (i = 1; i <= ratio_count; i++) {
        split(ratio[i], w, FS)
        printf "%-5s %6s  %-5s  %10s / %-10s %7s%4s %%  %s\n", w[1],
            bytes(w[2]), w[3] == 1 ? "one" : "two", w[4], w[5],
            short(w[6], w[7]), percent(w[7]), w[8] == "" ? "" \
                : "wanted " w[8] (w[6] + 0 < w[8] + 0 ? ": missed" : "")
    }
}

# Bars, on a logarithmic scale: four columns for each doubling.
function bar(x, least,    n, text) {
    n = int(3 * log(x / least) / log(2) + 1)
    for (text = ""; n > 0 && length(text) < 46; n--)
        text = text "#"
    return text
}
function bars(title, column, wanted, n,    i, x, least) {
    least = 0
    for (i = 1; i <= all; i++) {
        x = value[i, column]
        if (plotted(i, wanted, n) && x != "-" && x > 0 &&
            (least == 0 || x < least))
            least = x
    }
    if (least == 0)
        return
    printf "%s%s, %s\n", blank, title, on(n)
    blank = "\n"
    for (i = 1; i <= all; i++) {
        x = value[i, column]
        if (plotted(i, wanted, n) && x != "-" && x > 0)
            printf "%-4s %-9s %6s %8s %s\n", folder[i], way[i],
                bytes(size[i]), short(x, value[i, column == 5 ? 8 : 12]), bar(x, least)
    }
}
function plotted(i, wanted, n) {
    return cores[i] == n && way[i] !~ /^(\(|bare|lock|parts|nodelay)/ &&
        (size[i] == wanted || (size[i] == "-" && wanted == 64))
}

function all_bars(n) {
    bars("64 bytes there and back, us (less is better)", 5, 64, n)
    bars("64 bytes one way, 1000 a second (more is better)", 10, 64, n)
    bars("64 KiB at a time one way, MB/s (more is better)", 11, 65536, n)
}

# What each mechanism costs, as its simplest lesson uses it.
function cell(what, n, column,    i) {
    if (!((what SUBSEP n) in number))
        return "- "
    i = number[what, n]
    return short(value[i, column], value[i, column == 5 ? 8 : 12])
}
function choose(    k, count, list, w, few, many, text) {
    print "                there and back, us          one way, one core"
    print "               one core  two cores   64 bytes, 1000/s   64 KiB, MB/s"
    count = split("pipe write,fifo write,tcp local,udp local,msg msgsnd," \
        "msg posix,sem semop,sem sem_t,sem eventfd,shm semop,shm sem_t," \
        "shm memfd,shm ring,shm futex,udp sendto,tcp write", list, ",")
    for (k = 1; k <= count; k++) {
        split(list[k], w, " ")
        few = w[1] SUBSEP w[2] SUBSEP (w[1] == "sem" ? "-" : 64)
        many = w[1] SUBSEP w[2] SUBSEP 65536
        text = sprintf("%-5s%-9s%9s%11s%19s%15s", w[1], w[2],
            cell(few, 1, 5), cell(few, 2, 5), cell(few, 1, 10),
            cell(many, 1, 11))
        sub(/ +$/, "", text)
        print text
    }
}

END {
    if (split(block, part, " ") > 0) {
        if (part[1] == "table") {
            sub(/^table [^ ]+ [^ ]+ */, "", block)
            table(part[2], part[3], block)
        } else if (part[1] == "bars") {
            all_bars(part[2])
        } else {
            choose()
        }
        exit
    }
    for (i = 1; i <= all; i++)
        if (way[i] !~ /^\(/ && !((folder[i], cores[i]) in shown)) {
            shown[folder[i], cores[i]] = 1
            print ""
            table(folder[i], cores[i] + 0, "")
        }
    ratios()
    blank = "\n"
    for (n = 0; n <= 2; n++)
        all_bars(n)
    print "\n?: the middle half of the rounds lies more than 15 % apart: doubt " \
        "it."
    print "swit.: context switches, by a futex handed over; there and back takes two."
    print "a line: that a cache line takes from one core to the other."
    print "one way, on one core: by the processor time of both ends."
    print "copy: as a share of what memcpy does with messages of that size."
}
