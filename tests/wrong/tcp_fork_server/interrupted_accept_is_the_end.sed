# a child that ends interrupts accept, but not the server
# accept fails with EINTR whenever a child ends
s/if (connection == -1 && accept_again())/if (false)/
