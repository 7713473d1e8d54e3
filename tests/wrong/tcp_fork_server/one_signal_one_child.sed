# a child for each client, and no zombies
# one SIGCHLD may stand for several children
s/while (waitpid(-1, NULL, WNOHANG) > 0)/if (waitpid(-1, NULL, WNOHANG) > 0)/
