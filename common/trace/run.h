/*
 * common/trace/run.h -- run commands under strace(1), one strace for each.
 */
#ifndef COMMON_TRACE_RUN_H
#define COMMON_TRACE_RUN_H

#include <stdbool.h>

#include "call.h"
#include "kernel.h"

#define COMMANDS_MAX 9

// Run them until all have ended, or until the time limit: then they are asked
// to end, and a second later not asked. The others start when the first one
// says `ready`. Returns false if it never did. Now and then, look at what the
// kernel holds; not if checkpoints is NULL.
bool run_commands(char *const commands[], int count, long limit_s,
                  struct calls *calls, struct checkpoints *checkpoints);

#endif
