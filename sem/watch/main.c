/*
 * sem/watch/main.c -- who holds and who waits: any semaphore set, from outside.
 *
 * Shows:   What the kernel tells about each semaphore: its value, the last
 *          process that operated on it, how many wait for more and how many for
 *          zero. Not who those are; waiters.c finds that out.
 *
 * Run:     terminal 1 $ build/sem/watch --every 50 README.md
 *          terminal 2 $ build/sem/together README.md
 *
 * Prints:  ready on README.md
 *          <...>
 *          the set is gone
 *
 * Read:    semctl(2), proc(5), open_memstream(3), glob(3)
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <time.h>
#include <unistd.h>

#include "../../common/printable.h"
#include "../../common/program.h"
#include "../../common/semun.h"
#include "waiters.h"

#define LIMIT 60 // seconds that a repeated view lasts at most
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

// "  2 for zero: 1234 program, 1235 program", as far as they are found.
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

// Print what there is to see; false if the set is gone. The values are those of
// one moment. The rest is asked for bit by bit, while a busy set moves on.
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

// What print_set prints, in memory that the caller frees; NULL if it is gone.
static char *view(int set)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to)
        err(1, "open_memstream");

    bool there = print_set(to, set);
    fclose(to);
    if (there)
        return text;
    free(text);
    return NULL;
}

int main(int argc, char *argv[])
{
    program_start();
    const struct option options[] = {
        {"every", required_argument, NULL, 'e'},
        {"id", required_argument, NULL, 'i'},
        {0},
    };
    long every = 0, id = -1;
    bool well = true;
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        well &= (option == 'e' && parse_long(optarg, 1, 60000, &every)) ||
                (option == 'i' && parse_long(optarg, 0, INT_MAX, &id));
    if (!well || argc - optind != (id == -1))
        return usage(argc, argv,
                     "watch [--every MILLISECONDS] (KEYFILE | --id ID)");

    key_t key = id == -1 ? ftok(argv[optind], IPC_PROJECT) : 0;
    if (key == -1)
        err(1, "ftok %s", argv[optind]);
    if (every > 0)
        printf("ready on %s\n", id == -1 ? argv[optind] : "the set");

    const char *next = isatty(STDOUT_FILENO) ? "\033[H\033[J" : "\n";
    const struct timespec pause = {every / 1000, every % 1000 * 1000000};
    time_t end = time(NULL) + LIMIT;
    char *shown = NULL;
    do {
        char *seen = view(id == -1 ? semget(key, 0, 0) : (int)id);
        if (!seen && every == 0)
            errx(1, "there is no such set");
        if (!seen && shown) {
            printf("the set is gone\n");
            free(shown);
            return 0;
        }
        if (seen && (!shown || strcmp(seen, shown) != 0))
            printf("%s%s", every > 0 ? next : "", seen);
        if (seen) {
            free(shown);
            shown = seen;
        }
        nanosleep(&pause, NULL);
    } while (every > 0 && time(NULL) < end);
    free(shown);
    if (every > 0)
        warnx("%d s are over", LIMIT);
    return 0;
}
