/*
 * common/trace/step.h -- one call on its way through the model.
 *
 * Each system call has a function that is given a step. It fills in the words,
 * and returns whether the call can return now as it did; only if `commit` is
 * set does it change anything.
 */
#ifndef COMMON_TRACE_STEP_H
#define COMMON_TRACE_STEP_H

#include "model.h"

struct step {
    struct model *model;
    const struct call *call;
    struct process *process;
    bool commit;
    bool begins;       // it cannot return yet, and starts to wait
    bool waited;       // and this is its return
    bool quiet;        // not worth a line
    char words[160];   // the call: "msgrcv type 1"
    char outcome[160]; // and what it returned: "17 bytes: oslo #1"
    enum event_kind kind;
    int object;
    int arrow;
    int other;
    enum { NO_ENDS, WRITE_ENDS, READ_ENDS } ends; // it matters if any is open
};

typedef bool step_function(struct step *step);

// The calls of each file; the list ends with a NULL.
struct step_call {
    const char *name;
    step_function *function;
};

extern const struct step_call sysv_calls[];
extern const struct step_call posix_calls[];
extern const struct step_call descriptor_calls[];
extern const struct step_call stream_calls[];
extern const struct step_call socket_calls[];
extern const struct step_call process_calls[];
extern const struct step_call waiting_calls[];

void step_say(struct step *step, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void step_add_outcome(struct step *step, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool step_failed(const struct step *step); // -1, or it never returned
bool step_would_block(const struct step *step);

// The latest object with this key, made if it is not there.
int object_of(struct model *model, enum object_kind kind, const char *key);
int object_new(struct model *model, enum object_kind kind, const char *key);
struct object *object_at(struct model *model, int object);
void object_clear(struct object *object);
void object_detach(struct model *model, int object); // a segment
void object_put(struct model *model, int object, struct message message);
struct message object_take(struct object *object, int index);
bool message_is(const struct message *message, const struct message *other);

// The file behind the descriptor that is the n-th argument.
int file_of_arg(struct step *step, int n);
int file_of_text(struct step *step, const char *text);
int file_new(struct model *model, const char *key);
void file_set_objects(struct model *model, int file, int in, int out);
void file_hold(struct model *model, int file);
void file_release(struct model *model, int file);
// What strace writes behind a descriptor: "pipe:[7]".
void annotation_of(const char *text, char *key, size_t size);
bool path_is_of_system(const char *path);

struct descriptor *process_descriptor(struct model *model,
                                      struct process *process, int number);
void process_open(struct model *model, struct process *process, int number,
                  int file, bool close_on_exec);
void process_close(struct model *model, struct process *process, int number);
void process_mark(int process, char *words, size_t size);
void process_end(struct model *model, struct process *process);
bool process_copy(struct model *model, struct process *parent, pid_t pid,
                  bool thread);

// What was sent or received, in words, where strace shows it in this argument;
// and what of it a message remembers. datagram: it may be a packet of TFTP.
void step_payload(struct step *step, const char *text, long long size,
                  bool datagram, struct message *message);

// A stream's bytes come and go.
bool stream_can_take(const struct object *object, long long n);
int stream_take(struct model *model, int object, long long n);
bool stream_has_room(const struct object *object, long long n);
void stream_put(struct model *model, int number, long long n, int arrow);
void stream_set_capacity(struct object *object, long long bytes);
// Whether poll(2) would say that a read from it does not wait.
bool object_is_readable(const struct object *object);

bool stream_write(struct step *step, const char *verb, const char *text,
                  long long wanted);
bool stream_read(struct step *step, const char *verb, const char *text);

// What strace says of the socket may tell more than was known of it.
void socket_learn(struct step *step, int file, const char *text);

#endif
