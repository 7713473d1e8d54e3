# what is no question is skipped
# 8 bytes, and a process id above 1
s/n != sizeof \*asked || //
