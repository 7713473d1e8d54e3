# five philosophers eat 10000 times | who waits for a fork holds none
# deadlock
s/if (semtimedop(set, take, 3, &limit) == 0)/if (semtimedop(set, take, 1, \&limit) == 0 \&\& (nanosleep(\&meal, NULL), 1) \&\& semtimedop(set, take + 1, 1, \&limit) == 0 \&\& semtimedop(set, take + 2, 1, \&limit) == 0)/
