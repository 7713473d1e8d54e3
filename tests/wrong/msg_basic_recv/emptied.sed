# what a killed receiver has left arrives
# IPC_CREAT without IPC_EXCL
s/^    queue = msgget(key, IPC_CREAT | 0600);/    msgctl(msgget(key, 0), IPC_RMID, NULL);\n&/
