# a process is killed while it holds the lock
# which is dead, had it
s/, SEM_UNDO};/, 0};/
