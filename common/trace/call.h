/*
 * common/trace/call.h -- a line of strace(1), and what stands in it.
 *
 *     4211 1700000000.123456 msgget(0x49000001, 000) = 7 <0.000015>
 *
 * strace stamps a call when it has stopped the process before it; then it
 * writes that down, lets the process go on, and measures until it has stopped
 * it after the call. So what the call did, it did between its own stamp and
 * that of the same process's next call; when in between, no stamp tells.
 */
#ifndef COMMON_TRACE_CALL_H
#define COMMON_TRACE_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum call_kind {
    CALL_SYSTEM = 1, // a system call
    CALL_SIGNAL,     // a signal has come: name
    CALL_EXIT,       // the process has ended with a status: result
    CALL_KILLED,     // by a signal: name
};

struct call {
    enum call_kind kind;
    int command; // by which of the commands, from 0
    pid_t pid;
    int64_t begin_us;
    int64_t end_us;    // without the time in which strace wrote down the start
    int64_t latest_us; // when it had ended for sure: the next one began
    bool returned;     // false: it was waiting when the process ended
    bool restarts; // the kernel begins it anew, or says EINTR: a signal came
    char name[32];
    char *args;      // what stands between the parentheses
    long long value; // of a call that failed: -1
    char error[20];  // "EAGAIN"
    char *note;      // what stands behind the value: "<pipe:[7]>"
};

struct calls {
    struct call *call;
    size_t count;
    size_t room;
};

// Take in one line of the trace of that command. False if it is none.
bool calls_read_line(struct calls *calls, int command, const char *line);
void calls_free(struct calls *calls);

// Copy the n-th argument, from 0: strings with their quotes, structs with their
// braces. An empty one if there are not so many.
const char *call_arg(const struct call *call, int n, char *text, size_t size);

// The number that the n-th argument is, or begins with: 3<pipe:[7]> is 3.
long long call_number(const struct call *call, int n);

// What stands behind `field=` in the text, up to the next comma or bracket.
const char *text_field(const char *text, const char *field, char *value,
                       size_t size);

// The n-th member, from 0, of the struct whose brace opens the text. strace
// 5.10 has {1, "a"} where later ones have {mtype=1, mtext="a"}.
const char *text_member(const char *text, int n, char *value, size_t size);

// The bytes of the first string in the text, of which strace may have cut the
// rest off. Returns how many there are.
size_t text_bytes(const char *text, uint8_t *bytes, size_t size);

// The same of an array of struct iovec: what its buffers hold, one after the
// other; or of a single string.
size_t text_vector(const char *text, uint8_t *bytes, size_t size);

// The end of what begins at *at: a string, a bracket with all that is in it, or
// one character.
const char *text_skip(const char *at);

#endif
