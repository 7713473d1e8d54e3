# a command that does not read to the end
# ended by signal SIGPIPE
s/signal(SIGPIPE, SIG_IGN).*/(void)0;/
