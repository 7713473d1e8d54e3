# a client that does not read
# it fails with EAGAIN
s/^    bool sent = write/    fcntl(out, F_SETFL, 0);\n&/
