/*
 * common/trace/order.h -- in which order the calls of several processes can
 * have happened.
 *
 * Each process's own order is known. Between two processes a stamp tells
 * nothing by itself: that of a receive may be earlier than that of the send.
 * So the calls are played through the model (model.h), each as early as its
 * stamps allow; one that cannot return yet as it did waits there, as it did in
 * the kernel. If that leads nowhere - a call found a queue empty, and it is not
 * any more - then it came before the call that made it so: begin again, with
 * that rule.
 */
#ifndef COMMON_TRACE_ORDER_H
#define COMMON_TRACE_ORDER_H

#include "call.h"
#include "event.h"
#include "model.h"

struct order {
    bool untimed;   // of all orders the one in which a process goes on as long
                    // as it can, the first one first: always the same
    size_t *before; // pairs: a call, and one that must come after it
    size_t rules;
    size_t *played; // the calls in the order that was found
    size_t count;
    uint64_t *dropped; // of each call: bit n, its n-th datagram was dropped
    size_t forced;     // of these no order lets them happen,
    char first_forced[240];
};

// Fill in events. False if the calls cannot be put in order; the events are
// then in an order that is as good as any, and a note says so.
bool order_calls(struct order *order, struct calls *calls,
                 struct events *events);
void order_free(struct order *order);

#endif
