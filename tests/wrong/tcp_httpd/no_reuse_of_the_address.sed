# ^C and TERM leave nothing
# unless SO_REUSEADDR was set before
s/setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);//
