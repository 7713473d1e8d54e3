# one connection, a thousand requests
# The body belongs to its request, also where it is of no use
s/if (c->keep_alive && !upload_discard(c))/if (false)/
