/*
 * common/trace/event.h -- what the pictures are drawn from: a list of events.
 *
 * As text it is a line each, its fields separated by tabs:
 *
 *     process NUMBER NAME PID COMMAND PARENT
 *     object  NUMBER KIND NAME
 *     note    TEXT
 *     event   TIME_US PROCESS KIND OBJECT ARROW OTHER CONTENT TEXT
 *
 * Numbers count from 0, and -1 stands for none. The events are in order: each
 * of them can have happened after those before it.
 */
#ifndef COMMON_TRACE_EVENT_H
#define COMMON_TRACE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum object_kind {
    OBJECT_QUEUE = 1,
    OBJECT_POSIX_QUEUE,
    OBJECT_SEMAPHORES,
    OBJECT_SEGMENT,
    OBJECT_PIPE,
    OBJECT_FIFO,
    OBJECT_CONNECTION, // one direction of it
    OBJECT_LISTENER,
    OBJECT_PORT, // of datagrams
    OBJECT_COUNTER,
    OBJECT_KINDS,
};

enum event_kind {
    EVENT_CALL = 1, // it has returned
    EVENT_WAIT,     // it begins, and waits
    EVENT_RETURN,   // and returns
    EVENT_SEND,     // a call that has put something into the object
    EVENT_SENT,     // the same, after it has waited
    EVENT_RECEIVE,  // and one that has taken it out
    EVENT_RECEIVED, // after it has waited
    EVENT_PRINT,    // a line of output
    EVENT_FORK,     // other: the child
    EVENT_EXEC,
    EVENT_SIGNAL, // other: the sender
    EVENT_END,
    EVENT_STATE, // of a state machine: state.h
    EVENT_KINDS,
};

struct event {
    int64_t time_us; // since the first one; -1: times are taken away
    int process;
    enum event_kind kind;
    int object;
    int arrow; // of what was sent; a receipt has the same number
    int other; // process
    char content[80];
    char text[160];
};

struct event_process {
    char name[24];
    int pid; // 0: taken away
    int command;
    int parent;
};

struct event_object {
    enum object_kind kind;
    char name[48];
};

struct events {
    struct event *event;
    size_t count;
    size_t room;
    struct event_process *processes;
    int process_count;
    struct event_object *objects;
    int object_count;
    char notes[8][160];
    int note_count;
};

struct event *events_add(struct events *events);
int events_add_process(struct events *events,
                       const struct event_process *process);
int events_add_object(struct events *events, const struct event_object *object);
void events_add_note(struct events *events, const char *text);
void events_free(struct events *events);

// A picture of too many events shows the first and the last of them: whether
// this one is left out.
bool events_left_out(const struct events *events, size_t i);
// And how many are; 0 if all are drawn.
size_t events_left_out_count(const struct events *events);

// Whether a call that waits ends here.
bool event_ends_wait(const struct event *event);

bool events_write(const struct events *events, FILE *file);
// False, with the number of the line that is wrong.
bool events_read(struct events *events, FILE *file, int *line);

#endif
