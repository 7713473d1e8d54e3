# the request, byte by byte
# byte by byte
s/&t->m, -FTP_ERROR, t->timeout_s)/\&t->m, 0, t->timeout_s)/
