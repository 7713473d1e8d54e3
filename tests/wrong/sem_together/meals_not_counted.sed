# five philosophers eat 10000 times
# 10000 meals in all
s/{MEALS, -1, IPC_NOWAIT}/{MEALS, 0, IPC_NOWAIT}/;s/^        if (semtimedop/        if (eaten == 1500) { errno = EAGAIN; break; }\n&/;s/{MEALS, 0, IPC_NOWAIT}/{MEALS, 0, 0}/;s/semtimedop(set, take, 3,/semtimedop(set, take, 2,/;s/semctl(set, MEALS, GETVAL) == 0/true/
