/*
 * tests/test_pid_file.c -- what common/pid_file.h promises.
 */
#define _GNU_SOURCE // O_PATH
#include "unit.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "../common/pid_file.h"

static char scratch[] = "/tmp/test_pid_file.XXXXXX";

static int enter_folder(void **state)
{
    (void)state;
    return mkdtemp(scratch) && chdir(scratch) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return chdir("/") == 0 && rmdir(scratch) == 0 ? 0 : -1;
}

static long number_in(const char *path)
{
    char text[32] = "";
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    fclose(file);
    return strtol(text, NULL, 10);
}

// A process that takes the file and keeps it until it is killed.
static pid_t other_holder(const char *path)
{
    int ends[2];
    char byte;
    struct pid_file p;
    assert_int_equal(pipe(ends), 0);

    pid_t child = fork();
    assert_true(child != -1);
    if (child == 0) {
        alarm(10);
        if (pid_file_take(&p, path) == 0 && write(ends[1], "", 1) == 1)
            pause();
        _exit(1);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    close(ends[0]);
    return child;
}

static void end(pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void it_has_our_pid_until_it_is_removed(void **state)
{
    (void)state;
    struct pid_file p;

    assert_int_equal(pid_file_take(&p, "pid"), 0);
    assert_int_equal(number_in("pid"), getpid());
    pid_file_remove(&p);
    assert_int_equal(access("pid", F_OK), -1);
    close(p.file);
    close(p.folder);
}

static void a_second_process_is_told_who_has_it(void **state)
{
    (void)state;
    struct pid_file p;
    pid_t other = other_holder("./pid");

    assert_int_equal(pid_file_take(&p, "pid"), other);
    assert_int_equal(number_in("pid"), other); // and has changed nothing

    end(other);
    assert_int_equal(pid_file_take(&p, "pid"), 0); // a killed one's is taken
    assert_int_equal(number_in("pid"), getpid());
    pid_file_remove(&p);
    close(p.file);
    close(p.folder);
}

static void it_is_found_after_a_change_of_folder(void **state)
{
    (void)state;
    struct pid_file p;

    assert_int_equal(pid_file_take(&p, "pid"), 0);
    assert_int_equal(chdir("/"), 0);
    pid_file_remove(&p);
    assert_int_equal(chdir(scratch), 0);
    assert_int_equal(access("pid", F_OK), -1);
    close(p.file);
    close(p.folder);
}

static void another_ones_file_is_not_removed(void **state)
{
    (void)state;
    struct pid_file p;

    assert_int_equal(pid_file_take(&p, "pid"), 0);
    assert_int_equal(unlink("pid"), 0); // somebody tidies up too much
    pid_t other = other_holder("pid");
    pid_file_remove(&p);
    assert_int_equal(number_in("pid"), other);
    close(p.file);
    close(p.folder);

    end(other);
    unlink("pid");
}

static void what_cannot_be_opened_is_an_error(void **state)
{
    (void)state;
    struct pid_file p;
    static char long_path[PATH_MAX + 2];
    memset(long_path, '/', sizeof long_path - 1);

    assert_int_equal(pid_file_take(&p, "none/pid"), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(pid_file_take(&p, "/"), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(pid_file_take(&p, "."), -1);
    assert_int_equal(errno, EISDIR);
    assert_int_equal(pid_file_take(&p, long_path), -1);
    assert_int_equal(errno, ENAMETOOLONG);

    assert_int_equal(symlink("/dev/null", "link"), 0);
    assert_int_equal(pid_file_take(&p, "link"), -1);
    assert_int_equal(errno, ELOOP);
    unlink("link");
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void another_file_is_neither_emptied_nor_removed(void **state)
{
    (void)state;
    struct pid_file p;
    const char *texts[] = {"a letter\n", "12", "\n", "1 2\n",
                           "99999999999999999999\n"};
    char text[32] = "";

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_file("letter", texts[i]);
        assert_int_equal(pid_file_take(&p, "letter"), -1);
        assert_int_equal(errno, EEXIST);
        FILE *file = fopen("letter", "r");
        assert_non_null(fgets(text, sizeof text, file));
        fclose(file);
        assert_string_equal(text, texts[i]);
    }

    // Ours was moved away, and a letter has its name.
    assert_int_equal(pid_file_take(&p, "pid"), 0);
    assert_int_equal(rename("pid", "moved"), 0);
    assert_int_equal(rename("letter", "pid"), 0);
    pid_file_remove(&p);
    assert_int_equal(access("pid", F_OK), 0);
    close(p.file);
    close(p.folder);
    unlink("pid");
    unlink("moved");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_has_our_pid_until_it_is_removed),
        cmocka_unit_test(a_second_process_is_told_who_has_it),
        cmocka_unit_test(it_is_found_after_a_change_of_folder),
        cmocka_unit_test(another_ones_file_is_not_removed),
        cmocka_unit_test(what_cannot_be_opened_is_an_error),
        cmocka_unit_test(another_file_is_neither_emptied_nor_removed),
    };

    return cmocka_run_group_tests(tests, enter_folder, remove_folder);
}
