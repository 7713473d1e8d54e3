# garbage, a stream cut off, a reset: each ends its own client alone
# is the fault of one client
s/    int error = errno;/    int error = errno, outcome;/
s/while (waitpid(-1, NULL, WNOHANG) > 0)/while (waitpid(-1, \&outcome, WNOHANG) > 0 \&\& (outcome == 0 || (_exit(1), true)))/
