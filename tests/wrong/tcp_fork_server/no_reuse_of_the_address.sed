# a child that serves does not keep the port
# unless SO_REUSEADDR was set before
s/^    if (listener == -1)/    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, \&(int){0}, sizeof(int));\n&/
