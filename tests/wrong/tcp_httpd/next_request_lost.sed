# one connection, a thousand requests
# What has arrived behind a request is the beginning of the next one
s/c->end -= c->start;/c->end = 0;/
