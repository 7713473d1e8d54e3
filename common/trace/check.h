/*
 * common/trace/check.h -- does the model agree with the kernel?
 */
#ifndef COMMON_TRACE_CHECK_H
#define COMMON_TRACE_CHECK_H

#include "kernel.h"
#include "order.h"

struct agreement {
    int checkpoints;   // that could be compared
    int figures;       // in all of them
    int disagreements; // of these
    char first[300];   // what disagreed first
};

// Play the calls that had been made by each checkpoint, in the order that was
// found, and compare what is then in each object with what the kernel said.
void check_agreement(const struct checkpoints *all, const struct order *order,
                     const struct calls *calls, struct agreement *agreement);

#endif
