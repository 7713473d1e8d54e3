# who waits for a fork holds none
# One after the other
s/if (semtimedop(set, take, 3, &limit) == 0)/if (semtimedop(set, take + (seat == 4), 1, \&limit) == 0 \&\& semtimedop(set, take + (seat != 4), 1, \&limit) == 0 \&\& (semtimedop(set, take + 2, 1, \&limit) == 0 || (semop(set, give_back, 2), errno = EAGAIN, 0)))/
