# three readings arrive
# read in host byte order
s/^        if (n >= 0)/        msg.wire.seq = ntohl(msg.wire.seq);\n&/
