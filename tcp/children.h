/*
 * tcp/children.h -- what a server that forks can leave lying about.
 */
#ifndef TCP_CHILDREN_H
#define TCP_CHILDREN_H

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

// How many children of this process have ended, and wait to be waited for.
// Source: proc(5), /proc/PID/stat: pid (name) state parent ...
static inline int zombie_children(void)
{
    DIR *all = opendir("/proc");
    int zombies = 0;

    for (struct dirent *entry; all && (entry = readdir(all));) {
        char path[300];
        char state = '?';
        int parent = 0;

        snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
        FILE *stat =
            isdigit((unsigned char)*entry->d_name) ? fopen(path, "re") : NULL;
        if (!stat)
            continue;
        // A name may hold anything but is 15 bytes at most, and ours do not.
        if (fscanf(stat, "%*d (%*[^)]) %c %d", &state, &parent) == 2)
            zombies += state == 'Z' && parent == getpid();
        fclose(stat);
    }
    if (all)
        closedir(all);
    return zombies;
}

// How many descriptors this process has open.
static inline int open_descriptors(void)
{
    DIR *all = opendir("/proc/self/fd");
    int open = 0;

    while (all && readdir(all))
        open++;
    if (all)
        closedir(all);
    return open - 3; // without ".", ".." and the one that looks
}

#endif
