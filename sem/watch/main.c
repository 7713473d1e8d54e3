/*
 * sem/watch/main.c -- any semaphore set from outside: who holds, who waits.
 *
 * Shows:   What the kernel tells about each semaphore: its value, the last
 *          process that operated on it, how many wait for more and how many for
 *          zero. view.c asks for that. Not which processes wait: waiters.c
 *          finds them.
 *
 * Run:     terminal 1 $ build/sem/watch --every 50 README.md
 *          terminal 2 $ build/sem/together README.md
 *
 * Prints:  ready on README.md
 *          <...>
 *          the set is gone
 *
 * Read:    ftok(3), semget(2), semctl(2), proc(5), open_memstream(3), glob(3)
 */
#include <err.h>
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

#include "../../common/program.h"
#include "view.h"

#define LIMIT_S 60 // that a repeated view lasts at most

// Show the set of the key, or of that id, whenever it has changed, until it is
// removed. Returns the status to end with.
static int watch(key_t key, long id, long every_ms)
{
    const char *separator = isatty(STDOUT_FILENO) ? "\033[H\033[J" : "\n";
    const struct timespec pause = {every_ms / 1000, every_ms % 1000 * 1000000};
    time_t end = time(NULL) + LIMIT_S;
    char *shown = NULL;

    do {
        char *now = view(id == -1 ? semget(key, 0, 0) : (int)id);
        if (!now && shown) {
            printf("the set is gone\n");
            free(shown);
            return 0;
        }
        if (now && (!shown || strcmp(now, shown) != 0))
            printf("%s%s", separator, now);
        if (now) {
            free(shown);
            shown = now;
        }
        nanosleep(&pause, NULL);
    } while (time(NULL) < end);
    free(shown);
    errx(1, "%d s are over", LIMIT_S);
}

int main(int argc, char *argv[])
{
    program_start();
    const struct option options[] = {
        {"every", required_argument, NULL, 'e'},
        {"id", required_argument, NULL, 'i'},
        {0},
    };
    long every_ms = 0, id = -1;
    bool ok = true;
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        ok &= (option == 'e' && parse_long(optarg, 1, 60000, &every_ms)) ||
              (option == 'i' && parse_long(optarg, 0, INT_MAX, &id));
    if (!ok || argc - optind != (id == -1))
        return usage(argc, argv,
                     "watch [--every MILLISECONDS] (KEYFILE | --id ID)");

    key_t key = id == -1 ? ftok(argv[optind], IPC_PROJECT) : 0;
    if (key == -1)
        err(1, "ftok %s", argv[optind]);
    if (every_ms > 0) {
        program_ready("ready on %s\n", id == -1 ? argv[optind] : "the set");
        return watch(key, id, every_ms);
    }
    char *now = view(id == -1 ? semget(key, 0, 0) : (int)id);
    if (!now)
        errx(1, "there is no such set");
    printf("%s", now);
    free(now);
    return 0;
}
