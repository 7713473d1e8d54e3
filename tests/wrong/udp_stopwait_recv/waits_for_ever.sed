# the sender is killed: status 1, two seconds later
# it sleeps in recvfrom
/set_recv_timeout_after_first/,+1d
