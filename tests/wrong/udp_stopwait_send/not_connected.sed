# an ACK from another address is none
# a stranger sent it
s/^    struct rto rto = rto_start(.*/&\n    struct sockaddr_storage there;\n    socklen_t length = sizeof there;\n    getpeername(sock, (struct sockaddr *)\&there, \&length);\n    connect(sock, \&(struct sockaddr){.sa_family = AF_UNSPEC}, sizeof(struct sockaddr));/
s/if (send(sock, &wire, sizeof wire, 0) == -1)/extern struct sockaddr_storage *to;\n            if (sendto(sock, \&wire, sizeof wire, 0, (struct sockaddr *)to, sizeof(struct sockaddr_in)) == -1)/
s/^static int no_timer;/struct sockaddr_storage *to;\n&/
s/^    for (uint32_t seq = 1;/    to = \&there;\n&/
