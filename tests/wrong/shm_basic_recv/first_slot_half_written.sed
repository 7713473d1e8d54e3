# a sender that is killed is not waited for
# It was killed while it wrote the first reading
s/(has_sent || semctl(set, EMPTY, GETVAL) == 0)/has_sent/
