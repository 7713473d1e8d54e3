/*
 * udp/tftp_server/request.c -- see request.h.
 */
#include "request.h"

bool request_read(struct request *r, struct cksum *sum, const char **refusal)
{
    *refusal = NULL;
    if (r->n < TFTP_HEADER || r->n > sizeof r->datagram)
        return false;
    unsigned opcode = tftp_get16(r->datagram);
    if (opcode != TFTP_RRQ && opcode != TFTP_WRQ)
        return false;
    if (!tftp_decode(&r->packet, r->datagram, r->n)) {
        *refusal = "Malformed request";
        return true;
    }
    tftp_options_get(&r->options, &r->packet); // what is invalid is left out
    if (!tftp_options_intact(&r->options, r->datagram, r->n, sum))
        return false;
    r->octet = strcasecmp(r->packet.mode, "octet") == 0;
    if (!r->octet && strcasecmp(r->packet.mode, "netascii") != 0)
        *refusal = "Unknown mode";
    return true;
}
