/*
 * common/trace/kernel.c -- everything stopped, and counted: see kernel.h.
 */
#define _GNU_SOURCE // reallocarray
#include <dirent.h>
#include <err.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../compat.h"
#include "../semun.h"
#include "kernel.h"

// The children of a process, as /proc lists them. -1: this kernel does not.
static int children_of(pid_t pid, pid_t *pids, int max)
{
    char path[64];
    int count = 0;

    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return -1;
    while (count < max && fscanf(file, "%d", &pids[count]) == 1)
        count++;
    fclose(file);
    return count;
}

int traced_by(pid_t strace, pid_t *pids, int max)
{
    int count = children_of(strace, pids, max);

    for (int i = 0; i < count && count < max; i++) {
        const int more = children_of(pids[i], pids + count, max - count);
        count += more > 0 ? more : 0;
    }
    return count > 0 ? count : 0;
}

// The letter in /proc/PID/stat: R runs, S waits, t is stopped by its tracer.
static char state_of(pid_t pid)
{
    char path[64];
    char text[512];
    char state = 'X';

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    if (file && fgets(text, sizeof text, file)) {
        const char *end = strrchr(text, ')');
        if (end && end[1] == ' ')
            state = end[2];
    }
    if (file)
        fclose(file);
    return state;
}

static void pause_us(long us)
{
    nanosleep(&(struct timespec){.tv_nsec = us * 1000}, NULL);
}

// One look at all of them. Returns whether one of them runs.
static bool look_at_all(struct checkpoint *c, const pid_t *straces, int count)
{
    bool moves = false;

    c->rest_count = 0;
    for (int i = 0; i < count; i++)
        moves = moves || state_of(straces[i]) == 'R';
    for (int i = 0; i < count && !moves; i++) {
        pid_t pids[FIGURES_MAX];
        const int n = traced_by(straces[i], pids, FIGURES_MAX - c->rest_count);
        for (int k = 0; k < n; k++) {
            const char state = state_of(pids[k]);
            if (state == 'Z' || state == 'X')
                continue; // it is gone
            moves = moves || state == 'R' || state == 'D';
            c->rests[c->rest_count++] = (struct rest){
                .pid = pids[k], .waits = state == 'S' || state == 'T'};
        }
    }
    return moves;
}

// Whether all have come to rest: nobody runs in two looks, one after the other,
// as one that was looked at first may be woken by one that was looked at last.
static bool at_rest(struct checkpoint *c, const pid_t *straces, int count)
{
    int still = 0;

    for (int attempt = 0; attempt < 100 && still < 2; attempt++) {
        still = look_at_all(c, straces, count) ? 0 : still + 1;
        pause_us(1000);
    }
    return still == 2;
}

struct figure *checkpoint_figure(struct checkpoint *c, enum object_kind kind,
                                 const char *key)
{
    for (int i = 0; i < c->figure_count; i++)
        if (c->figures[i].kind == kind && strcmp(c->figures[i].key, key) == 0)
            return &c->figures[i];
    if (c->figure_count == FIGURES_MAX)
        return NULL;
    struct figure *figure = &c->figures[c->figure_count++];
    *figure =
        (struct figure){.kind = kind, .bytes = -1, .count = -1, .on_way = -1};
    snprintf(figure->key, sizeof figure->key, "%s", key);
    return figure;
}

// /proc/sysvipc/msg, sem and shm: a line of names, and one for each object.
static void read_sysv(struct checkpoint *c, const char *what,
                      enum object_kind kind)
{
    char path[64];
    char line[400];

    snprintf(path, sizeof path, "/proc/sysvipc/%s", what);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        char id[24];
        long long fields[5];
        // key id perms, and then: cbytes qnum; nsems; size cpid lpid nattch.
        if (sscanf(line, "%*s %20[0-9] %*s %lld %lld %lld %lld", id, fields,
                   fields + 1, fields + 2, fields + 3) < 2)
            continue;
        struct figure *figure = checkpoint_figure(c, kind, id);
        if (!figure)
            continue;
        if (kind == OBJECT_QUEUE) {
            figure->bytes = fields[0];
            figure->count = fields[1];
        } else if (kind == OBJECT_SEGMENT) {
            figure->count = fields[3];
        } else if (fields[0] <= MODEL_SEMAPHORES) {
            unsigned short values[MODEL_SEMAPHORES] = {0};
            union semun all = {.array = values};
            if (semctl(atoi(id), 0, GETALL, all) == 0)
                figure->values = (int)fields[0];
            for (int i = 0; i < figure->values; i++)
                figure->value[i] = values[i];
        }
    }
    if (file)
        fclose(file);
}

// One descriptor of another process, borrowed.
static void read_descriptor(struct checkpoint *c, pid_t pid, int pidfd,
                            int number, const char *key)
{
    struct stat about = {0};
    struct mq_attr queue;
    char name[128];
    int bytes;
    const int fd = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);

    if (fd == -1)
        return;
    if (fstat(fd, &about) == 0 && S_ISFIFO(about.st_mode) &&
        ioctl(fd, FIONREAD, &bytes) == 0) {
        struct figure *figure = checkpoint_figure(
            c, strncmp(key, "pipe:", 5) == 0 ? OBJECT_PIPE : OBJECT_FIFO, key);
        if (figure)
            figure->bytes = bytes;
    } else if (S_ISSOCK(about.st_mode)) {
        read_socket(c, pid, fd, about.st_ino);
    } else if (syscall(SYS_mq_getsetattr, fd, NULL, &queue) == 0) {
        snprintf(name, sizeof name, "\"%.120s\"",
                 key + 1); // as strace writes it
        struct figure *figure = checkpoint_figure(c, OBJECT_POSIX_QUEUE, name);
        if (figure)
            figure->count = queue.mq_curmsgs;
    }
    close(fd);
}

static void read_descriptors(struct checkpoint *c, pid_t pid)
{
    char path[64];
    const struct dirent *entry;
    const int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    DIR *folder = pidfd == -1 ? NULL : opendir(path);
    while (folder && (entry = readdir(folder))) {
        char key[200];
        const ssize_t n =
            readlinkat(dirfd(folder), entry->d_name, key, sizeof key - 1);
        if (n <= 0 || entry->d_name[0] == '.')
            continue;
        key[n] = '\0';
        read_descriptor(c, pid, pidfd, atoi(entry->d_name), key);
    }
    if (folder)
        closedir(folder);
    if (pidfd != -1)
        close(pidfd);
}

void checkpoint_take(struct checkpoints *all, const pid_t *straces, int count)
{
    struct timespec now;
    struct checkpoint *more = reallocarray(
        all->checkpoint, (size_t)all->count + 1, sizeof *all->checkpoint);

    if (!more)
        err(1, "reallocarray");
    all->checkpoint = more;
    struct checkpoint *c = &more[all->count];
    *c = (struct checkpoint){0};
    for (int i = 0; i < count; i++)
        kill(straces[i], SIGSTOP);
    for (int i = 0; i < count; i++)
        for (int k = 0; k < 100 && state_of(straces[i]) != 'T' &&
                        state_of(straces[i]) != 'Z';
             k++)
            pause_us(100);
    clock_gettime(CLOCK_REALTIME, &now);
    c->time_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
    if (at_rest(c, straces, count)) {
        read_sysv(c, "msg", OBJECT_QUEUE);
        read_sysv(c, "sem", OBJECT_SEMAPHORES);
        read_sysv(c, "shm", OBJECT_SEGMENT);
        for (int i = 0; i < c->rest_count; i++)
            read_descriptors(c, c->rests[i].pid);
        all->count++;
    }
    for (int i = 0; i < count; i++)
        kill(straces[i], SIGCONT);
}

void checkpoints_free(struct checkpoints *all)
{
    free(all->checkpoint);
    *all = (struct checkpoints){0};
}
