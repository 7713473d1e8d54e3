/*
 * common/program.h -- how every program of this suite begins and ends.
 *
 * program_start() is the first line of each main; program_ready() prints the
 * line for which other programs wait. parse_flags(), parse_long() and usage()
 * read the command line. The rest is the lesson's own.
 */
#ifndef COMMON_PROGRAM_H
#define COMMON_PROGRAM_H

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "help.h"

// The project id that all programs give to ftok(3), so that what they left in
// the kernel can be recognised: ipcs(1) shows keys that begin with 0x49.
#define IPC_PROJECT 'I'

// As strerror(3), for msgget, semget and shmget: what is "No space left on
// device" for a file is a limit of the kernel for these.
static inline const char *ipc_strerror(int error)
{
    return error == ENOSPC ? "A kernel limit is reached: `ipcs -l` shows the "
                             "limits, `ipcs -u` what is in use"
                           : strerror(error);
}

// At exit: output that could not be written is an error, status 1. Without this
// printf would fail unnoticed, on a full disk for one.
static inline void program_check_stdout(void)
{
    errno = 0;
    // Some file systems say only at close what went wrong.
    if (!ferror(stdout) && fflush(stdout) == 0 &&
        (close(STDOUT_FILENO) == 0 || errno == EBADF))
        return;
    if (errno != 0)
        warn("stdout");
    else
        warnx("stdout: write error");
    _exit(1);
}

// Rely on nothing that is inherited, see execve(2): open descriptors 0, 1 and 2
// if they are closed, or the first pipe would take their place; wait for
// children even if SIGCHLD was ignored; block no signal. Ignored signals stay
// ignored: see nohup(1). stdout is written line by line, also into a file.
static inline void program_start(void)
{
    sigset_t none;

    // With the wrong mode, so that it fails as a closed descriptor does: EBADF.
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) == -1 &&
            open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) == -1)
            _exit(1);
    signal(SIGCHLD, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setvbuf(stdout, NULL, _IOLBF, 0);
    setvbuf(stderr, NULL, _IOLBF, 0); // whole lines, from several processes
    atexit(program_check_stdout);
}

// As printf(3), for the line that says that other programs may start. If it
// cannot be written the program ends, with status 1, instead of waiting for
// programs that do not come; program_check_stdout() says why.
static inline __attribute__((format(printf, 1, 2))) void
program_ready(const char *format, ...)
{
    va_list values;

    va_start(values, format);
    vprintf(format, values);
    va_end(values);
    if (fflush(stdout) == EOF || ferror(stdout))
        exit(1);
}

// Set *n to the decimal number that is all of text, if it is in [min, max].
static inline bool parse_long(const char *text, long min, long max, long *n)
{
    char *rest;
    long value = strtol(text, &rest, 10); // out of range: LONG_MAX, LONG_MIN

    if (rest == text || *rest != '\0' || value < min || value > max)
        return false;
    *n = value;
    return true;
}

// Set the flags that stand on the command line; false if there is another
// option. argv[optind] is then the first operand, as after getopt_long(3). A
// program without any flags gives NULL.
static inline bool parse_flags(int argc, char *argv[],
                               const struct option *flags)
{
    const struct option none = {0};
    int option;

    opterr = 0; // usage() below says what there is to say
    do
        option = getopt_long(argc, argv, "+", flags ? flags : &none, NULL);
    while (option == 0);
    return option == -1;
}

// The same where options have values, too: value() is called with what stands
// in the last column of the table, and with the text; false if that is wrong.
static inline bool
parse_option_values(int argc, char *argv[], const struct option *options,
                    bool (*value)(int option, const char *text))
{
    int option;

    opterr = 0;
    do
        option = getopt_long(argc, argv, "+", options, NULL);
    while (option == 0 ||
           (option > 0 && option != '?' && value(option, optarg)));
    return option == -1;
}

// Print "usage: " and how to call the program: an answer to --help, and then
// with what each argument is, otherwise an error. Returns the status to end
// with, 0 or 2.
static inline int usage(int argc, char *argv[], const char *synopsis)
{
    bool asked = argc == 2 && strcmp(argv[1], "--help") == 0;

    fprintf(asked ? stdout : stderr, "usage: %s\n", synopsis);
    if (asked)
        help_print(synopsis);
    return asked ? 0 : 2;
}

#endif
