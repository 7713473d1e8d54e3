# the stream comes byte by byte
# even the two bytes of a length can come one by one
s/recv(connection, &field, sizeof field, MSG_WAITALL)/recv(connection, \&field, sizeof field, 0)/
