/*
 * tests/test_compat.c -- common/compat.h: what the system has, or its fallback.
 */
#define _GNU_SOURCE // pipe2, O_PATH
#include <poll.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "../common/beneath.h"
#include "../common/compat.h"
#include "unit.h"

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) != -1;
}

static void descriptors_in_the_range_are_closed(void **state)
{
    (void)state;
    int fds[4];

    for (int i = 0; i < 4; i++) {
        fds[i] = fcntl(STDIN_FILENO, F_DUPFD, 100 + i);
        assert_int_equal(fds[i], 100 + i);
    }
    assert_int_equal(close_range(101, 102, 0), 0);
    assert_true(is_open(100));
    assert_false(is_open(101));
    assert_false(is_open(102));
    assert_true(is_open(103));
    assert_int_equal(close_range(100, ~0U, 0), 0);
    assert_false(is_open(100));
    assert_false(is_open(103));
    assert_true(is_open(STDERR_FILENO));
}

static void a_range_can_be_made_close_on_exec(void **state)
{
    (void)state;
    int fd = fcntl(STDIN_FILENO, F_DUPFD, 100);

    assert_int_equal(close_range(100, ~0U, CLOSE_RANGE_CLOEXEC), 0);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    assert_int_not_equal(fcntl(STDERR_FILENO, F_GETFD), FD_CLOEXEC);
    close(fd);
}

static void a_pidfd_is_readable_when_the_process_has_ended(void **state)
{
    (void)state;
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        char byte;
        close(ends[1]);
        _exit(read(ends[0], &byte, 1) != 0); // until the pipe is closed
    }
    close(ends[0]);
    struct pollfd process = {.fd = pidfd_open(child, 0), .events = POLLIN};
    assert_int_not_equal(process.fd, -1);
    assert_int_equal(fcntl(process.fd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(poll(&process, 1, 0), 0);
    close(ends[1]);
    assert_int_equal(poll(&process, 1, 10000), 1);
    close(process.fd);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void a_path_stays_below_its_folder_with_and_without_openat2(void **state)
{
    (void)state;
    int tests = open("tests", O_PATH | O_DIRECTORY | O_CLOEXEC);

    assert_int_equal(open_beneath(tests, "../README.md", O_RDONLY, 0), -1);
    assert_int_equal(errno, EXDEV);
    int file = open_beneath(tests, "unit.h", O_RDONLY | O_CLOEXEC, 0);
    assert_int_not_equal(file, -1);
    close(file);
    close(tests);
}

static int is_unit_h(const struct dirent *entry)
{
    return strcmp(entry->d_name, "unit.h") == 0;
}

static void a_folder_is_listed_by_its_descriptor(void **state)
{
    (void)state;
    struct dirent **entries;
    int tests = open("tests", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    assert_int_equal(scandirat(tests, ".", &entries, is_unit_h, alphasort), 1);
    assert_string_equal(entries[0]->d_name, "unit.h");
    free(entries[0]);
    free(entries);
    assert_int_equal(scandirat(tests, "none", &entries, NULL, NULL), -1);
    assert_int_equal(errno, ENOENT);
    close(tests);
}

static void memory_is_given_back_or_not(void **state)
{
    (void)state;
    assert_in_range(malloc_trim(0), 0, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptors_in_the_range_are_closed),
        cmocka_unit_test(a_range_can_be_made_close_on_exec),
        cmocka_unit_test(a_pidfd_is_readable_when_the_process_has_ended),
        cmocka_unit_test(
            a_path_stays_below_its_folder_with_and_without_openat2),
        cmocka_unit_test(a_folder_is_listed_by_its_descriptor),
        cmocka_unit_test(memory_is_given_back_or_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
