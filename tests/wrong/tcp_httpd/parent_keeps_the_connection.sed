# the first page arrives
# as the client asked for (Connection: close)
s/^    close(s); \/\/ or the client would never see end of file//
