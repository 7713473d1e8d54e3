# a script: its variables, and its status
# The script has inherited a socket of the server
s/accept4(server->listener, NULL, NULL, SOCK_CLOEXEC)/accept4(server->listener, NULL, NULL, 0)/
