/*
 * common/trace/state.h -- in which state of its machine each end of msg/ftp and
 * udp/tftp is.
 *
 * The tables that the programs run are followed from one call to the next: from
 * a state, and what was done in it, to all states in which the next call can be
 * made. Where that is one state only, and another one than before, an event
 * says so: "[state SENDING]". Where it may be several, nothing does.
 */
#ifndef COMMON_TRACE_STATE_H
#define COMMON_TRACE_STATE_H

#include "event.h"

void state_mark(struct events *events);

#endif
