/*
 * tcp/httpd/script.h -- start a script, and see to it that it ends.
 */
#ifndef HTTPD_SCRIPT_H
#define HTTPD_SCRIPT_H

#include <stdbool.h>
#include <sys/types.h>

struct script {
    pid_t pid;  // and of the group of processes that it leads
    int pidfd;  // a pidfd: readable when it has ended
    int output; // the read end of the pipe that is its standard output
};

// Start the program in the open file, in that directory, with that input and
// environment. Returns 0 or an errno.
int script_start(struct script *s, int file, int directory, int input,
                 const char *name, char *const environment[]);

// It has a second to end by itself; then it is ended, and with it all that it
// has started. False if it had crashed.
bool script_end(struct script *s);

// End it at once, and all that it has started.
void script_kill(struct script *s);

#endif
