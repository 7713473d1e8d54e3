# the stream comes byte by byte
# recv returns what has arrived
s/recv(connection, message, length, MSG_WAITALL)/recv(connection, message, length, 0)/
