/*
 * pipe/atomic.c -- up to PIPE_BUF bytes, no write is torn.
 *
 * Shows:   Four writers share a pipe; each writes lines of a letter of its own.
 *          Up to PIPE_BUF bytes (4096) they arrive whole. A longer line goes in
 *          in parts when the pipe is full, and while its writer waits for room,
 *          the others write into the middle of it.
 *
 * Run:     $ build/pipe/atomic
 *
 * Prints:  400 of 400 lines of 4096 bytes arrived, 0 are torn
 *
 * Read:    PIPE_BUF in pipe(7), fork(2), write(2), fdopen(3), getline(3)
 */
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../common/child.h"
#include "../common/program.h"

#define WRITERS 4

static void write_lines(int to, char letter, long size, long count)
{
    char *line = malloc((size_t)size);
    if (!line)
        err(1, "malloc");
    memset(line, letter, (size_t)size - 1);
    line[size - 1] = '\n';

    for (; count > 0; count--)
        if (write(to, line, (size_t)size) == -1)
            err(1, "write");
    free(line);
}

// How often the first letter is repeated.
static size_t run_length(const char *letters)
{
    return strspn(letters, (char[]){*letters, '\0'});
}

// What a torn line is made of: "1a 1b 4096c".
static void print_runs(const char *line)
{
    printf("torn:");
    for (int runs = 0; *line != '\n' && *line != '\0';
         line += run_length(line)) {
        if (++runs > 8) {
            printf(" ...");
            break;
        }
        printf(" %zu%c", run_length(line), *line);
    }
    putchar('\n');
}

// Read lines until end of file. Returns how many of them are torn.
static long count_torn(int end, long size, long *lines)
{
    char *line = NULL;
    size_t space = 0;
    ssize_t length;
    long torn = 0;
    FILE *from = fdopen(end, "r");

    if (!from)
        err(1, "fdopen");
    setvbuf(from, NULL, _IOFBF, (size_t)(size + size / 2));
    for (*lines = 0; (length = getline(&line, &space, from)) != -1;) {
        if (length != size || run_length(line) != (size_t)size - 1)
            if (++torn <= 3)
                print_runs(line);
        if (++*lines <= 100) // read slowly, so that all four writers wait
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    if (ferror(from))
        err(1, "read");
    free(line);
    return torn;
}

int main(int argc, char *argv[])
{
    program_start();
    const struct option options[] = {
        {"size", required_argument, NULL, 's'},
        {"lines", required_argument, NULL, 'l'},
        {0},
    };
    long size = PIPE_BUF, count = 100;
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        if (!(option == 's' && parse_long(optarg, 2, 1000000, &size)) &&
            !(option == 'l' && parse_long(optarg, 1, 10000, &count)))
            break;
    if (option != -1 || optind != argc)
        return usage(argc, argv, "atomic [--size BYTES] [--lines COUNT]");

    int ends[2], barrier[2];
    if (pipe(ends) == -1 || pipe(barrier) == -1)
        err(1, "pipe");

    pid_t writers[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = fork();
        if (writers[i] == -1)
            err(1, "fork");
        if (writers[i] == 0) {
            if (close(ends[0]) == -1 || close(barrier[1]) == -1)
                err(1, "close");
            write_lines(ends[1], (char)('a' + i), size, count);
            exit(0);
        }
    }
    if (close(ends[1]) == -1 || close(barrier[1]) == -1)
        err(1, "close");

    // Read nothing until all writers have started: the last one closes
    // barrier[1], which is end of file here.
    char byte;
    if (read(barrier[0], &byte, 1) == -1)
        err(1, "read");
    long lines, torn = count_torn(ends[0], size, &lines);
    printf("%ld of %ld lines of %ld bytes arrived, %ld are torn\n", lines,
           WRITERS * count, size, torn);

    bool ok = lines == WRITERS * count && torn == 0;
    for (int i = 0; i < WRITERS; i++)
        ok = child_succeeded(writers[i], "writer") && ok;
    return ok ? 0 : 1;
}
