# without a receiver it says so, and makes no queue
# msgget without IPC_CREAT
s/msgget(key, 0)/msgget(key, IPC_CREAT | 0600)/
