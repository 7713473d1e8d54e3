# a port that is taken: status 1
# With SO_REUSEADDR or SO_REUSEPORT both are bound
s/^    if (bind(/    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, \&(int){1}, sizeof(int));\n&/
