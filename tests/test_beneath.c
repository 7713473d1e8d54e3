/*
 * tests/test_beneath.c -- what common/beneath.h promises.
 */
#define _GNU_SOURCE // O_PATH, O_TMPFILE
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "../common/beneath.h"

// A folder to stay in, and a secret next to it:
//
//     secret
//     root/file  root/fifo  root/down/file  root/inside -> down/file
//     root/out -> ../secret  root/down/up -> ../..  root/absolute -> /etc
//     root/loop -> loop  root/folder -> down
static char top[] = "/tmp/test_beneath.XXXXXX";
static int root;

static void put(int folder, const char *name, const char *text)
{
    int file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL, 0600);

    assert_true(file != -1);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    close(file);
}

static int make_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(top));
    int above = open(top, O_PATH | O_DIRECTORY);
    assert_true(above != -1);
    assert_int_equal(mkdirat(above, "root", 0700), 0);
    assert_int_equal(mkdirat(above, "root/down", 0700), 0);
    root = openat(above, "root", O_PATH | O_DIRECTORY);

    put(above, "secret", "secret");
    put(root, "file", "file");
    put(root, "down/file", "down");
    assert_int_equal(mkfifoat(root, "fifo", 0600), 0);
    assert_int_equal(symlinkat("down/file", root, "inside"), 0);
    assert_int_equal(symlinkat("down", root, "folder"), 0);
    assert_int_equal(symlinkat("../secret", root, "out"), 0);
    assert_int_equal(symlinkat("../..", root, "down/up"), 0);
    assert_int_equal(symlinkat("/etc", root, "absolute"), 0);
    assert_int_equal(symlinkat("loop", root, "loop"), 0);
    close(above);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[sizeof "rm -r " + sizeof top];

    close(root);
    snprintf(command, sizeof command, "rm -r %s", top);
    return system(command); // NOLINT: a path of our own
}

// What is in the file, or the error by name: both ways of walking must agree
// on what is let through.
static void opens(const char *path, const char *text)
{
    char found[16] = "";
    int file = open_beneath(root, path, O_RDONLY | O_CLOEXEC, 0);

    assert_true(file != -1);
    assert_true(read(file, found, sizeof found - 1) >= 0);
    assert_string_equal(found, text);
    close(file);
}

static void refuses(const char *path, int error)
{
    assert_int_equal(open_beneath(root, path, O_RDONLY | O_CLOEXEC, 0), -1);
    assert_int_equal(errno, error);
}

static void walking_refuses(const char *path, int error)
{
    assert_int_equal(open_beneath_walking(root, path, O_RDONLY, 0), -1);
    assert_int_equal(errno, error);
}

// Walking follows no link, and says of some paths something else.
static void needs_openat2(void)
{
    struct open_how how = {.flags = O_PATH};
    int here = openat2(AT_FDCWD, ".", &how, sizeof how);

    if (here == -1)
        skip_test("Linux 5.6 would run it");
    close(here);
}

static void what_is_beneath_opens(void **state)
{
    (void)state;
    needs_openat2();
    opens("file", "file");
    opens("down/file", "down");
    opens("./down//./file", "down");
    opens("inside", "down");
    opens("folder/file", "down");
    opens("down/../file", "file");
}

static void whatever_leads_out_does_not(void **state)
{
    (void)state;
    needs_openat2();
    refuses("..", EXDEV);
    refuses("../secret", EXDEV);
    refuses("down/../../secret", EXDEV);
    refuses("/etc/passwd", EXDEV);
    refuses("out", EXDEV);
    refuses("down/up/secret", EXDEV);
    refuses("absolute/passwd", EXDEV);
}

static void other_errors_are_those_of_open(void **state)
{
    (void)state;
    needs_openat2();
    char long_name[NAME_MAX + 2];
    static char long_path[PATH_MAX + 2];
    memset(long_name, 'x', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    memset(long_path, '/', sizeof long_path - 1);
    long_path[0] = 'x';

    refuses("", ENOENT);
    refuses("missing", ENOENT);
    refuses("file/file", ENOTDIR);
    refuses("file/", ENOTDIR);
    refuses("loop", ELOOP);
    refuses(long_name, ENAMETOOLONG);
    refuses(long_path, ENAMETOOLONG);
}

static void walking_is_as_strict_and_follows_no_link(void **state)
{
    (void)state;
    const char *paths[] = {"file", "down/file", "./down//./file", "down/."};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        int file = open_beneath_walking(root, paths[i], O_RDONLY, 0);
        assert_true(file != -1);
        close(file);
    }
    char long_name[NAME_MAX + 2];
    memset(long_name, 'x', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';

    walking_refuses("..", EXDEV);
    walking_refuses("../secret", EXDEV);
    walking_refuses("down/../../secret", EXDEV);
    walking_refuses("/etc/passwd", EXDEV);
    walking_refuses("out", ELOOP);
    walking_refuses("inside", ELOOP);
    walking_refuses("down/up/secret", ENOTDIR);
    walking_refuses("absolute/passwd", ENOTDIR);
    walking_refuses("", ENOENT);
    walking_refuses("missing/file", ENOENT);
    walking_refuses("file/file", ENOTDIR);
    walking_refuses("file/", ENOTDIR);
    walking_refuses(long_name, ENAMETOOLONG);
}

static void walking_leaves_no_descriptor_open(void **state)
{
    (void)state;
    int before = dup(root);
    close(before);
    const char *paths[] = {"down/./file", "down/none", "down/..", "down/up/x"};

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        int file = open_beneath_walking(root, paths[i], O_RDONLY, 0);
        if (file != -1)
            close(file);
        int after = dup(root);
        close(after);
        assert_int_equal(after, before);
    }
}

static void a_new_file_has_the_mode_asked_for(void **state)
{
    (void)state;
    needs_openat2();
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    struct stat about;

    int file = open_beneath(root, "down/new", flags, 0640);
    assert_true(file != -1);
    assert_int_equal(fstat(file, &about), 0);
    assert_int_equal(about.st_mode, S_IFREG | 0640);
    close(file);

    file = open_beneath_walking(root, "down/newer", flags, 0640);
    assert_true(file != -1);
    assert_int_equal(fstat(file, &about), 0);
    assert_int_equal(about.st_mode, S_IFREG | 0640);
    close(file);

    assert_int_equal(open_beneath(root, "down/up/new", flags, 0640), -1);
    assert_int_equal(errno, EXDEV);
}

static void only_a_regular_file_is_opened_for_reading(void **state)
{
    (void)state;
    needs_openat2();
    struct stat about = {0};

    int file = open_file_beneath(root, "inside", &about);
    assert_true(file != -1);
    assert_int_equal(about.st_size, 4);
    assert_int_equal(fcntl(file, F_GETFD), FD_CLOEXEC);
    close(file);

    assert_int_equal(open_file_beneath(root, "down", &about), -1);
    assert_int_equal(errno, EISDIR);
    assert_int_equal(open_file_beneath(root, "fifo", &about), -1); // at once
    assert_int_equal(errno, ENOTSUP);
    assert_int_equal(open_file_beneath(root, "none", &about), -1);
    assert_int_equal(errno, ENOENT);

    int devices = open("/dev", O_PATH | O_DIRECTORY);
    assert_int_equal(open_file_beneath(devices, "null", &about), -1);
    assert_int_equal(errno, ENOTSUP);
    close(devices);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_beneath_opens),
        cmocka_unit_test(whatever_leads_out_does_not),
        cmocka_unit_test(other_errors_are_those_of_open),
        cmocka_unit_test(walking_is_as_strict_and_follows_no_link),
        cmocka_unit_test(walking_leaves_no_descriptor_open),
        cmocka_unit_test(a_new_file_has_the_mode_asked_for),
        cmocka_unit_test(only_a_regular_file_is_opened_for_reading),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
