# while another process has the lock, nobody adds
# it is 1 at first
s/struct sembuf initialise = {LOCK, +1, 0}/struct sembuf initialise = {LOCK, +2, 0}/
