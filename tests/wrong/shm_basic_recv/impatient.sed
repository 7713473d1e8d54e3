# a sender that begins late, and is slow, is waited for
# a slow sender from a dead one by the clock
s/exited = !segment_peer_attached.*/exited = true ||/
