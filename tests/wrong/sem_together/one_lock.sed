# the others eat while two wait | who waits for a fork holds none
# One lock for the whole table
s/^    unsigned short left = .*/    unsigned short left = FORK;/;s/^    unsigned short right = .*/    unsigned short right = FORK + 1;/;s/(unsigned short)(FORK + (seat + 1) % PHILOSOPHERS);/FORK + 1;/
