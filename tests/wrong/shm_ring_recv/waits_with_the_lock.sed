# three readings arrive
# keeps every sender from filling one: a deadlock
s/semtimedop(set, take, 3, &timeout) == -1/semop(set, \&take[1], 2) == -1 || semop(set, take, 1) == -1/
