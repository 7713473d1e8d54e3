/*
 * udp/tftp_server/serve.h -- one request, from its first byte to a line in the
 * log: what a child of the server does.
 */
#ifndef UDP_TFTP_SERVER_SERVE_H
#define UDP_TFTP_SERVER_SERVE_H

#include "../tftp/tftp_validation.h"
#include "log.h"
#include "request.h"

// Serve it, from files below root. Whether that went well.
bool serve(const struct request *r, struct tftp_validation *validation,
           int root, bool writable, struct log *log);

#endif
