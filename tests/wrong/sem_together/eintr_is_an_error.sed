# stopped and continued
# not an error: call it again
s/} else if (errno != EINTR) {/} else {/
