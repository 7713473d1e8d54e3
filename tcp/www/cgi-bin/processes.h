/*
 * tcp/www/cgi-bin/processes.h -- the processes of the suite, and what each of
 * them waits for. ipc/processes.c finds them.
 */
#ifndef TCP_WWW_CGI_BIN_PROCESSES_H
#define TCP_WWW_CGI_BIN_PROCESSES_H

#include <stddef.h>
#include <sys/types.h>

#define PROCESSES_MAX 512
#define SOCKETS_MAX 2048
#define FIFOS_MAX 256

// What a process sleeps in.
enum waits {
    WAITS_NOT = 1, // it runs, or it may not be looked at
    WAITS_QUEUE,   // msgsnd, msgrcv: id is that of the queue
    WAITS_SET,     // semop: id is that of the set
    WAITS_OTHER,   // any other call
};

struct process {
    pid_t pid;
    char program[64]; // of the suite: "udp/basic_recv"
    enum waits waits;
    int id;
    char call[24];    // "msgrcv", or "" for one that is not in our list
    char object[256]; // what it waits for: "queue 3", "a socket", "readings"
};

struct open_socket {
    unsigned long inode;
    const struct process *owner;
};

struct open_fifo {
    char path[256];
    const struct process *owner;
    char access; // 'r', 'w', or 'b' for both
};

struct processes {
    struct process list[PROCESSES_MAX];
    size_t count;
    struct open_socket sockets[SOCKETS_MAX];
    size_t socket_count;
    struct open_fifo fifos[FIFOS_MAX];
    size_t fifo_count;
};

// Find those whose program is below that folder, which ends in a slash; what
// does not fit is left out.
void processes_find(struct processes *processes, const char *build);

#endif
