/*
 * pipe/one_way.c -- a conversation takes two pipes.
 *
 * Shows:   A pipe has one direction, and no end can be used the other way
 *          about. So one pipe takes questions to bc(1), which calculates, and
 *          another one brings its answers back.
 *
 * Run:     $ build/pipe/one_way '6 * 7' '2 ^ 64'
 *
 * Prints:  write to a read end: Bad file descriptor
 *          read from a write end: Bad file descriptor
 *          6 * 7 = 42
 *          2 ^ 64 = 18446744073709551616
 *
 * Read:    pipe(7), pipe(2), dup(2), fork(2), execlp(3), dprintf(3), getline(3)
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/child.h"
#include "../common/program.h"
#include "../common/termination.h"

static void become_bc(int questions, int answers)
{
    if (dup2(questions, STDIN_FILENO) == -1 ||
        dup2(answers, STDOUT_FILENO) == -1)
        err(1, "dup2");
    close(questions);
    close(answers);
    setenv("BC_LINE_LENGTH", "0", true); // or it breaks long answers
    execlp("bc", "bc", NULL);
    err(1, "bc");
}

static void dismiss(pid_t bc)
{
    kill(bc, SIGKILL);
    waitpid(bc, NULL, 0);
}

int main(int argc, char *argv[])
{
    program_start();
    int one_pipe = 0;
    const struct option flags[] = {
        {"one-pipe", no_argument, &one_pipe, 1},
        {0},
    };
    if (!parse_flags(argc, argv, flags) || optind == argc)
        return usage(argc, argv, "one_way [--one-pipe] QUESTION...");

    int questions[2], answers[2];
    if (pipe(questions) == -1)
        err(1, "pipe");
    if (one_pipe) { // the same pipe, by other numbers
        answers[0] = dup(questions[0]);
        answers[1] = dup(questions[1]);
    } else if (pipe(answers) == -1) {
        err(1, "pipe");
    }

    char byte = '?';
    if (write(questions[0], &byte, 1) == -1)
        printf("write to a read end: %s\n", strerror(errno));
    if (read(questions[1], &byte, 1) == -1)
        printf("read from a write end: %s\n", strerror(errno));

    pid_t parent = getpid();
    pid_t bc = fork();
    if (bc == -1)
        err(1, "fork");
    if (bc == 0) {
        end_with(parent, SIGTERM); // or a bc that calculates would go on
        close(questions[1]);
        close(answers[0]);
        if (one_pipe) {
            alarm(2); // ends even the bc that this process becomes
            sleep(1); // who reads first, gets it: let bc lose every time
        }
        become_bc(questions[0], answers[1]);
    }
    close(questions[0]);
    close(answers[1]);

    FILE *from_bc = fdopen(answers[0], "r");
    if (!from_bc)
        err(1, "fdopen");
    char *answer = NULL;
    size_t size = 0;
    for (int i = optind; i < argc; i++) {
        if (dprintf(questions[1], "%s\n", argv[i]) < 0)
            err(1, "write");

        start_alarm_ticks(2); // not every question has one: x = 3
        if (getline(&answer, &size, from_bc) == -1) {
            dismiss(bc);
            errx(1, feof(from_bc) ? "%s: bc has ended" : "%s: no answer in 2 s",
                 argv[i]);
        }
        start_alarm_ticks(0);
        printf("%s = %s", argv[i], answer);
    }
    free(answer);

    if (one_pipe) {
        dismiss(bc);
        errx(1, "read back its own questions: nothing has reached bc");
    }
    close(questions[1]); // end of file for bc
    return child_succeeded(bc, "bc") ? 0 : 1;
}
