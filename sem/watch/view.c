/*
 * sem/watch/view.c -- a semaphore set as a table.
 */
#include "view.h"

#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/sem.h>

#include "../../common/printable.h"
#include "../../common/semun.h"
#include "waiters.h"

#define WAITERS_MAX 1000
#define NAME_SIZE 64

// Fill name with "1234 program". Any byte can be in a program's name.
static void name_process(char name[NAME_SIZE], pid_t pid)
{
    snprintf(name, NAME_SIZE, "/proc/%d/comm", pid);
    FILE *comm = fopen(name, "re");
    int length = snprintf(name, NAME_SIZE, "%d %s", pid, comm ? "" : "(ended)");

    if (!comm)
        return;
    char *program = name + length;
    program[fread(program, 1, NAME_SIZE - 1 - (size_t)length, comm)] = '\0';
    program[strcspn(program, "\n")] = '\0';
    printable(program);
    fclose(comm);
}

// "  2 for zero: 1234 program, 1235 program": those that are found.
static void print_waiters(FILE *to, int count, int semaphore, bool for_zero,
                          const struct waiter waiters[], size_t found)
{
    const char *before = ": ";

    if (count <= 0)
        return;
    fprintf(to, "  %d %s", count, for_zero ? "for zero" : "for more");
    for (size_t i = 0; i < found; i++)
        if (waiters[i].semaphore == semaphore &&
            waiters[i].for_zero == for_zero) {
            char name[NAME_SIZE];
            name_process(name, waiters[i].pid);
            fprintf(to, "%s%s", before, name);
            before = ", ";
        }
}

// Print the set; false if it does not exist. The values are those of one
// moment; the rest is read call by call, while a busy set changes.
static bool print_set(FILE *to, int set)
{
    static struct waiter waiters[WAITERS_MAX];
    struct semid_ds about = {.sem_nsems = 1};

    if (semctl(set, 0, IPC_STAT, (union semun){.buf = &about}) == -1) {
        if (errno != EINVAL && errno != EIDRM)
            err(1, "set %d", set);
        return false;
    }
    size_t semaphores = about.sem_nsems;
    unsigned short *values = calloc(semaphores, sizeof *values);
    if (!values)
        err(1, "calloc");
    if (semctl(set, 0, GETALL, (union semun){.array = values}) == -1) {
        free(values);
        return false;
    }
    size_t found = find_waiters(waiters, WAITERS_MAX, set, values, semaphores);

    fprintf(to, "set %d, key 0x%08x, mode %04o\n", set,
            (unsigned)about.sem_perm.__key, about.sem_perm.mode & 0777U);
    fprintf(to, "  # value  last process             waiting\n");
    for (int i = 0; i < (int)semaphores; i++) {
        int last = semctl(set, i, GETPID);
        int for_more = semctl(set, i, GETNCNT);
        int for_zero = semctl(set, i, GETZCNT);
        char name[NAME_SIZE] = "-";

        if (values[i] == 0 && last <= 0 && for_more <= 0 && for_zero <= 0)
            continue; // never used
        if (last > 0)
            name_process(name, last);
        bool waits = for_more > 0 || for_zero > 0;
        fprintf(to, "%3d %5d  %*s", i, values[i], waits ? -23 : 0, name);
        print_waiters(to, for_more, i, false, waiters, found);
        print_waiters(to, for_zero, i, true, waiters, found);
        fprintf(to, "\n");
    }
    free(values);
    return true;
}

char *view(int set)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to)
        err(1, "open_memstream");

    bool exists = print_set(to, set);
    if (fclose(to) == EOF)
        err(1, "open_memstream");
    if (exists)
        return text;
    free(text);
    return NULL;
}
