# more than the queue holds: it waits for room
# is lost if EAGAIN
s/sizeof msg.wire, 0) == -1)/sizeof msg.wire, IPC_NOWAIT) == -1 \&\& errno != EAGAIN)/
