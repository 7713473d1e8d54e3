# three readings arrive
# read in host byte order
s/^        more = reading_report/        wire.seq = ntohl(wire.seq);\n&/
