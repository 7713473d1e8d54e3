/*
 * tests/test_decoder.c -- what common/decoder.h promises.
 */
#define _GNU_SOURCE // pipe2
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/decoder.h"
#include "../common/stream.h"

// Start `sh -c script sh OUT`, where OUT is a descriptor that it inherits.
// Returns where to read what it writes there; sets *feed.
static int start_shell(struct decoder *d, const char *script, int *feed)
{
    int ends[2];
    char out[12], text[200];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    int given = dup(ends[1]); // not close-on-exec
    snprintf(out, sizeof out, "%d", given);
    snprintf(text, sizeof text, "%s", script);
    char *command[] = {"sh", "-c", text, "sh", out, NULL};
    *feed = decoder_start_piped(d, command);
    assert_int_not_equal(*feed, -1);
    close(ends[1]);
    close(given);
    return ends[0];
}

// All that comes until the end of file, as a string.
static const char *all_of(int from)
{
    static char text[4096];
    ssize_t n = read_full(from, text, sizeof text - 1);

    assert_true(n >= 0);
    text[n] = '\0';
    close(from);
    return text;
}

static void it_reads_what_it_is_fed(void **state)
{
    (void)state;
    struct decoder d;
    int feed;
    int answer = start_shell(&d, "tr a-z A-Z >&$1; exit 3", &feed);

    assert_int_equal(write_full(feed, "oslo", 4), 0);
    assert_false(decoder_ended(&d, 0));
    close(feed);
    assert_string_equal(all_of(answer), "OSLO");
    assert_true(decoder_ended(&d, 10000));
    int outcome = decoder_stop(&d); // a signal is too late for it
    assert_true(WIFEXITED(outcome));
    assert_int_equal(WEXITSTATUS(outcome), 3);
}

static void what_is_no_program_has_its_errno(void **state)
{
    (void)state;
    struct decoder d;
    char *missing[] = {"/no/such/decoder", NULL};
    char *folder[] = {"/", NULL};
    int first = dup(0);

    close(first);
    assert_int_equal(decoder_start_piped(&d, missing), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(decoder_start_piped(&d, folder), -1);
    assert_int_equal(errno, EACCES);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); // and no child
    int last = dup(0);
    close(last);
    assert_int_equal(last, first); // and no descriptor
}

static void signals_are_as_the_shell_has_them(void **state)
{
    (void)state;
    struct decoder d;
    int feed;
    sigset_t mask;

    signal(SIGPIPE, SIG_IGN); // as programs do that write to pipes
    signal(SIGHUP, SIG_IGN);  // as nohup(1) does
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    int answer = start_shell(
        &d, "exec grep -E '^Sig(Blk|Ign)' /proc/self/status >&$1", &feed);
    const char *signals = all_of(answer);
    char *end;

    assert_memory_equal(signals, "SigBlk:\t", 8);
    assert_int_equal(strtoull(signals + 8, &end, 16), 0);
    assert_memory_equal(end, "\nSigIgn:\t", 9);
    unsigned long long ignored = strtoull(end + 9, NULL, 16);
    assert_true(ignored >> (SIGHUP - 1) & 1);
    assert_false(ignored >> (SIGPIPE - 1) & 1);
    decoder_stop(&d);
    close(feed);
    sigprocmask(SIG_UNBLOCK, &mask, NULL);
    signal(SIGHUP, SIG_DFL);
}

static void descriptors_of_ours_are_not_there(void **state)
{
    (void)state;
    struct decoder d;
    int feed, ours[2];

    assert_int_equal(pipe2(ours, O_CLOEXEC), 0);
    // Those it has: 0, the answer, and what the test was started with.
    int answer = start_shell(&d, "exec ls -l /proc/$$/fd >&$1 2>&1", &feed);
    char mine[2][32] = {0}, feed_name[48];
    for (int i = 0; i < 2; i++) {
        char path[32];
        snprintf(path, sizeof path, "/proc/self/fd/%d", i ? feed : ours[0]);
        assert_true(readlink(path, mine[i], sizeof mine[i] - 1) > 0);
    }
    snprintf(feed_name, sizeof feed_name, "0 -> %s\n", mine[1]);

    const char *listed = all_of(answer);
    assert_null(strstr(listed, mine[0])); // "pipe:[12345]"
    const char *once = strstr(listed, mine[1]);
    assert_non_null(once);                  // its standard input,
    assert_null(strstr(once + 1, mine[1])); // and not the other end of it
    assert_non_null(strstr(listed, feed_name));
    decoder_stop(&d);
    close(feed);
    close(ours[0]);
    close(ours[1]);
}

// Who is started without a standard input gets 0 for a pipe of its own.
static void it_has_its_input_if_we_have_none(void **state)
{
    (void)state;
    int outcome;
    pid_t child = fork();
    if (child == 0) {
        char *command[] = {"grep", "-q", "oslo", NULL};
        struct decoder d;
        close(STDIN_FILENO);
        int feed = decoder_start_piped(&d, command);
        if (feed == -1 || write_full(feed, "oslo\n", 5) == -1)
            _exit(9);
        close(feed);
        _exit(decoder_ended(&d, 10000) ? decoder_stop(&d) : 9);
    }
    assert_int_equal(waitpid(child, &outcome, 0), child);
    assert_true(WIFEXITED(outcome));
    assert_int_equal(WEXITSTATUS(outcome), 0);
}

static void one_that_takes_no_notice_is_killed(void **state)
{
    (void)state;
    struct decoder d;
    int feed;
    int answer =
        start_shell(&d, "trap '' TERM; echo >&$1; exec cat >&$1", &feed);
    char byte;

    assert_int_equal(read_full(answer, &byte, 1), 1);
    int outcome = decoder_stop(&d);
    assert_true(WIFSIGNALED(outcome));
    assert_int_equal(WTERMSIG(outcome), SIGKILL);
    assert_int_equal(decoder_stop(&d), 0); // there is none any more
    close(feed);
    close(answer);
}

// End of file at the answer says that the decoder is gone.
static void it_ends_with_whoever_started_it(void **state)
{
    (void)state;
    int ends[2], outcome;
    char byte;
    assert_int_equal(pipe(ends), 0);

    pid_t child = fork();
    if (child == 0) {
        char script[80];
        struct decoder d;
        snprintf(script, sizeof script,
                 "trap '' TERM; echo >&%d; exec sleep 20", ends[1]);
        char *command[] = {"sh", "-c", script, NULL};
        if (decoder_start_piped(&d, command) == -1)
            _exit(1);
        pause();
    }
    close(ends[1]);
    assert_int_equal(read_full(ends[0], &byte, 1), 1);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &outcome, 0), child);
    assert_int_equal(poll(&(struct pollfd){ends[0], POLLIN, 0}, 1, 10000), 1);
    assert_int_equal(read(ends[0], &byte, 1), 0);
    close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_reads_what_it_is_fed),
        cmocka_unit_test(what_is_no_program_has_its_errno),
        cmocka_unit_test(signals_are_as_the_shell_has_them),
        cmocka_unit_test(descriptors_of_ours_are_not_there),
        cmocka_unit_test(it_has_its_input_if_we_have_none),
        cmocka_unit_test(one_that_takes_no_notice_is_killed),
        cmocka_unit_test(it_ends_with_whoever_started_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
