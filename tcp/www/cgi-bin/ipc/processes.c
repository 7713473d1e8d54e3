/*
 * tcp/www/cgi-bin/ipc/processes.c -- the processes of the suite, and what each
 * of them waits for.
 *
 * /proc/PID/syscall has the number of the call in which a process sleeps, and
 * its arguments: for msgrcv the queue, for read a descriptor, which
 * /proc/PID/fd turns into a file, for open the address of a path, which is in
 * /proc/PID/mem.
 *
 * Read:    proc(5), ptrace(2) for what may be looked at
 */
#define _FILE_OFFSET_BITS 64 // offsets in /proc/PID/mem are addresses
#include "../processes.h"
#include "../words.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum argument { // what the first argument of a call is, or the first two
    A_QUEUE = 1,
    A_SET,
    A_DESCRIPTOR,
    A_PATH, // a directory, and a path
    A_POLL, // descriptors, and their number
    A_NOTHING,
};

static const struct {
    long number;
    const char *name;
    enum argument argument;
} calls[] = {
    {SYS_read, "read", A_DESCRIPTOR},
    {SYS_write, "write", A_DESCRIPTOR},
    {SYS_openat, "open", A_PATH},
    {SYS_splice, "splice", A_DESCRIPTOR},
    {SYS_tee, "tee", A_DESCRIPTOR},
    {SYS_connect, "connect", A_DESCRIPTOR},
#ifdef SYS_accept
    {SYS_accept, "accept", A_DESCRIPTOR},
#endif
    {SYS_accept4, "accept", A_DESCRIPTOR},
    {SYS_sendto, "sendto", A_DESCRIPTOR},
    {SYS_recvfrom, "recvfrom", A_DESCRIPTOR},
    {SYS_sendmsg, "sendmsg", A_DESCRIPTOR},
    {SYS_recvmsg, "recvmsg", A_DESCRIPTOR},
    {SYS_epoll_pwait, "epoll_wait", A_DESCRIPTOR},
#ifdef SYS_epoll_wait
    {SYS_epoll_wait, "epoll_wait", A_DESCRIPTOR},
#endif
#ifdef SYS_poll
    {SYS_poll, "poll", A_POLL},
#endif
#ifdef SYS_ppoll
    {SYS_ppoll, "poll", A_POLL},
#endif
#ifdef SYS_msgrcv
    {SYS_msgrcv, "msgrcv", A_QUEUE},
    {SYS_msgsnd, "msgsnd", A_QUEUE},
#endif
#ifdef SYS_semop
    {SYS_semop, "semop", A_SET},
#endif
#ifdef SYS_semtimedop
    {SYS_semtimedop, "semtimedop", A_SET},
#endif
#ifdef SYS_futex
    {SYS_futex, "futex", A_NOTHING},
#endif
    {SYS_wait4, "waitpid", A_NOTHING},
    {SYS_waitid, "waitid", A_NOTHING},
#ifdef SYS_pause
    {SYS_pause, "pause", A_NOTHING},
#endif
#ifdef SYS_clock_nanosleep
    {SYS_clock_nanosleep, "nanosleep", A_NOTHING},
#endif
    {SYS_rt_sigsuspend, "sigsuspend", A_NOTHING},
};

// Copy memory of a process. Returns how much there was, up to that size.
static size_t read_memory(pid_t pid, unsigned long address, void *to,
                          size_t size)
{
    char path[32];

    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    int memory = open(path, O_RDONLY | O_CLOEXEC);
    if (memory == -1)
        return 0;
    ssize_t n = pread(memory, to, size, (off_t)address);
    close(memory);
    return n > 0 ? (size_t)n : 0;
}

// What a descriptor of a process is, appended to text: "socket", "readings".
static void add_descriptor(char *text, size_t size, pid_t pid, long fd)
{
    char path[48], target[PATH_MAX];
    size_t used = strlen(text);

    snprintf(path, sizeof path, "/proc/%d/fd/%ld", pid, fd);
    ssize_t n = readlink(path, target, sizeof target - 1);
    if (n == -1)
        return;
    target[n] = '\0';
    char *name = strrchr(target, '/');
    name = name ? name + 1 : target;
    char *colon = strchr(name, ':'); // "socket:[4711]", "anon_inode:[eventfd]"
    if (colon && strncmp(name, "anon_inode", 10) == 0)
        name = colon + 1;
    else if (colon)
        *colon = '\0';
    snprintf(text + used, size - used, "%s%s (%ld)", used > 0 ? ", " : "", name,
             fd);
}

static void add_polled(struct process *p, unsigned long address,
                       unsigned long count)
{
    struct pollfd polled[8];
    size_t bytes = (count < 8 ? count : 8) * sizeof *polled;

    bytes = read_memory(p->pid, address, polled, bytes);
    for (size_t i = 0; i < bytes / sizeof *polled; i++)
        if (polled[i].fd >= 0)
            add_descriptor(p->object, sizeof p->object, p->pid, polled[i].fd);
}

// Set what it waits for, from the number and the arguments of the call.
static void set_call(struct process *p, long number,
                     const unsigned long argument[])
{
    p->waits = WAITS_OTHER;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        if (calls[i].number != number)
            continue;
        snprintf(p->call, sizeof p->call, "%s", calls[i].name);
        switch (calls[i].argument) {
        case A_QUEUE:
        case A_SET:
            p->waits = calls[i].argument == A_QUEUE ? WAITS_QUEUE : WAITS_SET;
            p->id = (int)argument[0];
            snprintf(p->object, sizeof p->object, "%s %d",
                     translated(p->waits == WAITS_QUEUE ? "queue" : "set"),
                     p->id);
            break;
        case A_DESCRIPTOR:
            add_descriptor(p->object, sizeof p->object, p->pid,
                           (long)argument[0]);
            break;
        case A_PATH:
            read_memory(p->pid, argument[1], p->object, sizeof p->object - 1);
            break;
        case A_POLL:
            add_polled(p, argument[0], argument[1]);
            break;
        case A_NOTHING:
            break;
        }
        return;
    }
}

static void look_at_call(struct process *p)
{
    char path[32], line[256] = "", *end;
    unsigned long argument[6];

    // "69 0x338004 0x7ffe070c ...", or "running"
    p->waits = WAITS_NOT;
    snprintf(path, sizeof path, "/proc/%d/syscall", p->pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    if (!fgets(line, sizeof line, file))
        line[0] = '\0';
    fclose(file);
    long number = strtol(line, &end, 10);
    if (end == line || number < 0)
        return;
    for (int i = 0; i < 6; i++)
        argument[i] = strtoul(end, &end, 16);
    set_call(p, number, argument);
}

// How a descriptor was opened, from /proc/PID/fdinfo: its flags are octal.
static char access_of(pid_t pid, const char *fd)
{
    char path[NAME_MAX + 40], line[64];
    unsigned flags = 0;

    snprintf(path, sizeof path, "/proc/%d/fdinfo/%s", pid, fd);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        sscanf(line, "flags: %o", &flags);
    if (file)
        fclose(file);
    flags &= O_ACCMODE;
    if (flags == O_RDONLY)
        return 'r';
    return flags == O_WRONLY ? 'w' : 'b';
}

// The sockets and the FIFOs among its descriptors.
static void note_descriptors(struct processes *all, const struct process *p)
{
    char folder[32], path[NAME_MAX + 40], target[256];
    struct dirent *entry;

    snprintf(folder, sizeof folder, "/proc/%d/fd", p->pid);
    DIR *files = opendir(folder);
    while (files && (entry = readdir(files))) {
        unsigned long inode;
        struct stat s;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        ssize_t n = readlink(path, target, sizeof target - 1);
        if (n == -1)
            continue;
        target[n] = '\0';
        if (sscanf(target, "socket:[%lu]", &inode) == 1) {
            if (all->socket_count < SOCKETS_MAX)
                all->sockets[all->socket_count++] =
                    (struct open_socket){inode, p};
        } else if (target[0] == '/' && stat(path, &s) == 0 &&
                   S_ISFIFO(s.st_mode) && all->fifo_count < FIFOS_MAX) {
            struct open_fifo *fifo = &all->fifos[all->fifo_count++];
            snprintf(fifo->path, sizeof fifo->path, "%s", target);
            fifo->owner = p;
            fifo->access = access_of(p->pid, entry->d_name);
        }
    }
    if (files)
        closedir(files);
}

void processes_find(struct processes *all, const char *build)
{
    struct dirent *entry;
    DIR *folder = opendir("/proc");

    memset(all, 0, sizeof *all);
    while (folder && (entry = readdir(folder)) && all->count < PROCESSES_MAX) {
        char path[NAME_MAX + 16], program[PATH_MAX];
        struct process *p = &all->list[all->count];

        if (!isdigit((unsigned char)entry->d_name[0]) ||
            strtol(entry->d_name, NULL, 10) == getpid())
            continue;
        snprintf(path, sizeof path, "/proc/%s/exe", entry->d_name);
        ssize_t n = readlink(path, program, sizeof program - 1);
        if (n == -1)
            continue; // it has ended, or is another user's
        program[n] = '\0';
        if (strncmp(program, build, strlen(build)) != 0)
            continue;
        p->pid = (pid_t)strtol(entry->d_name, NULL, 10);
        snprintf(p->program, sizeof p->program, "%s", program + strlen(build));
        look_at_call(p);
        note_descriptors(all, p);
        all->count++;
    }
    if (folder)
        closedir(folder);
}
