/*
 * udp/tftp_server/transfers.h -- the processes at work, one a transfer.
 *
 * Requests are not authenticated, so anyone can send a lot of them. There are
 * never more than TRANSFERS_MAX processes. When all are busy, the oldest whose
 * address is not validated ends: a forged request costs no more than a slot,
 * and that not for long.
 *
 * What the children know and the server must - whether the address has answered
 * - is in memory that they share.
 */
#ifndef UDP_TFTP_SERVER_TRANSFERS_H
#define UDP_TFTP_SERVER_TRANSFERS_H

#include <sys/socket.h>
#include <sys/types.h>

#include "../tftp/tftp_validation.h"

#define TRANSFERS_MAX 128
#define PLAIN_MAX 8 // of one host: see transfers_may_begin

struct transfer {
    pid_t pid; // 0: none
    bool plain;
    uint32_t request; // its checksum
    int64_t since;
    struct sockaddr_storage from;
};

struct transfers {
    struct transfer at[TRANSFERS_MAX];
    struct tftp_validation *validation; // one each, shared
    int log_error; // errno of a child that could not write its line; 0: none
};

// 0; -1 and errno.
int transfers_start(struct transfers *all);

// Forget those that have ended. How many are left.
int transfers_reap(struct transfers *all);

// End all of them.
void transfers_end(struct transfers *all);

// A request of n bytes may have come before: while its address is not
// validated, the same again is a repetition, and another one replaces it.
// Whether it is a repetition.
bool transfers_repeated(struct transfers *all,
                        const struct sockaddr_storage *from, uint32_t request,
                        size_t n);

// Whether this request may be answered. A plain one gets 516 bytes for its 20:
// with a forged address that could be used against the host that has it. So
// only a few of those that are not validated are under way for one host.
bool transfers_may_begin(const struct transfers *all,
                         const struct sockaddr_storage *from, bool plain);

// A free slot, if need be that of the oldest that is not validated. -1: there
// is none.
int transfers_slot(struct transfers *all);

#endif
