# a process dies with the lock
# SEM_UNDO gives LOCK back, but CONSISTENT stays 0
s/if (bounded_repair.*/if (false)/
