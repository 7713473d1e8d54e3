/*
 * tests/test_segment.c -- what shm/segment.h promises.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "../common/program.h"
#include "../shm/segment.h"

#define MAGIC 0x74657374u

static char path[] = "/tmp/test_segment.XXXXXX"; // a key file of our own
static key_t key;

static int make_key(void **state)
{
    (void)state;
    int file = mkstemp(path);

    key = ftok(path, IPC_PROJECT);
    return close(file) == 0 && key != -1 ? 0 : -1;
}

static int remove_key(void **state)
{
    (void)state;
    return unlink(path);
}

static void a_leftover_of_any_size_is_removed(void **state)
{
    (void)state;
    assert_true(segment_clear(key, path)); // there is none

    for (size_t size = 1; size <= 1000000; size *= 100) {
        int old = shmget(key, size, IPC_CREAT | IPC_EXCL | 0600);
        assert_int_not_equal(old, -1);
        assert_true(segment_clear(key, path));
        assert_int_equal(shmget(key, 0, 0), -1);
        assert_int_equal(shmctl(old, IPC_RMID, NULL), -1);
    }
}

// A child makes a segment and dies, by a signal; if asked, we have it attached.
static int leftover_of_a_child(bool attach)
{
    pid_t child = fork();
    if (child == 0) {
        if (shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0600) != -1)
            raise(SIGKILL);
    }
    waitpid(child, NULL, 0);
    int old = shmget(key, 0, 0);
    assert_int_not_equal(old, -1);
    if (attach)
        assert_int_not_equal((intptr_t)shmat(old, NULL, 0), -1);
    return old;
}

static void
a_leftover_that_a_survivor_uses_is_removed_all_the_same(void **state)
{
    (void)state;
    leftover_of_a_child(false);
    assert_true(segment_clear(key, path));
    leftover_of_a_child(true);
    assert_true(segment_clear(key, path));
}

static void a_segment_in_use_is_left_alone(void **state)
{
    (void)state;
    int id = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0600);
    void *here = shmat(id, NULL, 0);

    assert_false(segment_peer_attached(id));
    void *there = shmat(id, NULL, 0);
    assert_true(segment_peer_attached(id));
    shmdt(there);
    assert_false(segment_clear(key, path));
    assert_int_equal(shmget(key, 0, 0), id);

    shmctl(id, IPC_RMID, NULL);
    shmdt(here);
}

static void only_a_segment_of_that_kind_is_one(void **state)
{
    (void)state;
    const size_t size = 5000;
    int id = shmget(IPC_PRIVATE, size, 0600);
    struct segment_header *header = shmat(id, NULL, 0);
    shmctl(id, IPC_RMID, NULL);

    assert_false(segment_is(id, header, MAGIC, size)); // not labelled yet
    segment_label(header, MAGIC, size);
    assert_true(segment_is(id, header, MAGIC, size));

    assert_false(segment_is(id, header, MAGIC + 1, size));
    assert_false(segment_is(id, header, MAGIC, size + 1)); // says the kernel
    header->size++;
    assert_false(segment_is(id, header, MAGIC, size)); // says the header
    header->size--;
    struct shmid_ds about;
    shmctl(id, IPC_STAT, &about);
    about.shm_perm.uid = 65534;
    if (geteuid() == 0 && shmctl(id, IPC_SET, &about) == 0) {
        assert_false(segment_is(id, header, MAGIC, size)); // another user's
        about.shm_perm.uid = 0;
        shmctl(id, IPC_SET, &about);
    }
    header->version++;
    assert_false(segment_is(id, header, MAGIC, size));
    shmdt(header);
}

static void one_at_a_time_sets_up(void **state)
{
    (void)state;
    int lock = segment_lock(path);
    assert_int_not_equal(lock, -1);

    int again = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(flock(again, LOCK_EX | LOCK_NB), -1);
    close(lock);
    assert_int_equal(flock(again, LOCK_EX | LOCK_NB), 0);
    close(again);
}

static void the_set_goes_with_the_segment(void **state)
{
    (void)state;
    for (int segment = 0; segment <= 1; segment++) {
        if (segment)
            leftover_of_a_child(false);
        int set = semget(key, 5, IPC_CREAT | IPC_EXCL | 0600);
        assert_int_not_equal(set, -1);
        assert_true(segment_clear(key, path));
        assert_int_equal(semget(key, 0, 0), -1);
        assert_int_equal(semctl(set, 0, IPC_RMID), -1);
    }
}

static void in_use_means_the_set_as_well(void **state)
{
    (void)state;
    int id = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0600);
    int set = semget(key, 1, IPC_CREAT | IPC_EXCL | 0600);
    void *here = shmat(id, NULL, 0);

    assert_false(segment_clear(key, path));
    assert_int_equal(semget(key, 0, 0), set);
    shmctl(id, IPC_RMID, NULL);
    semctl(set, 0, IPC_RMID);
    shmdt(here);
}

// Root may give its objects away.
static void another_users_are_left_alone(void **state)
{
    (void)state;
    int id = shmget(key, 1, IPC_CREAT | IPC_EXCL | 0600);
    int set = semget(key, 1, IPC_CREAT | IPC_EXCL | 0600);
    struct shmid_ds about;
    struct semid_ds about_set;
    union semun arg = {.buf = &about_set};
    if (geteuid() != 0) {
        segment_clear(key, path);
        skip_test("root would run it");
    }

    semctl(set, 0, IPC_STAT, arg);
    about_set.sem_perm.uid = 65534;
    assert_int_equal(semctl(set, 0, IPC_SET, arg), 0);
    shmctl(id, IPC_STAT, &about);
    about.shm_perm.uid = 65534;
    assert_int_equal(shmctl(id, IPC_SET, &about), 0);
    assert_false(segment_clear(key, path));
    assert_int_equal(shmget(key, 0, 0), id);
    assert_int_equal(semget(key, 0, 0), set);

    shmctl(id, IPC_RMID, NULL);
    assert_false(segment_clear(key, path));
    assert_int_equal(semget(key, 0, 0), set);
    semctl(set, 0, IPC_RMID);
    assert_true(segment_clear(key, path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_leftover_of_any_size_is_removed),
        cmocka_unit_test(
            a_leftover_that_a_survivor_uses_is_removed_all_the_same),
        cmocka_unit_test(a_segment_in_use_is_left_alone),
        cmocka_unit_test(only_a_segment_of_that_kind_is_one),
        cmocka_unit_test(one_at_a_time_sets_up),
        cmocka_unit_test(the_set_goes_with_the_segment),
        cmocka_unit_test(in_use_means_the_set_as_well),
        cmocka_unit_test(another_users_are_left_alone),
    };

    return cmocka_run_group_tests(tests, make_key, remove_key);
}
