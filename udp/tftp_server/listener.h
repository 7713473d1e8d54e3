/*
 * udp/tftp_server/listener.h -- the port that requests come to.
 *
 * A host may have many addresses, and a client expects the answer from the one
 * that it has sent to. Bound to 0.0.0.0 or ::, only the kernel knows which one
 * that was: IP_PKTINFO.
 */
#ifndef UDP_TFTP_SERVER_LISTENER_H
#define UDP_TFTP_SERVER_LISTENER_H

#include "request.h"

// A socket at that address. -1, after a message.
int listener_open(const char *host, const char *service);

// Receive a datagram that may be a request. False if none is there, or it was
// sent to a broadcast or multicast address.
bool listener_receive(int sock, struct request *r);

// Refuse a request without a transfer, in at most three times its bytes.
void listener_refuse(int sock, const struct request *r,
                     enum tftp_error_code code, const char *why);

#endif
