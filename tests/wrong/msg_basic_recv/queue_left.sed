# no reading at all, and nothing is left in the kernel
# the queue is removed
/^    if (msgctl(queue, IPC_RMID, NULL) == -1)/,/^        err/d
s/on_termination(remove_queue);/unblock_termination();/
