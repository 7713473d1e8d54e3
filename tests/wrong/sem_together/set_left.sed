# five philosophers eat 10000 times
# the set is removed
s/^    own_set(set);.*/    unblock_termination();/;s/if (semctl(set, 0, IPC_RMID) == -1)/if (false)/
