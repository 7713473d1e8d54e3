# common/bench/bench.gnuplot -- what make bench has measured, as two pictures.
#
#     gnuplot -e "folder='build/bench'" common/bench/bench.gnuplot

set datafile separator "\t"
set terminal svg size 960,480 font "sans,11" background "white"
set logscale xy
set format x "%.0s %cB"
set xtics ("64" 64, "1 Ki" 1024, "4 Ki" 4096, "64 Ki" 65536, "1 Mi" 1048576)
set xlabel "bytes in a message"
set grid
set key left top font ",9"
figures = folder."/figures.tsv"

# One line for a way of a folder; what was not measured is not there.
select(way, cores, column) = sprintf( \
    "< awk -F'\t' '$1 \" \" $2 == \"%s\" && $4 == %d && $%d > 0" \
    ." && $3 > 0 {print $3 \"\t\" $%d}' %s", \
    way, cores, column, column, figures)
# The lesson's way and the expert's, of each folder.
ways = "pipe_write pipe_vmsplice fifo_write msg_msgsnd msg_full" \
    ." shm_semop shm_futex udp_sendto udp_gso tcp_write tcp_sendfile"
spaced(i) = system("echo ".word(ways, i)." | tr _ ' '")
there(i, cores, column) = system(sprintf("awk -F'\t' '$1 \" \" $2 == \"%s\"" \
    ." && $4 == %d && $%d > 0 {n++} END {print n + 0}' %s", \
    spaced(i), cores, column, figures)) > 0

set output folder."/latency.svg"
set multiplot layout 1,2 title "There and back, median"
set ylabel "microseconds"
do for [cores = 1:2] {
    set title (cores == 1 ? "both ends on one core" : "on two cores")
    plot for [i = 1:words(ways)] select(spaced(i), cores, 5) using 1:2 \
        with linespoints lc i title (there(i, cores, 5) ? spaced(i) : "") \
        noenhanced
}
unset multiplot

set key right bottom
set output folder."/throughput.svg"
set multiplot layout 1,2 title "One way"
set ylabel "MB/s"
do for [cores = 1:2] {
    set title (cores == 1 ? "both ends on one core" : "on two cores")
    plot for [i = 1:words(ways)] select(spaced(i), cores, 11) using 1:2 \
        with linespoints lc i title (there(i, cores, 11) ? spaced(i) : "") \
        noenhanced
}
unset multiplot
