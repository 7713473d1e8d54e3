# a queue that is full of other messages
# it waits for itself
s/sizeof msg.wire, IPC_NOWAIT/sizeof msg.wire, 0/
