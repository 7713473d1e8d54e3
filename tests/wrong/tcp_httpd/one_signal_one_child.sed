# clients that go away, and three hundred that come
# one SIGCHLD may stand for several
s/while ((child = waitpid(-1, &outcome, WNOHANG)) > 0) {/for (int once = 1; once-- \&\& (child = waitpid(-1, \&outcome, WNOHANG)) > 0;) {/
