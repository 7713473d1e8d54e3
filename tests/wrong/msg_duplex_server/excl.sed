# the queue of a killed server is taken over
# IPC_CREAT without IPC_EXCL
s/IPC_CREAT | 0600/IPC_CREAT | IPC_EXCL | 0600/
