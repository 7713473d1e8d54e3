# three readings arrive, each with its remark
# came oslo #1 -3.2 C: calm?
s/recv(connection, message, length, MSG_WAITALL)/(poll(NULL, 0, 100), recv(connection, message, sizeof *message, 0))/
