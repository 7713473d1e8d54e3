# no reading at all, and nothing is left in the kernel
# A set belongs to no process
s/ || semctl(set, 0, IPC_RMID) == -1)/)/
/^static void remove_both/,/^}/{/semctl/d}
