# a child that ends interrupts accept, but not the server
# a handler that waits
s/waitpid(-1, NULL, WNOHANG)/waitpid(-1, NULL, 0)/
