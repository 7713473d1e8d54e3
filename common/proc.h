/*
 * common/proc.h -- what /proc says about another process.
 */
#ifndef COMMON_PROC_H
#define COMMON_PROC_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

// The start of /proc/PID/WHAT, as a string. False if we may not read it
// (ptrace(2) has the rules), or if there is no such process.
static inline bool proc_read(pid_t pid, const char *what, char *text,
                             size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, what);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    size_t length = fread(text, 1, size - 1, file);
    fclose(file);
    text[length] = '\0';
    return length > 0;
}

// Its state: 'S' sleeps, 'R' runs, 'Z' has ended, ...; 'Z' too if there is no
// such process.
static inline char proc_state(pid_t pid)
{
    char line[512];

    if (!proc_read(pid, "stat", line, sizeof line))
        return 'Z';
    // The name before it is in brackets, and may contain anything.
    const char *name_end = strrchr(line, ')');
    return (char)(name_end && name_end[1] == ' ' ? name_end[2] : '?');
}

#endif
