/*
 * tests/test_atomic_file.c -- what common/atomic_file.h promises.
 */
#define _GNU_SOURCE // O_PATH, O_TMPFILE
#include "unit.h"

#include <dirent.h>

#include "../common/atomic_file.h"

static char scratch[] = "/tmp/test_new_file.XXXXXX";

static int enter_folder(void **state)
{
    (void)state;
    umask(022);
    return mkdtemp(scratch) && chdir(scratch) == 0 && mkdir("into", 0700) == 0
               ? 0
               : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir("into") | chdir("/") | rmdir(scratch);
}

static void put(const char *path, mode_t mode)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

    assert_true(file != -1);
    assert_int_equal(write(file, "old", 3), 3);
    assert_int_equal(fchmod(file, mode), 0);
    close(file);
}

static void holds(const char *path, const char *text, mode_t mode)
{
    char found[16] = "";
    struct stat about;
    int file = open(path, O_RDONLY);

    assert_true(file != -1);
    assert_true(read(file, found, sizeof found - 1) >= 0);
    assert_int_equal(fstat(file, &about), 0);
    assert_string_equal(found, text);
    assert_int_equal(about.st_mode & 07777, mode);
    close(file);
}

// How many names there are in the folder.
static int names(const char *path)
{
    int count = -2; // without . and ..
    DIR *folder = opendir(path);

    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

// Write "new" to what `to` says, and give it its name.
static void make(const char *to, const char *from)
{
    struct atomic_file f;

    assert_int_equal(atomic_file_locate(&f, to, from), 0);
    assert_int_equal(atomic_file_create(&f), 0);
    assert_int_equal(write(f.file, "new", 3), 3);
    assert_int_equal(atomic_file_commit(&f), 0);
    atomic_file_discard(&f); // too late to do anything
    close(f.folder);
}

static void a_new_file_appears_when_it_is_kept(void **state)
{
    (void)state;
    struct atomic_file f;

    assert_int_equal(atomic_file_locate(&f, "new", "from"), 0);
    assert_string_equal(f.path, "new");
    assert_int_equal(atomic_file_create(&f), 0);
    assert_int_equal(write(f.file, "new", 3), 3);
    assert_int_equal(names("."), 1); // into
    assert_int_equal(atomic_file_commit(&f), 0);
    close(f.folder);

    holds("new", "new", 0644);
    assert_int_equal(names("."), 2);
    unlink("new");
}

static void into_a_folder_it_goes_by_the_name_it_had(void **state)
{
    (void)state;
    struct atomic_file f;

    make("into", "down/from");
    holds("into/from", "new", 0644);
    unlink("into/from");
    assert_int_equal(atomic_file_locate(&f, "into", "from"), 0);
    assert_string_equal(f.path, "into/from");
    close(f.folder);
}

static void an_old_file_is_replaced_and_its_mode_stays(void **state)
{
    (void)state;
    put("old", 0640);
    assert_int_equal(symlink("../old", "into/link"), 0);

    make("into/link", "from");
    holds("old", "new", 0640);
    assert_int_equal(readlink("into/link", (char[8]){0}, 8), 6);
    unlink("into/link");
    unlink("old");
}

static void one_that_is_dropped_was_never_there(void **state)
{
    (void)state;
    struct atomic_file f;
    put("old", 0600);

    assert_int_equal(atomic_file_locate(&f, "old", "from"), 0);
    assert_int_equal(atomic_file_create(&f), 0);
    assert_int_equal(write(f.file, "new", 3), 3);
    close(f.file);
    atomic_file_discard(&f);
    close(f.folder);

    holds("old", "old", 0600);
    assert_int_equal(names("."), 2);
    unlink("old");
}

// As where there is no O_TMPFILE.
static void a_named_one_is_kept_and_dropped_as_well(void **state)
{
    (void)state;
    struct atomic_file f;

    for (int kept = 0; kept <= 1; kept++) {
        assert_int_equal(atomic_file_locate(&f, "new", "from"), 0);
        f.is_named = true;
        f.file =
            openat(f.folder, f.temporary, O_CREAT | O_EXCL | O_WRONLY, 0644);
        assert_int_equal(write(f.file, "new", 3), 3);
        if (kept) {
            assert_int_equal(atomic_file_commit(&f), 0);
            holds("new", "new", 0644);
        } else {
            close(f.file);
            atomic_file_discard(&f);
        }
        close(f.folder);
        assert_int_equal(names("."), 1 + kept);
    }
    unlink("new");
}

static void what_a_dead_process_left_does_not_get_the_name(void **state)
{
    (void)state;
    struct atomic_file f;

    assert_int_equal(atomic_file_locate(&f, "new", "from"), 0);
    put(f.temporary, 0600); // by a process that had our PID
    assert_int_equal(atomic_file_create(&f), 0);
    put(f.temporary, 0600); // by somebody who wants to be clever
    assert_int_equal(atomic_file_commit(&f), -1);
    assert_int_equal(errno, EEXIST);
    close(f.file);
    atomic_file_discard(&f);
    close(f.folder);
    assert_int_equal(access("new", F_OK), -1);
}

static void refuses(int error, const char *to, const char *from)
{
    struct atomic_file f;

    assert_int_equal(atomic_file_locate(&f, to, from), -1);
    assert_int_equal(errno, error);
}

static void what_cannot_be_a_file_is_refused_at_once(void **state)
{
    (void)state;
    static char long_path[PATH_MAX + 1];
    memset(long_path, 'x', sizeof long_path - 1);

    refuses(ENOENT, "", "from");
    refuses(ENOENT, "none/new", "from");
    refuses(ENOENT, "none/", "from");
    refuses(EISDIR, ".", "down/into");
    refuses(EISDIR, "into", "..");
    refuses(ENOTSUP, "/dev/null", "from");
    refuses(ENAMETOOLONG, long_path, "from");
    refuses(ENAMETOOLONG, "into", long_path);
    put("old", 0400);
    if (geteuid() != 0) // whom no mode stops
        refuses(EACCES, "old", "from");
    unlink("old");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_file_appears_when_it_is_kept),
        cmocka_unit_test(into_a_folder_it_goes_by_the_name_it_had),
        cmocka_unit_test(an_old_file_is_replaced_and_its_mode_stays),
        cmocka_unit_test(one_that_is_dropped_was_never_there),
        cmocka_unit_test(a_named_one_is_kept_and_dropped_as_well),
        cmocka_unit_test(what_a_dead_process_left_does_not_get_the_name),
        cmocka_unit_test(what_cannot_be_a_file_is_refused_at_once),
    };

    return cmocka_run_group_tests(tests, enter_folder, remove_folder);
}
