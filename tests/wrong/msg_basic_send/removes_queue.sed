# three readings, and END
# Whoever removes it removes them
s/^    return 0;/    msgctl(queue, IPC_RMID, NULL);\n&/
