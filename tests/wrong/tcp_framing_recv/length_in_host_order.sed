# three readings arrive, each with its remark
# in network byte order
s/ntohs(field)/field/
