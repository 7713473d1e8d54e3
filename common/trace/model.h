/*
 * common/trace/model.h -- what the kernel holds, worked out from the calls.
 *
 * The model is given calls one by one. model_can() says whether the call can
 * end now as it did - a msgrcv not before the message it took is the first of
 * its type in the queue -, and model_do() does it: it changes what is in the
 * objects, and says in words what has happened.
 */
#ifndef COMMON_TRACE_MODEL_H
#define COMMON_TRACE_MODEL_H

#include "call.h"
#include "event.h"

#define MODEL_FDS 128        // open descriptors of a process
#define MODEL_SEMAPHORES 80  // of a set
#define MODEL_PAGES_MAX 1024 // of a pipe
#define MODEL_OUTSIDE (UINT64_C(1) << 63)

// One message, datagram, connection, or what one write has put in.
struct message {
    size_t size;
    size_t left; // of a stream: not yet read
    long type;
    int number;       // of the arrow
    int file;         // that it was sent through
    size_t call;      // a datagram: which call has sent it,
    int part;         // as which of several,
    bool cut;         // and whether into segments: strace shows no length
    bool passed_over; // what was sent after it has been received
    uint8_t head[40]; // its first bytes, as far as strace shows them
    uint8_t head_count;
};

struct object {
    enum object_kind kind;
    char key[128]; // what makes it this one: "pipe 81234"
    int serial;    // among those of its kind, from 1
    struct message *messages;
    int first;
    int last; // behind the last one
    int room;
    size_t bytes;
    size_t capacity; // 0: without a limit
    int value[MODEL_SEMAPHORES];
    int values;
    int readers; // open files that can read from it; of a segment: attached
    int writers;
    int owner;          // of a port: the process that reads from it; -1
    bool fixed;         // a port that a program has asked for by its number
    int written_by;     // how many writers it has ever had
    int opening[2];     // of a FIFO: opens that wait, to read and to write
    bool was_read;      // it has had a reader
    bool waits_for_all; // a receive that waits may have taken some: MSG_WAITALL
    int refused;        // by a listener: connections that wait for room
    int passed[16];     // files that are sent along: SCM_RIGHTS
    int passed_count;
    bool shown; // an event has named it
    bool removed;
    bool has_cut;    // a port to which segments have been sent
    bool goes_last;  // a segment that is removed at its last detach
    bool unknown;    // it was there before, or a call is not understood
    uint16_t *pages; // of a pipe: bytes in each, and
    uint16_t *used;  // where in the page they end
    int page_first;
    int page_last;
    int page_count;
};

// An open file description: fork(2) and dup(2) make descriptors that share it.
struct file {
    char key[128];  // what strace calls it
    int holders;    // descriptors
    int in;         // objects: what a read takes from
    int out;        // and what a write puts into
    int takes_from; // the same, also after it was closed
    int sends_to;
    int peer;     // of a datagram socket that is connected: the port
    int accepted; // of one that connects, or is accepted: the other end
    int bound;    // of a socket that may come to listen
    bool out_closed;
};

struct descriptor {
    int number;
    int file;
    bool close_on_exec;
};

struct undo { // what SEM_UNDO gives back at the end of a process
    int object;
    int semaphore;
    int amount;
};

struct mapping { // an attached segment
    long long address;
    int object;
};

struct process {
    pid_t pid;
    int parent;  // -1: a command's own
    int command; // from 0
    char name[24];
    bool first; // of its command
    bool exists;
    bool ended;
    int killed; // signals that others have sent, and that have not come yet
    bool awaits_kill; // another process sends SIGKILL, and has not yet
    bool shell;       // not yet the program that it is to become
    bool handles_sigchld;
    bool interrupted; // its last call
    struct descriptor fds[MODEL_FDS];
    int fd_count;
    struct undo undo[MODEL_SEMAPHORES];
    int undo_count;
    struct mapping mappings[16];
    int mapping_count;
    int write_object; // to which a write that waits has not yet written all
    long long write_left;
    bool write_begun;
    int64_t write_end_us;
    int write_arrow;
    int thread_of; // the process whose descriptors it uses
};

struct model {
    struct object *objects;
    int object_count;
    struct file *files;
    int file_count;
    struct process *processes;
    int process_count;
    int arrows;
    bool uses_memory; // shared, which no tracer sees
    bool finds_all;   // also objects that were there before
    const struct call *calls;
    size_t call_count;
    // Of each call: bit n, its n-th datagram was dropped; MODEL_OUTSIDE: nobody
    // in the trace reads from that port. NULL: it is to be found out, here:
    const uint64_t *dropped;
    uint64_t *passed_over;
    bool found_passed_over;
    char **fifos; // paths of FIFOs
    int fifo_count;
};

// dropped: what an earlier play has found out, or NULL.
void model_start(struct model *model, const struct calls *calls,
                 const uint64_t *dropped);
// Whether any datagrams were passed over until now, or sent to a port that
// nobody in the trace reads from: they are then in passed_over.
bool model_passed_over(struct model *model);
void model_set_ready(struct model *model);
void model_end(struct model *model);

struct process *model_process(struct model *model, pid_t pid);
int model_process_number(const struct model *model, pid_t pid);

// Whether this call can return now what it has returned.
bool model_can(struct model *model, const struct call *call);

// What the call is while it waits, in words. False: it is not worth a line.
bool model_begin(struct model *model, const struct call *call,
                 struct event *event);

// Let it happen. False: it is not worth a line. waited: its beginning has had
// one.
bool model_do(struct model *model, const struct call *call, bool waited,
              struct event *event);

// Whether time alone ends this call: a time limit, a signal, a sleep.
bool model_is_timed(const struct model *model, const struct call *call);

// What the object holds, in words.
void object_words(const struct object *object, char *words, size_t room);

#endif
