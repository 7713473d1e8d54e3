# twenty thousand readings, more than the ring holds
# the sender waits for ever when it has gone around once
s/semop(set, give, 3)/semop(set, give, 2)/
