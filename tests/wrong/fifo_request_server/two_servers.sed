# there is one server, and a killed one is replaced
# A lock on the FIFO
s/bool locked = flock(in, LOCK_EX | LOCK_NB) == 0;.*/bool locked = true;/
