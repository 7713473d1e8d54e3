#define _GNU_SOURCE // ppoll, pipe2
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "../udp/poll_signals_first.h"

static volatile sig_atomic_t came;
static sigset_t during;
static int ends[2];

static void note(int number)
{
    came = number;
}

// A signal is held back and has come; and there is something to read.
static int with_both(void **state)
{
    const struct sigaction action = {.sa_handler = note};
    sigset_t held;

    (void)state;
    came = 0;
    sigaction(SIGUSR1, &action, NULL);
    sigemptyset(&held);
    sigaddset(&held, SIGUSR1);
    sigprocmask(SIG_BLOCK, &held, &during);
    return pipe2(ends, O_CLOEXEC) == 0 && write(ends[1], "x", 1) == 1 &&
                   raise(SIGUSR1) == 0
               ? 0
               : -1;
}

static int with_neither(void **state)
{
    (void)state;
    close(ends[0]);
    close(ends[1]);
    sigprocmask(SIG_SETMASK, &during, NULL);
    signal(SIGUSR1, SIG_DFL);
    return 0;
}

static void the_kernel_lets_no_signal_in_while_there_is_something(void **state)
{
    struct pollfd on = {.fd = ends[0], .events = POLLIN};

    (void)state;
    assert_int_equal(ppoll(&on, 1, NULL, &during), 1);
    assert_int_equal(came, 0);
}

static void the_signal_goes_first_and_then_the_descriptor(void **state)
{
    struct pollfd on = {.fd = ends[0], .events = POLLIN};

    (void)state;
    assert_int_equal(poll_signals_first(&on, 1, NULL, &during), -1);
    assert_int_equal(errno, EINTR);
    assert_int_equal(came, SIGUSR1);
    assert_int_equal(poll_signals_first(&on, 1, NULL, &during), 1);
    assert_int_equal(on.revents, POLLIN);
}

static void without_either_it_waits_as_long_as_it_may(void **state)
{
    const struct timespec moment = {.tv_nsec = 1000000};
    struct pollfd on = {.fd = ends[1], .events = POLLIN};

    (void)state;
    assert_int_equal(poll_signals_first(&on, 1, &moment, &during), -1);
    assert_int_equal(poll_signals_first(&on, 1, &moment, &during), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            the_kernel_lets_no_signal_in_while_there_is_something, with_both,
            with_neither),
        cmocka_unit_test_setup_teardown(
            the_signal_goes_first_and_then_the_descriptor, with_both,
            with_neither),
        cmocka_unit_test_setup_teardown(
            without_either_it_waits_as_long_as_it_may, with_both, with_neither),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
