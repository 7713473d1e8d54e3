/*
 * tests/test_daemon.c -- what common/daemon.h promises.
 */
#define _GNU_SOURCE // pipe2
#include "unit.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/daemon.h"

static char folder[] = "/tmp/test_daemon.XXXXXX";
static int report; // read end of a FIFO there
static pid_t session;

static int enter_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder) || chdir(folder) == -1 || mkfifo("report", 0600) == -1)
        return -1;
    session = getsid(0);
    report = open("report", O_RDONLY | O_NONBLOCK);
    return report == -1 ? -1 : fcntl(report, F_SETFL, 0);
}

static int remove_folder(void **state)
{
    (void)state;
    close(report);
    return unlink("report") | chdir("/") | rmdir(folder);
}

// Where the calling process is, and what its output and its terminal are.
static void describe_itself(int to)
{
    char where[PATH_MAX] = "?";
    char output[PATH_MAX] = "?";

    if (!getcwd(where, sizeof where) ||
        readlink("/proc/self/fd/1", output, sizeof output - 1) == -1)
        _exit(1);
    dprintf(to, "in %s, %s, %s terminal, %s\n",
            strcmp(where, folder) == 0 ? "the folder" : where,
            getsid(0) == session    ? "old session"
            : getsid(0) == getpid() ? "session leader"
                                    : "new session",
            open("/dev/tty", O_RDWR) == -1 ? "no" : "a",
            strcmp(output, "/dev/null") == 0 ? output : "an output");
}

// Start a daemon as a program does; the status that the shell would see.
static int status_of_start(bool succeeds)
{
    int ready;
    int outcome;
    pid_t program = fork(); // for it closes our descriptors

    assert_true(program != -1);
    if (program == 0) {
        umask(0);
        close(STDIN_FILENO); // must not become a file of the daemon's
        pid_t child = daemon_fork(&ready);
        if (child != 0)
            _exit(child == -1 ? 3 : daemon_outcome(ready));
        if (!succeeds)
            _exit(0); // a failure: it was not ready

        int to = open("report", O_WRONLY);
        dprintf(to, "umask %03o, report is %d\n", (unsigned)umask(022), to);
        describe_itself(to);
        if (daemon_ready(ready) == -1)
            _exit(1);
        describe_itself(to);
        _exit(0);
    }
    assert_int_equal(waitpid(program, &outcome, 0), program);
    assert_true(WIFEXITED(outcome));
    return WEXITSTATUS(outcome);
}

static void it_takes_every_step(void **state)
{
    (void)state;
    char text[1024] = "";
    size_t length = 0;
    ssize_t n;
    int spare = dup(STDOUT_FILENO); // something to be closed

    assert_int_equal(status_of_start(true), 0);
    while ((n = read(report, text + length, sizeof text - 1 - length)) > 0)
        length += (size_t)n; // to its end, which is the daemon's
    close(spare);

    assert_string_equal(text,
                        "umask 022, report is 3\n"
                        "in the folder, new session, no terminal, an output\n"
                        "in /, new session, no terminal, /dev/null\n");
}

static void one_that_ends_before_it_is_ready_has_failed(void **state)
{
    (void)state;
    assert_int_equal(status_of_start(false), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_takes_every_step),
        cmocka_unit_test(one_that_ends_before_it_is_ready_has_failed),
    };

    return cmocka_run_group_tests(tests, enter_folder, remove_folder);
}
