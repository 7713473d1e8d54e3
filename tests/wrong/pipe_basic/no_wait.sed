# the parent waits for its child
# What started the parent takes its end
s/^    if (waitpid(child, &status, 0) == -1)/    status = 0;\n    if (false)/
