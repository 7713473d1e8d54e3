# three readings arrive
# Both ends make the same key
s/ftok(argv\[1\], IPC_PROJECT);/ftok(argv[1], IPC_PROJECT) \& (key_t)0xfffffff0;/
