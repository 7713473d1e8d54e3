# how the command has ended is said, and decides the status
# decides the status
s/return status == 0 ? 0 : 1;/return 0;/
