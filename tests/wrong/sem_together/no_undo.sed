# a philosopher is killed while it eats
# the forks of a dead process
s/{left, -1, SEM_UNDO}, {right, -1, SEM_UNDO}/{left, -1, 0}, {right, -1, 0}/;s/{{left, +1, SEM_UNDO}, {right, +1, SEM_UNDO}}/{{left, +1, 0}, {right, +1, 0}}/
