# one connection, a thousand requests
# A connection of HTTP/1.1 stays
s/while (serve_one(c) && c->keep_alive)/while (serve_one(c) \&\& false)/
