# a client that ends while it is answered
# ends a process that neither ignores
s/^        signal(SIGPIPE, SIG_IGN);.*/        (void)guard;/
