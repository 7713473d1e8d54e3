# the parent waits for its child | three readings arrive | no reading at all | wrong arguments: usage, and status 2 | more than the pipe holds | each process has closed the end that it does not use
# takes its end for the end of all
s/^    if (waitpid(child, &status, 0) == -1)/    status = 0;\n    if (false)/
