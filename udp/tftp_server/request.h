/*
 * udp/tftp_server/request.h -- a request, as it was received.
 */
#ifndef UDP_TFTP_SERVER_REQUEST_H
#define UDP_TFTP_SERVER_REQUEST_H

#include <sys/socket.h>

#include "../tftp/tftp_options.h"

struct request {
    struct sockaddr_storage from; // and the address that it was sent to, which
    struct sockaddr_storage here; // the answer must come from; its port is 0
    struct tftp_packet packet;
    struct tftp_options options;
    bool octet;
    uint8_t datagram[TFTP_REQUEST_MAX];
    size_t n;
};

// Read what has come; false if there is nothing to answer: it is no request, or
// was corrupted. If it is one that cannot be granted, *refusal says why.
bool request_read(struct request *r, struct cksum *sum, const char **refusal);

#endif
