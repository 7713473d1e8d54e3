# fifty clients: each its own mean, and no descriptor more
# only close(2) gives the descriptor back
s/if (!leave_open)$/if (false)/
s/_exit(!serve(connection));/serve(connection), shutdown(connection, SHUT_RDWR), _exit(0);/
