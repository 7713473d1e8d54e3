/*
 * tests/test_sem_own.c -- what sem/sem_own.h promises.
 */
#include "unit.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/program.h"
#include "../sem/sem_own.h"

static key_t key; // of a file that nobody else has
static char path[] = "/tmp/sem_own-XXXXXX";

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

// A process that owns the set, and waits to be killed. Returns when it does.
static pid_t owner(int semaphores)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);

    pid_t child = fork();
    if (child == 0) {
        char owned = sem_own(key, semaphores) != -1 ? 1 : 0;
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

static void a_new_set_is_ours_and_closed(void **state)
{
    (void)state;
    int set = sem_own(key, 3);

    assert_int_not_equal(set, -1);
    assert_int_equal(semctl(set, SEM_OWNER, GETVAL), 1);
    assert_int_equal(semctl(set, SEM_OWNER, GETPID), getpid());
    assert_int_equal(semctl(set, 1, GETVAL), 0);
    assert_int_equal(semctl(set, 2, GETVAL), 0);
    assert_int_equal(semctl(set, 0, IPC_RMID), 0);
}

static void a_set_whose_owner_lives_is_refused(void **state)
{
    (void)state;
    pid_t child = owner(2);
    int set = semget(key, 0, 0);

    assert_int_equal(sem_own(key, 2), -1);
    assert_int_equal(errno, EBUSY);
    assert_int_equal(semctl(set, SEM_OWNER, GETVAL), 1);

    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void what_a_killed_owner_left_is_replaced_whatever_its_size(void **state)
{
    (void)state;
    pid_t child = owner(2);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    int left = semget(key, 0, 0);
    assert_int_not_equal(left, -1);

    int set = sem_own(key, 5);

    assert_int_not_equal(set, -1);
    assert_int_equal(semctl(left, SEM_OWNER, GETVAL), -1);
    assert_int_equal(semctl(set, 4, GETVAL), 0);
    assert_int_equal(semctl(set, 0, IPC_RMID), 0);
}

// Many at once, over what a dead one left, again and again: one gets it.
static void of_many_exactly_one_gets_it(void **state)
{
    (void)state;
    for (int round = 0; round < 50; round++) {
        int go[2], done[2];
        pid_t children[8];
        int owners = 0;

        assert_int_equal(pipe(go), 0);
        assert_int_equal(pipe(done), 0);
        for (int i = 0; i < 8; i++) {
            children[i] = fork();
            if (children[i] == 0) {
                char c;
                close(go[1]);
                close(done[1]);
                if (read(go[0], &c, 1) == -1)
                    _exit(2);
                int set = sem_own(key, 2 + i);
                if (set == -1 && errno != EBUSY)
                    _exit(2);
                close(go[0]);
                if (set != -1 && read(done[0], &c, 1) == -1)
                    _exit(2);
                _exit(set != -1);
            }
        }
        close(go[0]);
        close(go[1]); // all of them go
        for (int i = 0; i < 8; i++) {
            siginfo_t how;
            if (i == 7)
                close(done[1]); // only the owner is left: it ends too
            assert_int_equal(waitid(P_ALL, 0, &how, WEXITED), 0);
            assert_int_not_equal(how.si_status, 2);
            owners += how.si_status;
        }
        close(done[0]);
        assert_int_equal(owners, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_set_is_ours_and_closed),
        cmocka_unit_test(a_set_whose_owner_lives_is_refused),
        cmocka_unit_test(
            what_a_killed_owner_left_is_replaced_whatever_its_size),
        cmocka_unit_test(of_many_exactly_one_gets_it),
    };

    alarm(60); // two owners would wait for each other
    return cmocka_run_group_tests(tests, make_key, remove_key);
}
