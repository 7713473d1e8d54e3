# a sender that is killed is not waited for
# A semaphore has no end of file
s/exited = !segment_peer_attached.*/exited = false \&\&/
