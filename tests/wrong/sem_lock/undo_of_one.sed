# while another process has the lock, nobody adds
# are a pair
s/give_back = {LOCK, +1, SEM_UNDO}/give_back = {LOCK, +1, 0}/
