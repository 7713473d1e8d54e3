/*
 * tests/test_ftp_queue.c -- what msg/ftp/ftp_queue.h promises.
 */
#include "unit.h"

#include <sys/wait.h>
#include <unistd.h>

#include "../common/termination.h"
#include "../msg/ftp/ftp_queue.h"

static int queue;
static struct ftp_msg msg;
static struct ftp_message got;

static int make_queue(void **state)
{
    (void)state;
    queue = msgget(IPC_PRIVATE, 0600);
    set_alarm(1);
    return queue == -1 ? -1 : 0;
}

static int remove_queue(void **state)
{
    (void)state;
    set_alarm(0);
    msgctl(queue, IPC_RMID, NULL); // some have done it themselves
    return 0;
}

static void what_is_sent_arrives(void **state)
{
    (void)state;
    const struct {
        struct ftp_message m;
        enum ftp_event event;
    } cases[] = {
        {{.kind = FTP_DATA, .bytes = "x", .count = 1}, FTP_DATA_RECEIVED},
        {{.kind = FTP_EOT, .offset = 1, .cksum = 2}, FTP_EOT_RECEIVED},
        {{.kind = FTP_ERROR, .bytes = "x", .count = 1}, FTP_ERROR_RECEIVED},
        {{.kind = FTP_DONE}, FTP_DONE_RECEIVED},
        {{.kind = FTP_PATH, .bytes = "x", .count = 1}, FTP_PROTOCOL_ERROR},
        {{.kind = FTP_CALL, .queue = 1},
         FTP_PROTOCOL_ERROR}, // nobody expects those
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(ftp_send(queue, &msg, &cases[i].m, 1), FTP_OK);
        assert_int_equal(ftp_receive(queue, &msg, &got, 0, 1), cases[i].event);
        assert_int_equal(got.kind, cases[i].m.kind);
    }
}

static void anything_else_is_nonsense(void **state)
{
    (void)state;
    msg = (struct ftp_msg){.mtype = FTP_DATA};

    assert_int_equal(msgsnd(queue, &msg, 100, 0), 0);
    assert_int_equal(ftp_receive(queue, &msg, &got, 0, 1), FTP_PROTOCOL_ERROR);
}

static void a_client_gets_answers_and_not_what_it_sent_itself(void **state)
{
    (void)state;
    const struct ftp_message path = {
        .kind = FTP_PATH, .bytes = "x", .count = 1};
    const struct ftp_message eot = {.kind = FTP_EOT};

    assert_int_equal(ftp_send(queue, &msg, &path, 1), FTP_OK);
    assert_int_equal(ftp_send(queue, &msg, &eot, 1), FTP_OK);
    assert_int_equal(ftp_receive(queue, &msg, &got, -FTP_ERROR, 1),
                     FTP_EOT_RECEIVED);
}

static void silence_is_noticed_after_the_limit(void **state)
{
    (void)state;
    assert_int_equal(ftp_receive(queue, &msg, &got, 0, 1), FTP_TIMEOUT);
}

static void a_queue_that_stays_full_is_silence(void **state)
{
    (void)state;
    static uint8_t bytes[FTP_SIZE_MAX];
    const struct ftp_message m = {
        .kind = FTP_DATA, .bytes = bytes, .count = FTP_SIZE_MAX - 24};

    assert_int_equal(ftp_send(queue, &msg, &m, 1), FTP_OK);
    assert_int_equal(ftp_send(queue, &msg, &m, 1), FTP_OK); // 16384 by default
    assert_int_equal(ftp_send(queue, &msg, &m, 1), FTP_TIMEOUT);
}

static void a_queue_that_is_gone_is_noticed(void **state)
{
    (void)state;
    const struct ftp_message done = {.kind = FTP_DONE};

    msgctl(queue, IPC_RMID, NULL);
    assert_int_equal(ftp_send(queue, &msg, &done, 1), FTP_QUEUE_REMOVED);
    assert_int_equal(ftp_receive(queue, &msg, &got, 0, 1), FTP_QUEUE_REMOVED);
}

// At once: the limit of a minute is not waited for.
static void a_queue_that_goes_wakes_whoever_waits(void **state)
{
    (void)state;
    pid_t child = fork();

    if (child == 0) {
        ualarm(100000, 0); // probably after the other one waits
        pause();
        msgctl(queue, IPC_RMID, NULL);
        _exit(0);
    }
    assert_int_equal(ftp_receive(queue, &msg, &got, 0, 60), FTP_QUEUE_REMOVED);
    waitpid(child, NULL, 0);
}

static void any_other_failure_is_trouble(void **state)
{
    (void)state;
    const struct ftp_message done = {.kind = FTP_DONE};
    struct msqid_ds about;

    assert_int_equal(msgctl(queue, IPC_STAT, &about), 0);
    about.msg_perm.mode = 0;
    assert_int_equal(msgctl(queue, IPC_SET, &about), 0);
    uid_t before = geteuid();
    if (before == 0) // whom no mode stops
        assert_int_equal(seteuid(65534), 0);
    assert_int_equal(ftp_send(queue, &msg, &done, 1), FTP_LOCAL_ERROR);
    assert_int_equal(errno, EACCES);
    assert_int_equal(seteuid(before), 0);
}

int main(void)
{
#define IN_A_QUEUE(test)                                                       \
    cmocka_unit_test_setup_teardown(test, make_queue, remove_queue)
    const struct CMUnitTest tests[] = {
        IN_A_QUEUE(what_is_sent_arrives),
        IN_A_QUEUE(anything_else_is_nonsense),
        IN_A_QUEUE(a_client_gets_answers_and_not_what_it_sent_itself),
        IN_A_QUEUE(silence_is_noticed_after_the_limit),
        IN_A_QUEUE(a_queue_that_stays_full_is_silence),
        IN_A_QUEUE(a_queue_that_is_gone_is_noticed),
        IN_A_QUEUE(a_queue_that_goes_wakes_whoever_waits),
        IN_A_QUEUE(any_other_failure_is_trouble),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
