/*
 * tests/test_trace_order.c -- common/trace/order.h and model.h: in which order
 * calls can have happened, and what is in the objects meanwhile.
 */
#define _GNU_SOURCE // as the sources below want it
#include "unit.h"

#include <string.h>

#include "../common/trace/call.c"
#include "../common/trace/descriptor.c"
#include "../common/trace/event.c"
#include "../common/trace/model.c"
#include "../common/trace/order.c"
#include "../common/trace/payload.c"
#include "../common/trace/posix.c"
#include "../common/trace/process.c"
#include "../common/trace/socket.c"
#include "../common/trace/stream.c"
#include "../common/trace/sysv.c"
#include "../common/trace/waiting.c"

struct traced {
    int command;
    const char *line;
};

static struct events got;
static struct order ordering;

// Put them in order; the test then looks at what came out.
static bool ordered(const struct traced *lines, size_t count, bool untimed)
{
    struct calls calls = {0};

    for (size_t i = 0; i < count; i++)
        assert_true(calls_read_line(&calls, lines[i].command, lines[i].line));
    ordering = (struct order){.untimed = untimed};
    const bool ok = order_calls(&ordering, &calls, &got);
    calls_free(&calls);
    return ok;
}

static int forget(void **state)
{
    (void)state;
    order_free(&ordering);
    events_free(&got);
    return 0;
}

// The n-th event, from 0, as "process text | content".
static void assert_event(size_t n, const char *expected)
{
    char is[300];
    const struct event *event = &got.event[n];

    assert_in_range(n, 0, got.count - 1);
    snprintf(is, sizeof is, "%d %s%s%s", event->process, event->text,
             event->content[0] ? " | " : "", event->content);
    assert_string_equal(is, expected);
}

#define COUNT(lines) (sizeof(lines) / sizeof(lines)[0])

static const struct traced made = {
    0,
    "10 1700000000.000000 msgget(0x49000001, IPC_CREAT|0600) = 7 <0.000001>"};
static const struct traced ready = {
    0,
    "10 1700000000.000010 write(1<pipe:[1]>, \"ready\\n\", 6) = 6 <0.000001>"};

static void a_receive_comes_after_its_send_whatever_the_stamps(void **state)
{
    (void)state;
    // The receive's stamps are before those of the send, and they overlap.
    const struct traced lines[] = {
        made,
        ready,
        {0,
         "10 1700000000.000020 msgrcv(7, {mtype=1, mtext=\"ab\"}, 9, 0, 0) = "
         "2 <0.000100>"},
        {1, "20 1700000000.000100 msgsnd(7, {mtype=1, mtext=\"ab\"}, 2, 0) = 0 "
            "<0.000100>"},
    };

    assert_true(ordered(lines, COUNT(lines), false));
    assert_int_equal(got.count, 5);
    assert_event(2, "0 msgrcv any type | empty");
    assert_event(3, "1 msgsnd type 1, 2 bytes: ab | 1 message, 2 bytes");
    assert_event(4, "0 = 2 bytes: ab, type 1 | empty");
    assert_int_equal(got.event[3].arrow, got.event[4].arrow);
}

static void a_queue_that_was_found_empty_was_not_yet_sent_to(void **state)
{
    (void)state;
    // The send begins first, and so would go first; but then the queue is not
    // empty, and the only process that could take the message has not.
    const struct traced lines[] = {
        made,
        ready,
        {1, "20 1700000000.000100 msgsnd(7, {mtype=1, mtext=\"ab\"}, 2, 0) = 0 "
            "<0.000100>"},
        {0, "10 1700000000.000120 msgrcv(7, 0x7f, 9, 0, IPC_NOWAIT) = -1 "
            "ENOMSG (No message of desired type) <0.000010>"},
        {0,
         "10 1700000000.000150 msgrcv(7, {mtype=1, mtext=\"ab\"}, 9, 0, 0) = "
         "2 <0.000100>"},
    };

    assert_true(ordered(lines, COUNT(lines), false));
    assert_int_equal(ordering.rules, 1);
    size_t found_empty = 0;
    size_t sent = 0;
    for (size_t i = 0; i < got.count; i++) {
        if (strstr(got.event[i].text, "ENOMSG"))
            found_empty = i;
        if (got.event[i].kind == EVENT_SEND)
            sent = i;
    }
    assert_in_range(found_empty, 1, sent);
}

static void what_nobody_has_sent_cannot_be_ordered(void **state)
{
    (void)state;
    const struct traced lines[] = {
        made,
        ready,
        {0,
         "10 1700000000.000150 msgrcv(7, {mtype=1, mtext=\"ab\"}, 9, 0, 0) = "
         "2 <0.000100>"},
    };

    assert_false(ordered(lines, COUNT(lines), false));
    assert_int_equal(ordering.forced, 1);
    assert_int_equal(got.note_count, 1);
}

static void msgrcv_takes_the_first_of_its_type(void **state)
{
    (void)state;
    const struct traced lines[] = {
        made,
        {0, "10 1700000000.000100 msgsnd(7, {mtype=3, mtext=\"c\"}, 1, 0) = 0 "
            "<0.000001>"},
        {0, "10 1700000000.000200 msgsnd(7, {mtype=2, mtext=\"b\"}, 1, 0) = 0 "
            "<0.000001>"},
        {0, "10 1700000000.000300 msgrcv(7, {mtype=2, mtext=\"b\"}, 9, -3, 0) "
            "= 1 <0.000001>"},
        {0, "10 1700000000.000400 msgrcv(7, {mtype=3, mtext=\"c\"}, 9, 0, 0) = "
            "1 <0.000001>"},
    };

    assert_true(ordered(lines, COUNT(lines), false));
    assert_int_equal(got.event[3].arrow, got.event[2].arrow);
    assert_int_equal(got.event[4].arrow, got.event[1].arrow);
    assert_event(4, "0 msgrcv any type, 1 byte: c, type 3 | empty");
}

static void several_semaphores_change_at_once_or_not_at_all(void **state)
{
    (void)state;
    const struct traced lines[] = {
        {0, "10 1700000000.000000 semget(0x49000001, 2, IPC_CREAT|0600) = 5 "
            "<0.000001>"},
        {0, "10 1700000000.000005 semctl(5, 0, SETALL, [1, 0]) = 0 <0.000001>"},
        ready,
        {0, "10 1700000000.000020 semtimedop(5, [{sem_num=0, sem_op=-1, "
            "sem_flg=SEM_UNDO}, {sem_num=1, sem_op=-1, sem_flg=0}], 2, NULL) = "
            "0 <0.000300>"},
        {1, "20 1700000000.000100 semop(5, [{sem_num=1, sem_op=1, sem_flg=0}], "
            "1) = 0 <0.000001>"},
        {0, "10 1700000000.000500 +++ killed by SIGKILL +++"},
    };

    assert_true(ordered(lines, COUNT(lines), false));
    assert_event(1, "0 semctl SETALL | 1 0");
    assert_event(3, "0 semop 0: -1 UNDO, 1: -1 | 1 0");
    assert_event(4, "1 semop 1: +1 | 1 1");
    assert_event(5, "0 = returns | 0 0");
    assert_event(6, "0 ended by SIGKILL");
}

// As strace 5.10 shows them: without the names of the members.
static void messages_and_operations_without_names_are_read(void **state)
{
    (void)state;
    const struct traced lines[] = {
        made,
        ready,
        {0, "10 1700000000.000020 msgsnd(7, {3, \"c\"}, 1, 0) = 0 <0.000001>"},
        {0, "10 1700000000.000030 msgrcv(7, {3, \"c\\0\"}, 2, 0, 0) = 1 "
            "<0.000001>"},
        {0, "10 1700000000.000040 semget(0x49000001, 2, IPC_CREAT|0600) = 5 "
            "<0.000001>"},
        {0, "10 1700000000.000050 semctl(5, 0, SETALL, [1, 0]) = 0 <0.000001>"},
        {0, "10 1700000000.000060 semop(5, [{0, -1, SEM_UNDO}, {1, 2, 0}], 2) "
            "= 0 <0.000001>"},
        {0, "10 1700000000.000070 semop(5, [{0, 0, IPC_NOWAIT}], 1) = 0 "
            "<0.000001>"},
        {0, "10 1700000000.000080 +++ killed by SIGKILL +++"},
    };

    assert_true(ordered(lines, COUNT(lines), false));
    assert_event(2, "0 msgsnd type 3, 1 byte: c | 1 message, 1 bytes");
    assert_event(3, "0 msgrcv any type, 1 byte: c, type 3 | empty");
    assert_event(6, "0 semop 0: -1 UNDO, 1: +2 | 0 2");
    assert_event(7, "0 semop 0: zero? | 0 2");
    assert_event(8, "0 ended by SIGKILL");
}

static void who_waits_for_zero_may_return_in_any_order(void **state)
{
    (void)state;
    static const char *const waits[] = {"{sem_num=0, sem_op=0, sem_flg=0}",
                                        "{0, 0, 0}"};

    for (int i = 0; i < 2; i++) {
        char first[160];
        char second[160];
        snprintf(first, sizeof first,
                 "10 1700000000.000100 semop(5, [%s], 1) = 0 <0.000900>",
                 waits[i]);
        snprintf(second, sizeof second,
                 "20 1700000000.000100 semop(5, [%s], 1) = 0 <0.000300>",
                 waits[i]);
        const struct traced lines[] = {
            {0, "10 1700000000.000000 semget(0x49000001, 1, IPC_CREAT|0600) = "
                "5 <0.000001>"},
            {0, "10 1700000000.000005 semctl(5, 0, SETVAL, 1) = 0 <0.000001>"},
            ready,
            {0, first},
            {1, second},
            {2, "30 1700000000.000200 semop(5, [{0, -1, 0}], 1) = 0 "
                "<0.000001>"},
        };
        assert_true(ordered(lines, COUNT(lines), true));
        // Not the one whose stamp says so, but the one that stands first.
        assert_event(got.count - 2, "0 = returns | 0");
        assert_event(got.count - 1, "1 = returns | 0");
        forget(state);
    }
}

static const struct traced piped = {
    0, "10 1700000000.000000 pipe2([3<pipe:[71]>, 4<pipe:[71]>], 0) = 0 "
       "<0.000001>"};
static const struct traced forked = {
    0, "10 1700000000.000010 clone(child_stack=NULL, flags=SIGCHLD) = 11 "
       "<0.000001>"};

static void end_of_file_comes_when_the_last_write_end_is_closed(void **state)
{
    (void)state;
    const struct traced lines[] = {
        piped,
        forked,
        {0, "11 1700000000.000050 close(4<pipe:[71]>) = 0 <0.000001>"},
        {0, "11 1700000000.000060 read(3<pipe:[71]>, \"\", 17) = 0 <0.000100>"},
        {0, "10 1700000000.000150 close(4<pipe:[71]>) = 0 <0.000100>"},
    };

    assert_true(ordered(lines, COUNT(lines), false));
    assert_event(3, "1 read | 0 bytes, writer: sh");
    assert_event(4, "0 close write end | 0 bytes, no writer");
    assert_event(5, "1 = end of file | 0 bytes, no writer");
}

static void a_child_has_what_its_parent_had_open(void **state)
{
    (void)state;
    // It has not closed its own write end: there is no end of file.
    const struct traced lines[] = {
        piped,
        forked,
        {0, "10 1700000000.000040 close(4<pipe:[71]>) = 0 <0.000001>"},
        {0, "11 1700000000.000060 read(3<pipe:[71]>,  <unfinished ...>"},
        {0, "11 1700000001.000000 +++ killed by SIGTERM +++"},
    };

    assert_true(ordered(lines, COUNT(lines), false));
    assert_event(3, "1 read | 0 bytes, writer: child");
    assert_event(4, "1 ended by SIGTERM");
    assert_int_equal(got.count, 5);
}

static void a_pipe_is_full_as_the_kernel_fills_it(void **state)
{
    (void)state;
    // 16 pages, and 240 writes of 17 bytes in each: 3840.
    struct model model = {0};
    const int pipe = object_new(&model, OBJECT_PIPE, "pipe:[71]");
    char words[64];

    stream_set_capacity(object_at(&model, pipe), 65536);
    for (int i = 0; i < 3840; i++) {
        assert_true(stream_has_room(object_at(&model, pipe), 17));
        stream_put(&model, pipe, 17, i);
    }
    assert_false(stream_has_room(object_at(&model, pipe), 17));
    object_words(object_at(&model, pipe), words, sizeof words);
    assert_string_equal(words, "65280 bytes");
    stream_take(&model, pipe, 4079);
    assert_false(stream_has_room(object_at(&model, pipe), 17));
    stream_take(&model, pipe, 1);
    assert_true(stream_has_room(object_at(&model, pipe), 17));
    model_end(&model);
}

static void without_stamps_the_order_is_always_the_same(void **state)
{
    (void)state;
    // The sender was quicker here; without stamps the receiver waits for each.
    const struct traced lines[] = {
        made,
        ready,
        {1, "20 1700000000.000100 msgsnd(7, {mtype=1, mtext=\"a\"}, 1, 0) = 0 "
            "<0.000010>"},
        {1, "20 1700000000.000200 msgsnd(7, {mtype=1, mtext=\"b\"}, 1, 0) = 0 "
            "<0.000010>"},
        {0, "10 1700000000.000300 msgrcv(7, {mtype=1, mtext=\"a\"}, 9, 0, 0) = "
            "1 <0.000001>"},
        {0, "10 1700000000.000400 msgrcv(7, {mtype=1, mtext=\"b\"}, 9, 0, 0) = "
            "1 <0.000001>"},
    };

    assert_true(ordered(lines, COUNT(lines), true));
    assert_event(2, "0 msgrcv any type | empty");
    assert_event(3, "1 msgsnd type 1, 1 byte: a | 1 message, 1 bytes");
    assert_event(4, "0 = 1 byte: a, type 1 | empty");
    assert_event(5, "0 msgrcv any type | empty");
    assert_event(6, "1 msgsnd type 1, 1 byte: b | 1 message, 1 bytes");
    assert_int_equal(got.event[6].time_us, -1);
}

static void a_segment_that_is_removed_goes_at_its_last_detach(void **state)
{
    (void)state;
    const struct traced lines[] = {
        {0, "10 1700000000.000000 shmget(0x49000001, 64, IPC_CREAT|0600) = 7 "
            "<0.000001>"},
        {0, "10 1700000000.000010 shmat(7, NULL, 0) = 0x7f0000 <0.000001>"},
        {0, "10 1700000000.000020 shmctl(7, IPC_RMID, NULL) = 0 <0.000001>"},
        {0, "10 1700000000.000030 shmdt(0x7f0000) = 0 <0.000001>"},
    };

    assert_true(ordered(lines, COUNT(lines), false));
    assert_event(2, "0 shmctl IPC_RMID | 1 attached, to be removed");
    assert_event(3, "0 shmdt | removed");
}

static void children_have_the_order_of_their_forks(void **state)
{
    (void)state;
    // The second one's call comes first. SIGCHLD has no line: no handler.
    const struct traced lines[] = {
        forked,
        {0, "10 1700000000.000020 clone(child_stack=NULL, flags=SIGCHLD) = 12 "
            "<0.000001>"},
        {0, "12 1700000000.000030 nanosleep({tv_sec=1, tv_nsec=0}, NULL) = 0 "
            "<0.000001>"},
        {0, "11 1700000000.000040 nanosleep({tv_sec=2, tv_nsec=0}, NULL) = 0 "
            "<0.000001>"},
        {0, "12 1700000000.000050 +++ exited with 0 +++"},
        {0, "10 1700000000.000060 --- SIGCHLD {si_signo=SIGCHLD, "
            "si_code=CLD_EXITED, si_pid=12, si_status=0} ---"},
    };

    assert_true(ordered(lines, COUNT(lines), true));
    assert_int_equal(got.processes[1].pid, 0); // taken away
    assert_event(0, "0 fork");
    assert_int_equal(got.event[0].other, 1);
    assert_event(2, "0 fork");
    assert_int_equal(got.event[2].other, 2);
    assert_string_equal(got.processes[2].name, "child 2");
    for (size_t i = 0; i < got.count; i++)
        assert_string_not_equal(got.event[i].text, "SIGCHLD");
}

static void without_times_a_process_polls_once(void **state)
{
    (void)state;
    static const char asleep[] = "10 1700000000.000%d nanosleep({tv_sec=0, "
                                 "tv_nsec=5000000}, NULL) = 0 <0.000001>";
    static const char look[] = "10 1700000000.000%d msgctl(7, IPC_STAT, "
                               "{msg_qnum=%d, msg_qbytes=170}) = 0 <0.000001>";
    static const char send[] = "20 1700000000.000%d msgsnd(7, {mtype=1, "
                               "mtext=\"a\"}, 1, 0) = 0 <0.000001>";
    char text[8][200];
    struct traced lines[10] = {made, ready};

    for (int i = 0; i < 3; i++) {
        char(*two)[200] = &text[(size_t)2 * (size_t)i];
        snprintf(two[0], sizeof two[0], asleep, 100 + 30 * i);
        snprintf(two[1], sizeof two[1], look, 110 + 30 * i, i);
        if (i < 2)
            snprintf(text[6 + i], sizeof text[0], send, 120 + 30 * i);
    }
    for (int i = 0; i < 8; i++)
        lines[2 + i] = (struct traced){i >= 6, text[i]};
    assert_true(ordered(lines, 10, true));
    assert_int_equal(got.count, 7);
    assert_event(2, "0 sleep 5 ms");
    assert_event(3, "1 msgsnd type 1, 1 byte: a | 1 message, 1 bytes");
    assert_event(4, "1 msgsnd type 1, 1 byte: a | 2 messages, 2 bytes");
    assert_event(5, "0 = returns");
    assert_event(6, "0 msgctl IPC_STAT | 2 messages, 2 bytes");
}

#define TO_9400                                                                \
    "{sa_family=AF_INET, sin_port=htons(9400), "                               \
    "sin_addr=inet_addr(\"127.0.0.1\")}"

static const struct traced bound[] = {
    {0, "10 1700000000.000000 socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = "
        "3<UDP:[71]> <0.000001>"},
    {0, "10 1700000000.000005 bind(3<UDP:[71]>, " TO_9400 ", 16) = 0 "
        "<0.000001>"},
    {0, "10 1700000000.000010 write(1<pipe:[1]>, \"ready\\n\", 6) = 6 "
        "<0.000001>"},
    {1, "20 1700000000.000100 socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = "
        "3<UDP:[72]> <0.000001>"},
    {1, "20 1700000000.000105 connect(3<UDP:[72]>, " TO_9400 ", 16) = 0 "
        "<0.000001>"},
};

// Order those before, and these behind them.
static bool ordered_behind(const struct traced *before, size_t count_before,
                           const struct traced *lines, size_t count)
{
    struct traced all[16];

    memcpy(all, before, count_before * sizeof *before);
    memcpy(all + count_before, lines, count * sizeof *lines);
    return ordered(all, count_before + count, false);
}

static bool ordered_behind_bound(const struct traced *lines, size_t count)
{
    return ordered_behind(bound, COUNT(bound), lines, count);
}

static void datagrams_that_are_sent_together_are_received_one_by_one(void **s)
{
    (void)s;
    const struct traced lines[] = {
        {1,
         "20 1700000000.000110 sendmmsg(3<UDP:[127.0.0.1:5555]>, "
         "[{msg_hdr={msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"a\", "
         "iov_len=1}], msg_iovlen=1, msg_controllen=0, msg_flags=0}, "
         "msg_len=1}, {msg_hdr={msg_name=NULL, msg_namelen=0, "
         "msg_iov=[{iov_base=\"bc\", iov_len=2}], msg_iovlen=1, "
         "msg_controllen=0, msg_flags=0}, msg_len=2}], 2, 0) = 2 "
         "<0.000001>"},
        {0, "10 1700000000.000120 recvfrom(3<UDP:[127.0.0.1:9400]>, \"a\", 17, "
            "0, NULL, NULL) = 1 <0.000001>"},
        {0, "10 1700000000.000130 recvmmsg(3<UDP:[127.0.0.1:9400]>, "
            "[{msg_hdr={msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="
            "\"bc\", iov_len=99}], msg_iovlen=1, msg_controllen=0, "
            "msg_flags=0}, msg_len=2}], 8, 0, NULL) = 1 <0.000001>"},
    };

    assert_true(ordered_behind_bound(lines, COUNT(lines)));
    assert_event(5, "1 send 2 datagrams, first 1 byte: a | 2 datagrams, 3 "
                    "bytes");
    assert_event(6, "0 receive, 1 byte: a | 1 datagram, 2 bytes");
    assert_event(7, "0 receive, 2 bytes: bc | empty");
}

static void segments_are_received_each_or_together(void **state)
{
    (void)state;
    // 0x67 is UDP_SEGMENT, whose length strace does not show.
    const struct traced lines[] = {
        {1, "20 1700000000.000110 sendmsg(3<UDP:[127.0.0.1:5555]>, "
            "{msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"aabbc\", "
            "iov_len=5}], msg_iovlen=1, msg_control=[{cmsg_len=18, "
            "cmsg_level=SOL_UDP, cmsg_type=0x67}], msg_controllen=24, "
            "msg_flags=0}, 0) = 5 <0.000001>"},
        {0, "10 1700000000.000120 recvfrom(3<UDP:[127.0.0.1:9400]>, \"aa\", "
            "17, 0, NULL, NULL) = 2 <0.000001>"},
        {0, "10 1700000000.000130 recvmsg(3<UDP:[127.0.0.1:9400]>, "
            "{msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"bbc\", "
            "iov_len=99}], msg_iovlen=1, msg_control=[{cmsg_len=20, "
            "cmsg_level=SOL_UDP, cmsg_type=0x68}], msg_controllen=24, "
            "msg_flags=0}, 0) = 3 <0.000001>"},
    };

    assert_true(ordered_behind_bound(lines, COUNT(lines)));
    assert_event(5, "1 send in segments 5 bytes: aabbc | 5 bytes, in "
                    "segments");
    assert_event(6, "0 receive, 2 bytes: aa | 3 bytes, in segments");
    assert_event(7, "0 receive, in segments 3 bytes: bbc | empty");
    assert_int_equal(got.event[7].arrow, got.event[5].arrow);
}

static void a_datagram_that_was_passed_over_was_dropped(void **state)
{
    (void)state;
    const struct traced lines[] = {
        {1, "20 1700000000.000110 sendto(3<UDP:[72]>, \"a\", 1, 0, NULL, 0) = "
            "1 <0.000001>"},
        {1, "20 1700000000.000120 sendto(3<UDP:[127.0.0.1:5555]>, \"b\", 1, 0, "
            "NULL, 0) = 1 <0.000001>"},
        {0, "10 1700000000.000130 recvfrom(3<UDP:[127.0.0.1:9400]>, \"b\", 17, "
            "0, NULL, NULL) = 1 <0.000001>"},
    };

    assert_true(ordered_behind_bound(lines, COUNT(lines)));
    assert_event(5, "1 send 1 byte: a, dropped | empty");
    assert_event(6, "1 send 1 byte: b | 1 datagram, 1 bytes");
    assert_event(7, "0 receive, 1 byte: b | empty");
    assert_int_equal(got.event[7].arrow, got.event[6].arrow);
}

static void a_datagram_that_is_not_received_may_still_be_there(void **state)
{
    (void)state;
    // The last one's send may have come after the receive that found nothing.
    const struct traced lines[] = {
        {1, "20 1700000000.000110 sendto(3<UDP:[72]>, \"a\", 1, 0, NULL, 0) = "
            "1 <0.000001>"},
        {1, "20 1700000000.000120 sendto(3<UDP:[127.0.0.1:5555]>, \"b\", 1, 0, "
            "NULL, 0) = 1 <0.000100>"},
        {0,
         "10 1700000000.000130 recvfrom(3<UDP:[127.0.0.1:9400]>, 0x7ff0, 17, "
         "MSG_DONTWAIT, NULL, NULL) = -1 EAGAIN (Resource temporarily "
         "unavailable) <0.000001>"},
    };

    assert_true(ordered_behind_bound(lines, COUNT(lines)));
    assert_event(5, "1 send 1 byte: a, dropped | empty");
    assert_event(6, "1 send 1 byte: b | 1 datagram, 1 bytes");
}

// What a client sends before its connection is accepted, strace shows as sent
// by a socket without another end.
static const struct traced unaccepted[] = {
    {0, "10 1700000000.000000 socket(AF_UNIX, SOCK_STREAM, 0) = "
        "3<UNIX-STREAM:[50]> <0.000001>"},
    {0, "10 1700000000.000002 bind(3<UNIX-STREAM:[50]>, "
        "{sa_family=AF_UNIX, sun_path=\"s\"}, 110) = 0 <0.000001>"},
    {0, "10 1700000000.000004 listen(3<UNIX-STREAM:[50,\"s\"]>, 1) = 0 "
        "<0.000001>"},
    {0, "10 1700000000.000010 write(1<pipe:[1]>, \"ready\\n\", 6) = 6 "
        "<0.000001>"},
    {1, "20 1700000000.000100 socket(AF_UNIX, SOCK_STREAM, 0) = "
        "3<UNIX-STREAM:[81]> <0.000001>"},
    {1, "20 1700000000.000110 connect(3<UNIX-STREAM:[81]>, "
        "{sa_family=AF_UNIX, sun_path=\"s\"}, 110) = 0 <0.000001>"},
    {1, "20 1700000000.000120 sendto(3<UNIX-STREAM:[81]>, \"a\", 1, 0, "
        "NULL, 0) = 1 <0.000001>"},
};

static void what_is_sent_before_accept_is_in_the_connection(void **state)
{
    (void)state;
    const struct traced lines[] = {
        {0, "10 1700000000.000140 accept(3<UNIX-STREAM:[50,\"s\"]>, NULL, NULL)"
            " = 4<UNIX-STREAM:[82->81,\"s\"]> <0.000001>"},
        {0,
         "10 1700000000.000150 recvfrom(4<UNIX-STREAM:[82->81,\"s\"]>, \"a\", "
         "9, 0, NULL, NULL) = 1 <0.000001>"},
        {1, "20 1700000000.000160 close(3<UNIX-STREAM:[81->82]>) = 0 "
            "<0.000001>"},
    };

    assert_true(
        ordered_behind(unaccepted, COUNT(unaccepted), lines, COUNT(lines)));
    assert_event(6, "1 send 1 byte: a | 1 byte");
    assert_event(8, "0 receive, 1 byte: a | 0 bytes");
    assert_int_equal(got.event[8].arrow, got.event[6].arrow);
}

// The same client has gone by then: nothing names both ends.
static void
an_accepted_socket_whose_peer_has_gone_is_the_other_end(void **state)
{
    (void)state;
    const struct traced lines[] = {
        {1, "20 1700000000.000130 close(3<UNIX-STREAM:[81]>) = 0 "
            "<0.000001>"},
        {0, "10 1700000000.000140 accept(3<UNIX-STREAM:[50,\"s\"]>, NULL, NULL)"
            " = 4<UNIX-STREAM:[82,\"s\"]> <0.000001>"},
        {0,
         "10 1700000000.000150 recvfrom(4<UNIX-STREAM:[82,\"s\"]>, \"a\", 9, "
         "0, NULL, NULL) = 1 <0.000001>"},
    };

    assert_true(
        ordered_behind(unaccepted, COUNT(unaccepted), lines, COUNT(lines)));
    assert_event(6, "1 send 1 byte: a | 1 byte");
    assert_event(9, "0 receive, 1 byte: a | 0 bytes");
    assert_int_equal(got.event[9].arrow, got.event[6].arrow);
}

// strace 5.10 on a newer kernel, and on one of its own time.
static void a_local_stream_is_one_whatever_strace_calls_it(void **state)
{
    static const char *const names[][2] = {{"socket", "(null)"},
                                           {"UNIX", "UNIX"}};
    static const char *const formats[] = {
        "10 1700000000.000000 socket(AF_UNIX, SOCK_STREAM, 0) = "
        "3<%s:[50]> <0.000001>",
        "10 1700000000.000002 bind(3<%s:[50]>, {sa_family=AF_UNIX, "
        "sun_path=\"s\"}, 110) = 0 <0.000001>",
        "10 1700000000.000004 listen(3<%s:[50]>, 1) = 0 <0.000001>",
        "10 1700000000.000010 write(1<pipe:[1]>, \"ready\\n\", 6) = 6 "
        "<0.000001>",
        "20 1700000000.000100 socket(AF_UNIX, SOCK_STREAM, 0) = "
        "3<%s:[81]> <0.000001>",
        "20 1700000000.000110 connect(3<%s:[81]>, {sa_family=AF_UNIX, "
        "sun_path=\"s\"}, 110) = 0 <0.000001>",
        "20 1700000000.000120 sendto(3<%s:[81]>, \"a\", 1, 0, NULL, 0) = 1 "
        "<0.000001>",
        "10 1700000000.000140 accept(3<%s:[50]>, NULL, NULL) = "
        "4<%s:[82->81,\"s\"]> <0.000001>",
        "10 1700000000.000150 recvfrom(4<%.0s%s:[82->81,\"s\"]>, \"a\", 9, 0, "
        "NULL, NULL) = 1 <0.000001>",
    };

    for (int n = 0; n < 2; n++) {
        char texts[COUNT(formats)][200];
        struct traced lines[COUNT(formats)];
        for (size_t i = 0; i < COUNT(formats); i++) {
            snprintf(texts[i], sizeof texts[i], formats[i], names[n][0],
                     names[n][1]);
            lines[i] = (struct traced){texts[i][0] == '2', texts[i]};
        }
        assert_true(ordered(lines, COUNT(formats), false));
        assert_event(1, "0 bind s");
        assert_event(5, "1 connect s | 1 connection");
        assert_event(6, "1 send 1 byte: a | 1 byte");
        assert_event(8, "0 receive, 1 byte: a | 0 bytes");
        assert_int_equal(got.event[8].arrow, got.event[6].arrow);
        forget(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(
            a_receive_comes_after_its_send_whatever_the_stamps, forget),
        cmocka_unit_test_teardown(
            a_queue_that_was_found_empty_was_not_yet_sent_to, forget),
        cmocka_unit_test_teardown(what_nobody_has_sent_cannot_be_ordered,
                                  forget),
        cmocka_unit_test_teardown(msgrcv_takes_the_first_of_its_type, forget),
        cmocka_unit_test_teardown(
            several_semaphores_change_at_once_or_not_at_all, forget),
        cmocka_unit_test_teardown(
            messages_and_operations_without_names_are_read, forget),
        cmocka_unit_test_teardown(who_waits_for_zero_may_return_in_any_order,
                                  forget),
        cmocka_unit_test_teardown(
            end_of_file_comes_when_the_last_write_end_is_closed, forget),
        cmocka_unit_test_teardown(a_child_has_what_its_parent_had_open, forget),
        cmocka_unit_test(a_pipe_is_full_as_the_kernel_fills_it),
        cmocka_unit_test_teardown(without_stamps_the_order_is_always_the_same,
                                  forget),
        cmocka_unit_test_teardown(
            a_segment_that_is_removed_goes_at_its_last_detach, forget),
        cmocka_unit_test_teardown(children_have_the_order_of_their_forks,
                                  forget),
        cmocka_unit_test_teardown(without_times_a_process_polls_once, forget),
        cmocka_unit_test_teardown(
            datagrams_that_are_sent_together_are_received_one_by_one, forget),
        cmocka_unit_test_teardown(segments_are_received_each_or_together,
                                  forget),
        cmocka_unit_test_teardown(
            a_datagram_that_is_not_received_may_still_be_there, forget),
        cmocka_unit_test_teardown(
            what_is_sent_before_accept_is_in_the_connection, forget),
        cmocka_unit_test_teardown(
            an_accepted_socket_whose_peer_has_gone_is_the_other_end, forget),
        cmocka_unit_test_teardown(
            a_local_stream_is_one_whatever_strace_calls_it, forget),
        cmocka_unit_test_teardown(a_datagram_that_was_passed_over_was_dropped,
                                  forget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
