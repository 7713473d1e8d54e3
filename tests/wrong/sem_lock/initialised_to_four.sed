# while another process has the lock, nobody adds
# guards nothing by itself
s/struct sembuf initialise = {LOCK, +1, 0}/struct sembuf initialise = {LOCK, +4, 0}/
