/*
 * tcp/httpd/orphans.h -- the children that a subreaper has inherited.
 *
 * A descendant that has left its process group becomes a child of the nearest
 * subreaper when its parent ends: see PR_SET_CHILD_SUBREAPER in prctl(2).
 */
#ifndef HTTPD_ORPHANS_H
#define HTTPD_ORPHANS_H

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "slots.h"

// Kill all children of this process but the workers. Returns how many. Each of
// them may leave more.
static inline int orphans_kill(void)
{
    char path[48];
    int pid, killed = 0;

    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *children = fopen(path, "re");
    while (children && fscanf(children, "%d", &pid) == 1)
        if (!slots_of(pid) && kill(pid, SIGKILL) == 0)
            killed++;
    if (children)
        fclose(children);
    return killed;
}

#endif
