/*
 * common/figures/stopwait.h -- the state machines of udp/stopwait, which are
 * code there, and no tables.
 *
 * These are drawn, and nothing runs them. But each event has one line that the
 * programs print, and tests/figures.bats follows what they print through the
 * figures.
 */
#ifndef COMMON_FIGURES_STOPWAIT_H
#define COMMON_FIGURES_STOPWAIT_H

#include "words.h"

enum stopwait_state {
    STOPWAIT_SENDING = 1,
    STOPWAIT_WAITING,
    STOPWAIT_RECEIVING,
    STOPWAIT_DALLYING,
    STOPWAIT_SUCCEEDED,
    STOPWAIT_FAILED,
    STOPWAIT_STATES,
};

enum stopwait_event {
    STOPWAIT_SENT = 1,  // sender
    STOPWAIT_ACKED,     // sender
    STOPWAIT_END_ACKED, // sender
    STOPWAIT_OTHER_ACK, // sender
    STOPWAIT_TIMEOUT,   // sender
    STOPWAIT_GIVE_UP,   // sender
    STOPWAIT_EXPECTED,  // receiver
    STOPWAIT_AGAIN,     // receiver
    STOPWAIT_EARLY,     // receiver
    STOPWAIT_END,       // receiver
    STOPWAIT_SILENCE,   // receiver
    STOPWAIT_EVENTS,
};

enum stopwait_action {
    STOPWAIT_NOTHING = 1,
    STOPWAIT_WAIT,
    STOPWAIT_NEXT,
    STOPWAIT_SAME,
    STOPWAIT_ACK,
    STOPWAIT_ACK_AGAIN,
    STOPWAIT_DISCARD,
};

struct stopwait_step {
    enum stopwait_state state;
    enum stopwait_action action;
};

// clang-format off
static const struct stopwait_step
stopwait_sender_table[STOPWAIT_STATES][STOPWAIT_EVENTS] = {
    [STOPWAIT_SENDING] = {
        [STOPWAIT_SENT]      = {STOPWAIT_WAITING, STOPWAIT_WAIT},
        [STOPWAIT_GIVE_UP]   = {STOPWAIT_FAILED, STOPWAIT_NOTHING},
    },
    [STOPWAIT_WAITING] = {
        [STOPWAIT_ACKED]     = {STOPWAIT_SENDING, STOPWAIT_NEXT},
        [STOPWAIT_TIMEOUT]   = {STOPWAIT_SENDING, STOPWAIT_SAME},
        [STOPWAIT_OTHER_ACK] = {STOPWAIT_WAITING, STOPWAIT_NOTHING},
        [STOPWAIT_END_ACKED] = {STOPWAIT_SUCCEEDED, STOPWAIT_NOTHING},
    },
};

static const struct stopwait_step
stopwait_receiver_table[STOPWAIT_STATES][STOPWAIT_EVENTS] = {
    [STOPWAIT_RECEIVING] = {
        [STOPWAIT_EXPECTED]  = {STOPWAIT_RECEIVING, STOPWAIT_ACK},
        [STOPWAIT_AGAIN]     = {STOPWAIT_RECEIVING, STOPWAIT_ACK_AGAIN},
        [STOPWAIT_EARLY]     = {STOPWAIT_RECEIVING, STOPWAIT_DISCARD},
        [STOPWAIT_END]       = {STOPWAIT_DALLYING, STOPWAIT_ACK},
        [STOPWAIT_SILENCE]   = {STOPWAIT_FAILED, STOPWAIT_NOTHING},
    },
    [STOPWAIT_DALLYING] = {
        [STOPWAIT_AGAIN]     = {STOPWAIT_DALLYING, STOPWAIT_ACK_AGAIN},
        [STOPWAIT_EARLY]     = {STOPWAIT_DALLYING, STOPWAIT_DISCARD},
        [STOPWAIT_SILENCE]   = {STOPWAIT_SUCCEEDED, STOPWAIT_NOTHING},
    },
};
// clang-format on

static const struct words stopwait_state_words[STOPWAIT_STATES] = {
    [STOPWAIT_SENDING] = {"SENDING", NULL, "发送"},
    [STOPWAIT_WAITING] = {"WAITING", NULL, "等待 ACK"},
    [STOPWAIT_RECEIVING] = {"RECEIVING", NULL, "接收"},
    [STOPWAIT_DALLYING] = {"DALLYING", NULL, "多等一会儿"},
    [STOPWAIT_SUCCEEDED] = {"SUCCEEDED", NULL, "成功"},
    [STOPWAIT_FAILED] = {"FAILED", NULL, "失败"},
};

static const struct words stopwait_event_words[STOPWAIT_EVENTS] = {
    [STOPWAIT_SENT] = {"SENT", "#n sent", "#n 已发出"},
    [STOPWAIT_ACKED] = {"ACKED", "ACK #n", "ACK #n"},
    [STOPWAIT_END_ACKED] = {"END_ACKED", "ACK END", "ACK END"},
    [STOPWAIT_OTHER_ACK] = {"OTHER_ACK", "an old ACK", "旧的 ACK"},
    [STOPWAIT_TIMEOUT] = {"TIMEOUT", "timeout", "超时"},
    [STOPWAIT_GIVE_UP] = {"GIVE_UP", "no ACK for 3 s", "3 秒没有 ACK"},
    [STOPWAIT_EXPECTED] = {"EXPECTED", "#n, expected", "正该到的 #n"},
    [STOPWAIT_AGAIN] = {"AGAIN", "#k, k < n", "#k，k < n"},
    [STOPWAIT_EARLY] = {"EARLY", "#k, k > n", "#k，k > n"},
    [STOPWAIT_END] = {"END", "END", "END"},
    [STOPWAIT_SILENCE] = {"SILENCE", "silence", "沉默"},
};

static const struct words stopwait_action_words[] = {
    [STOPWAIT_NOTHING] = {"NOTHING", "", ""},
    [STOPWAIT_WAIT] = {"WAIT", "start the timer", "启动定时器"},
    [STOPWAIT_NEXT] = {"NEXT", "n + 1", "n + 1"},
    [STOPWAIT_SAME] = {"SAME", "#n again", "重发 #n"},
    [STOPWAIT_ACK] = {"ACK", "show it, ACK", "显示，发 ACK"},
    [STOPWAIT_ACK_AGAIN] = {"ACK_AGAIN", "discard, ACK again",
                            "丢弃，再发 ACK"},
    [STOPWAIT_DISCARD] = {"DISCARD", "discard", "丢弃"},
};

#endif
