/*
 * common/terminals.c -- run each command as if in a terminal of its own.
 *
 * Shows:   How one process watches several: a pipe from each, poll over the
 *          pipes, a process group each, so that no process outlives them.
 *          The first command is the passive end. The others start when it
 *          says `ready`. What is still there at the time limit is ended.
 *
 * Run:     $ build/common/terminals 'echo ready; sleep .1' 'echo hello'
 *
 * Prints:  <0.001>  1 echo  ready
 *          <0.002>  2 echo  hello
 *
 * Read:    pipe(2), fork(2), setpgid(2), execl(3), poll(2), kill(2), wait(2)
 */
#define _GNU_SOURCE // pipe2
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "program.h"

#define TERMINALS_MAX 9

struct terminal {
    const char *command;
    char name[24];
    pid_t group; // of processes: the shell, and all that it starts
    FILE *copy;  // of what is printed, without time and name; may be NULL
    char line[1024];
    size_t length;
};

static struct terminal terminals[TERMINALS_MAX];
static struct pollfd outputs[TERMINALS_MAX]; // what each of them prints
static int count;

static struct timespec start_time;
static bool coloured;
static bool ready; // the passive end has said so

static volatile sig_atomic_t ended_by; // a signal: SIGALRM is the time limit

// Ask everybody to end; one second later, do not ask.
static void end_all(int number)
{
    for (int i = 0; i < count; i++)
        if (terminals[i].group > 0)
            kill(-terminals[i].group, ended_by ? SIGKILL : SIGTERM);
    if (!ended_by)
        ended_by = number;
    alarm(1);
}

static void start(int i)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) == -1)
        err(1, "pipe2");

    pid_t child = fork();
    if (child == -1)
        err(1, "fork");
    if (child == 0) {
        setpgid(0, 0);
        int nothing = open("/dev/null", O_RDONLY);
        if (dup2(nothing, STDIN_FILENO) == -1 ||
            dup2(ends[1], STDOUT_FILENO) == -1 ||
            dup2(ends[1], STDERR_FILENO) == -1)
            err(1, "dup2");
        execl("/bin/sh", "sh", "-c", terminals[i].command, NULL);
        err(1, "/bin/sh");
    }
    setpgid(child, child); // here as well: the child may not have run
    close(ends[1]);        // or its end of file would never come

    terminals[i].group = child;
    outputs[i] = (struct pollfd){.fd = ends[0], .events = POLLIN};
}

// One line, with the time and the name of who said it.
static void print_line(int i)
{
    struct terminal *t = &terminals[i];
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double seconds = (double)(now.tv_sec - start_time.tv_sec) +
                     (double)(now.tv_nsec - start_time.tv_nsec) / 1e9;

    if (coloured)
        printf("\033[2m%7.3f\033[0m  \033[1;%dm%s\033[0m  ", seconds,
               31 + (i + 1) % 6, t->name);
    else
        printf("%7.3f  %s  ", seconds, t->name);
    printf("%.*s\n", (int)t->length, t->line);
    fflush(stdout);
    if (t->copy)
        fprintf(t->copy, "%.*s\n", (int)t->length, t->line);

    if (i == 0 && t->length >= 5 && strncmp(t->line, "ready", 5) == 0)
        ready = true;
    t->length = 0;
}

static void read_output(int i)
{
    struct terminal *t = &terminals[i];
    char bytes[4096];
    ssize_t n = read(outputs[i].fd, bytes, sizeof bytes);

    if (n == -1 && errno == EINTR)
        return;
    for (ssize_t k = 0; k < n; k++)
        if (bytes[k] == '\n') {
            print_line(i);
        } else {
            if (t->length == sizeof t->line)
                print_line(i);
            t->line[t->length++] = bytes[k];
        }
    if (n <= 0) { // end of file: no process of the group can print any more
        if (t->length > 0)
            print_line(i);
        close(outputs[i].fd);
        outputs[i].fd = -1; // poll passes over those
    }
}

static bool somebody_can_print(void)
{
    for (int i = 0; i < count; i++)
        if (outputs[i].fd != -1)
            return true;
    return false;
}

// The status that a shell would show; what is left of the group ends.
static int status_of(int i)
{
    siginfo_t how;
    int outcome;

    if (terminals[i].group == 0)
        return 0; // never started
    while (waitid(P_PID, (id_t)terminals[i].group, &how, WEXITED | WNOWAIT) ==
           -1)
        if (errno != EINTR)
            err(1, "waitid");
    kill(-terminals[i].group, SIGKILL);
    if (waitpid(terminals[i].group, &outcome, 0) == -1)
        err(1, "waitpid");
    terminals[i].group = 0;

    int status =
        WIFEXITED(outcome) ? WEXITSTATUS(outcome) : 128 + WTERMSIG(outcome);
    if (status != 0)
        printf("         %s  ended with status %d\n", terminals[i].name,
               status);
    return status;
}

// "2 basic_send": the terminal's number, and the program's own name.
static void name_terminals(void)
{
    int width = 0;
    for (int pass = 1; pass <= 2; pass++)
        for (int i = 0; i < count; i++) {
            const char *command = terminals[i].command;
            size_t path = strcspn(command, " ;");
            const char *slash = memrchr(command, '/', path);
            const char *program = slash ? slash + 1 : command;
            int length = (int)(command + path - program);

            if (length > width)
                width = length;
            snprintf(terminals[i].name, sizeof terminals[i].name, "%d %-*.*s",
                     i + 1, width, length, program);
        }
}

static void keep_copies(const char *folder)
{
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%d", folder, i + 1);
        terminals[i].copy = fopen(path, "we");
        if (!terminals[i].copy)
            err(1, "%s", path);
    }
}

// Show what all of them print, until none of them can print any more. False if
// the first one never said that the others may start.
static bool play(void)
{
    bool all_started = count == 1;

    start(0);
    while (somebody_can_print()) {
        if (poll(outputs, (nfds_t)count, -1) == -1) {
            if (errno != EINTR)
                err(1, "poll");
            continue;
        }
        for (int i = 0; i < count; i++)
            if (outputs[i].revents != 0)
                read_output(i);
        for (int i = 1; ready && !all_started && i < count; i++)
            start(i);
        all_started = all_started || ready;
    }
    return all_started;
}

int main(int argc, char *argv[])
{
    program_start();
    static const char synopsis[] =
        "terminals [--limit SECONDS] [--save FOLDER] COMMAND...";
    const struct option options[] = {
        {"limit", required_argument, NULL, 'l'},
        {"save", required_argument, NULL, 's'},
        {0},
    };
    long limit = 10;
    const char *folder = NULL;
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        if (option == 's')
            folder = optarg;
        else if (option != 'l' || !parse_long(optarg, 1, 3600, &limit))
            return usage(argc, argv, synopsis);
    count = argc - optind;
    if (count < 1 || count > TERMINALS_MAX)
        return usage(argc, argv, synopsis);

    for (int i = 0; i < count; i++) {
        terminals[i].command = argv[optind + i];
        outputs[i].fd = -1;
    }
    name_terminals();
    if (folder)
        keep_copies(folder);
    coloured = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");

    struct sigaction ending = {.sa_handler = end_all};
    sigfillset(&ending.sa_mask);
    sigaction(SIGALRM, &ending, NULL);
    sigaction(SIGINT, &ending, NULL);
    sigaction(SIGTERM, &ending, NULL);
    clock_gettime(CLOCK_MONOTONIC, &start_time);
    alarm((unsigned)limit);

    int worst = 0;
    if (!play()) {
        printf("         %s  never said `ready`\n", terminals[0].name);
        worst = 1;
    }
    for (int i = 0; i < count; i++) {
        int status = status_of(i);
        if (status > worst)
            worst = status;
    }
    if (ended_by == SIGALRM)
        printf("         the time limit of %ld s is over\n", limit);
    return worst;
}
