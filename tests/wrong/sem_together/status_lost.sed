# a philosopher is killed while it eats
# ended with status 1
s/ok &= child_succeeded/child_succeeded/
