/*
 * tests/test_leftover.c -- what sem/leftover.h promises.
 */
#define _GNU_SOURCE // SEM_STAT
#include "unit.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../sem/leftover.h"

static key_t key; // of a file that nobody else has
static char path[] = "/tmp/leftover-XXXXXX";

static int make_key(void **state)
{
    (void)state;
    int file = mkstemp(path);

    if (file == -1)
        return -1;
    close(file);
    key = ftok(path, IPC_PROJECT);
    return key == -1 ? -1 : 0;
}

static int remove_key(void **state)
{
    (void)state;
    int set = semget(key, 0, 0);

    if (set != -1)
        semctl(set, 0, IPC_RMID);
    return unlink(path);
}

// What the lessons do: remove a leftover, create the set, become its owner. -1
// and errno.
static int own(int semaphores)
{
    struct sembuf claim = {SEM_OWNER, +1, SEM_UNDO};

    if (remove_leftover(key) == -1)
        return -1;
    int set = semget(key, semaphores, IPC_CREAT | IPC_EXCL | 0600);
    return set != -1 && semop(set, &claim, 1) == 0 ? set : -1;
}

// A process that owns the set, and waits to be killed. Returns when it does.
static pid_t owner(int semaphores)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);

    pid_t child = fork();
    if (child == 0) {
        char owned = own(semaphores) != -1 ? 1 : 0;
        if (write(ends[1], &owned, 1) == 1)
            pause();
        _exit(0);
    }
    char owned = 0;
    assert_int_equal(read(ends[0], &owned, 1), 1);
    assert_true(owned);
    close(ends[0]);
    close(ends[1]);
    return child;
}

static void end(pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void where_there_is_no_set_there_is_nothing_to_do(void **state)
{
    (void)state;
    assert_int_equal(remove_leftover(key), 0);
}

static void a_set_whose_owner_lives_is_refused(void **state)
{
    (void)state;
    pid_t child = owner(2);
    int set = semget(key, 0, 0);

    assert_int_equal(remove_leftover(key), -1);
    assert_int_equal(errno, EBUSY);
    assert_int_equal(semctl(set, SEM_OWNER, GETVAL), 1);
    assert_int_equal(semctl(set, SEM_OWNER, GETPID), child);
    end(child);
}

static void what_a_killed_owner_left_is_removed_whatever_its_size(void **state)
{
    (void)state;
    end(owner(2));
    int left = semget(key, 0, 0);
    assert_int_not_equal(left, -1);

    int set = own(5);

    assert_int_not_equal(set, -1);
    assert_int_equal(semctl(left, SEM_OWNER, GETVAL), -1);
    assert_int_equal(semctl(set, 4, GETVAL), 0);
    assert_int_equal(semctl(set, 0, IPC_RMID), 0);
}

// Run the function as another user; returns its result, or -1 and errno.
static int as_nobody(int (*function)(void))
{
    int outcome;
    pid_t child = fork();

    if (child == 0) {
        if (setgid(65534) == -1 || setuid(65534) == -1)
            _exit(255);
        _exit(function() == -1 ? errno : 0);
    }
    assert_int_equal(waitpid(child, &outcome, 0), child);
    assert_true(WIFEXITED(outcome));
    errno = WEXITSTATUS(outcome);
    return errno == 0 ? 0 : -1;
}

static int make_set(void)
{
    return semget(key, 1, IPC_CREAT | IPC_EXCL | 0600);
}

static int remove_set(void)
{
    return remove_leftover(key);
}

static void another_users_set_is_left_alone_by_root_too(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip_test("root would run it");
    assert_int_equal(as_nobody(make_set), 0);
    assert_int_equal(remove_leftover(key), -1);
    assert_int_equal(errno, EPERM);
    int set = semget(key, 0, 0);
    assert_int_equal(semctl(set, 0, IPC_RMID), 0);

    // And the other way about.
    assert_int_not_equal(set = make_set(), -1);
    assert_int_equal(as_nobody(remove_set), -1);
    assert_int_equal(errno, EPERM);
    assert_int_equal(semctl(set, 0, IPC_RMID), 0);
}

static int make_and_remove_unreadable(void)
{
    union semun argument = {
        .buf = &(struct semid_ds){
            .sem_perm = {.uid = geteuid(), .gid = getegid()}}};
    int set = make_set();

    if (set == -1 || semctl(set, 0, IPC_SET, argument) == -1)
        return -1;
    return remove_leftover(key);
}

static void a_leftover_that_nobody_may_read_is_removed(void **state)
{
    (void)state;
    if (geteuid() == 0)
        assert_int_equal(as_nobody(make_and_remove_unreadable), 0);
    else
        assert_int_equal(make_and_remove_unreadable(), 0);
    assert_int_equal(semget(key, 0, 0), -1);
}

static void private_leftovers_are_known_by_their_size(void **state)
{
    (void)state;
    enum { SIZE = 211 }; // no other test has that
    struct sembuf claim = {SEM_OWNER, +1, SEM_UNDO};
    int left = semget(IPC_PRIVATE, SIZE, 0600);
    int other = semget(IPC_PRIVATE, SIZE + 1, 0600);
    int in_use = semget(IPC_PRIVATE, SIZE, 0600);
    assert_int_equal(semop(in_use, &claim, 1), 0);

    remove_private_leftovers(SIZE);

    assert_int_equal(semctl(left, 0, GETVAL), -1);
    assert_int_equal(semctl(other, 0, IPC_RMID), 0);
    assert_int_equal(semctl(in_use, 0, IPC_RMID), 0);
}

// Many at once, over what a killed one left, again and again. What one has made
// another may take for a leftover, as long as it has no owner; but in the end
// there is one set, and its process knows.
static void of_many_exactly_one_gets_it(void **state)
{
    (void)state;
    for (int round = 0; round < 50; round++) {
        int go[2], tried[2], done[2], owners = 0;

        assert_int_equal(pipe(go) + pipe(tried) + pipe(done), 0);
        for (int i = 0; i < 8; i++)
            if (fork() == 0) {
                char c = 0;
                close(go[1]);
                close(done[1]);
                if (read(go[0], &c, 1) == -1)
                    _exit(2);
                int set = own(2 + i);
                if (write(tried[1], &c, 1) == -1 || read(done[0], &c, 1) == -1)
                    _exit(2);
                _exit(set != -1 && semctl(set, 0, GETVAL) == 1);
            }
        close(go[0]);
        close(go[1]); // all of them go
        for (int i = 0; i < 8; i++) {
            char c;
            assert_int_equal(read(tried[0], &c, 1), 1);
        }
        close(done[1]); // and look
        for (int i = 0; i < 8; i++) {
            siginfo_t how;
            assert_int_equal(waitid(P_ALL, 0, &how, WEXITED), 0);
            assert_int_not_equal(how.si_status, 2);
            owners += how.si_status;
        }
        assert_int_equal(owners, 1);
        assert_int_equal(close(tried[0]) + close(tried[1]) + close(done[0]), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_there_is_no_set_there_is_nothing_to_do),
        cmocka_unit_test(a_set_whose_owner_lives_is_refused),
        cmocka_unit_test(what_a_killed_owner_left_is_removed_whatever_its_size),
        cmocka_unit_test(another_users_set_is_left_alone_by_root_too),
        cmocka_unit_test(a_leftover_that_nobody_may_read_is_removed),
        cmocka_unit_test(private_leftovers_are_known_by_their_size),
        cmocka_unit_test(of_many_exactly_one_gets_it),
    };

    alarm(60); // two owners would wait for each other
    return cmocka_run_group_tests(tests, make_key, remove_key);
}
