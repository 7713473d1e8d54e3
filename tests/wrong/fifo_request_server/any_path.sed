# a file or a link in the place of a client's FIFO
# O_NOFOLLOW
s/ ||$/)/;/!fifo_is_ours(path)) {/d;s/requests, r->client))$/requests, r->client)) {/;s/O_WRONLY | O_NONBLOCK | O_NOFOLLOW/O_WRONLY | O_NONBLOCK/
