/*
 * pipe/coprocess.c -- questions and answers take two pipes.
 *
 * Shows:   One pipe takes questions to bc(1), which calculates, and another one
 *          brings its answers back: bc is a coprocess.
 *
 * Run:     $ build/pipe/coprocess '6 * 7' '2 ^ 64'
 *
 * Prints:  6 * 7 = 42
 *          2 ^ 64 = 18446744073709551616
 *
 * Read:    pipe(2), fork(2), dup2(2), execlp(3), dprintf(3), getline(3)
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../common/child.h"
#include "../common/program.h"
#include "../common/termination.h"

static void exec_bc(int questions, int answers)
{
    if (dup2(questions, STDIN_FILENO) == -1 ||
        dup2(answers, STDOUT_FILENO) == -1)
        err(1, "dup2");
    if (setenv("BC_LINE_LENGTH", "0", true) == -1) // or it breaks long answers
        err(1, "setenv");
    execlp("bc", "bc", NULL);
    err(1, "bc");
}

// Print bc's answer to one question; it may have none, as to x = 3.
static void ask(const char *question, int to, FILE *from)
{
    char *answer = NULL;
    size_t size = 0;

    if (dprintf(to, "%s\n", question) < 0)
        err(1, "write");
    set_alarm(2); // SIGALRM: getline fails with EINTR after 2 s
    ssize_t length = getline(&answer, &size, from);
    set_alarm(0);
    if (length == -1 || answer[length - 1] != '\n')
        errx(1, feof(from) ? "%s: bc has ended" : "%s: no answer in 2 s",
             question);
    printf("%s = %s", question, answer);
    free(answer);
}

int main(int argc, char *argv[])
{
    program_start();
    int one_pipe = 0;
    const struct option flags[] = {{"one-pipe", no_argument, &one_pipe, 1},
                                   {0}};
    if (!parse_flags(argc, argv, flags) || optind == argc)
        return usage(argc, argv, "coprocess [--one-pipe] QUESTION...");

    int questions[2], answers[2];
    if (pipe(questions) == -1 || pipe(answers) == -1)
        err(1, "pipe");

    pid_t parent = getpid();
    pid_t bc = fork();
    if (bc == -1)
        err(1, "fork");
    if (bc == 0) {
        set_pdeathsig(parent, SIGKILL); // SIGKILL when the parent ends
        if (close(questions[1]) == -1 || close(answers[0]) == -1)
            err(1, "close");
        if (one_pipe)
            pause(); // do not read: the parent is to read the question
        exec_bc(questions[0], answers[1]);
    }
    if (close(answers[1]) == -1)
        err(1, "close");

    FILE *from_bc = fdopen(one_pipe ? questions[0] : answers[0], "r");
    if (!from_bc)
        err(1, "fdopen");
    for (int i = optind; i < argc; i++)
        ask(argv[i], questions[1], from_bc);

    if (one_pipe)
        errx(1, "read back its own questions: nothing has reached bc");
    close(questions[1]); // end of file for bc
    return child_succeeded(bc, "bc") ? 0 : 1;
}
