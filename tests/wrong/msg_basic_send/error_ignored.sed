# the queue is removed while it waits
# Not all was sent
s/sizeof msg.wire, 0) == -1)/sizeof msg.wire, 0) == -1 \&\& errno != EIDRM \&\& errno != EINVAL)/
