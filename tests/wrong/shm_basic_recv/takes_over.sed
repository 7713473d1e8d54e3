# a segment that is in use is left alone
# Two receivers with one slot
s/ || !segment_clear(key, argv\[1\])//
s/IPC_CREAT | IPC_EXCL/IPC_CREAT/
