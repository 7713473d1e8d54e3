# a sender that begins late is waited for
# The limit is for what follows the first datagram
s/set_recv_timeout_after_first(sock)/set_recv_timeout(sock)/
