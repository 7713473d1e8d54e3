# the request, byte by byte
# ended with status
s/^    t->received += t->m.count;//
