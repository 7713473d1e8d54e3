# three readings arrive, each with its remark
# came skipped 57 bytes
s/= naive ? recv_naively/= true ? recv_naively/
