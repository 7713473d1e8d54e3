# the FIFO is for its owner alone
# came mode 0666
s/mkfifo(path, 0600)/mkfifo(path, 0666)/
