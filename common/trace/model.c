/*
 * common/trace/model.c -- the kernel's objects, and who has them: see model.h.
 */
#define _GNU_SOURCE // reallocarray
#include <err.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "payload.h"
#include "step.h"

static void *grown(void *array, int count, size_t size)
{
    void *larger = reallocarray(array, (size_t)count + 1, size);

    if (!larger)
        err(1, "reallocarray");
    return larger;
}

// Whether these can be the same bytes, as far as strace has shown both.
bool message_is(const struct message *message, const struct message *other)
{
    const size_t count = message->head_count < other->head_count
                             ? message->head_count
                             : other->head_count;

    return memcmp(message->head, other->head, count) == 0;
}

struct object *object_at(struct model *model, int object)
{
    return object < 0 ? NULL : &model->objects[object];
}

int object_of(struct model *model, enum object_kind kind, const char *key)
{
    for (int i = model->object_count - 1; i >= 0; i--)
        if (model->objects[i].kind == kind &&
            strcmp(model->objects[i].key, key) == 0)
            return i;
    return object_new(model, kind, key);
}

int object_new(struct model *model, enum object_kind kind, const char *key)
{
    int serial = 1;

    for (int i = 0; i < model->object_count; i++)
        serial += model->objects[i].kind == kind;
    model->objects =
        grown(model->objects, model->object_count, sizeof *model->objects);
    struct object *object = &model->objects[model->object_count];
    *object = (struct object){.kind = kind, .serial = serial, .owner = -1};
    snprintf(object->key, sizeof object->key, "%s", key);
    return model->object_count++;
}

// Of the datagrams that are left here, those that cannot be: one that was sent
// later has been received, and those of one sender stay in order.
static bool keep_passed_over(struct model *model, const struct object *port)
{
    bool any = false;

    for (int i = port->first; i < port->last && model->passed_over; i++) {
        const struct message *message = &port->messages[i];
        if (port->kind != OBJECT_PORT ||
            !(message->passed_over || !port->was_read))
            continue;
        model->passed_over[message->call] |=
            port->was_read ? UINT64_C(1) << message->part : MODEL_OUTSIDE;
        any = true;
    }
    return any;
}

bool model_passed_over(struct model *model)
{
    bool any = model->found_passed_over;

    for (int i = 0; i < model->object_count; i++)
        any = keep_passed_over(model, &model->objects[i]) || any;
    return any;
}

void object_clear(struct object *object)
{
    object->first = object->last = 0;
    object->bytes = 0;
    object->page_first = object->page_last = 0;
}

void object_detach(struct model *model, int number)
{
    struct object *segment = object_at(model, number);

    segment->readers--;
    segment->removed =
        segment->removed || (segment->goes_last && segment->readers == 0);
}

void object_put(struct model *model, int number, struct message message)
{
    struct object *object = object_at(model, number);

    if (object->last == object->room) {
        object->room = object->room ? 2 * object->room : 16;
        object->messages =
            grown(object->messages, object->room - 1, sizeof message);
    }
    object->messages[object->last++] = message;
    object->bytes += message.size;
}

struct message object_take(struct object *object, int index)
{
    struct message message = object->messages[index];

    memmove(&object->messages[object->first + 1],
            &object->messages[object->first],
            (size_t)(index - object->first) * sizeof message);
    object->first++;
    object->bytes -= message.size;
    if (object->first == object->last)
        object->first = object->last = 0;
    return message;
}

// Their values; of very many zeros at the end how many there are.
static void semaphore_words(const struct object *set, char *words, size_t room)
{
    int shown = set->values;
    size_t length = 0;

    while (shown > 3 && set->value[shown - 1] == 0)
        shown--;
    if (set->values - shown < 10)
        shown = set->values;
    words[0] = '\0';
    for (int i = 0; i < shown && length < room; i++)
        length += (size_t)snprintf(words + length, room - length, "%s%d",
                                   i ? " " : "", set->value[i]);
    if (shown < set->values && length < room)
        snprintf(words + length, room - length, ", and %d times 0",
                 set->values - shown);
}

void object_words(const struct object *object, char *words, size_t room)
{
    const int count = object->last - object->first;
    size_t length = 0;

    if (object->removed) {
        snprintf(words, room, "removed");
        return;
    }
    if (object->unknown) {
        snprintf(words, room, "not known");
        return;
    }
    switch (object->kind) {
    case OBJECT_SEMAPHORES:
        semaphore_words(object, words, room);
        break;
    case OBJECT_SEGMENT:
        snprintf(words, room, "%d attached%s", object->readers,
                 object->goes_last ? ", to be removed" : "");
        break;
    case OBJECT_PIPE:
    case OBJECT_FIFO:
    case OBJECT_CONNECTION:
        snprintf(words, room, "%zu byte%s%s", object->bytes,
                 object->bytes == 1 ? "" : "s",
                 object->page_count > 0 && !stream_has_room(object, 1)
                     ? ", full"
                     : "");
        break;
    case OBJECT_LISTENER:
        length = (size_t)snprintf(words, room, "%d connection%s", count,
                                  count == 1 ? "" : "s");
        if (object->refused > 0 && length < room)
            snprintf(words + length, room - length, ", %d tries again",
                     object->refused);
        break;
    case OBJECT_COUNTER:
        snprintf(words, room, "%d", object->value[0]);
        break;
    default:
        if (count == 0)
            snprintf(words, room, "empty");
        else if (object->has_cut)
            snprintf(words, room, "%zu bytes, in segments", object->bytes);
        else
            snprintf(words, room, "%d %s%s, %zu bytes", count,
                     object->kind == OBJECT_PORT ? "datagram" : "message",
                     count == 1 ? "" : "s", object->bytes);
    }
}

int file_new(struct model *model, const char *key)
{
    model->files = grown(model->files, model->file_count, sizeof *model->files);
    struct file *file = &model->files[model->file_count];
    *file = (struct file){.in = -1,
                          .out = -1,
                          .peer = -1,
                          .bound = -1,
                          .accepted = -1,
                          .takes_from = -1,
                          .sends_to = -1};
    snprintf(file->key, sizeof file->key, "%s", key);
    return model->file_count++;
}

void file_set_objects(struct model *model, int number, int in, int out)
{
    struct file *file = &model->files[number];

    if (in >= 0 && file->in < 0) {
        file->in = file->takes_from = in;
        model->objects[in].readers++;
        model->objects[in].was_read = true;
    }
    if (out >= 0 && file->out < 0) {
        file->out = file->sends_to = out;
        model->objects[out].writers++;
        model->objects[out].written_by++;
    }
}

void file_hold(struct model *model, int file)
{
    model->files[file].holders++;
}

void file_release(struct model *model, int number)
{
    struct file *file = &model->files[number];

    if (--file->holders > 0)
        return;
    if (file->in >= 0) {
        struct object *object = &model->objects[file->in];
        // What nobody can read any more is gone.
        if (--object->readers == 0 && object->kind != OBJECT_POSIX_QUEUE &&
            (object->writers == 0 ||
             (object->kind != OBJECT_FIFO && object->kind != OBJECT_PIPE))) {
            model->found_passed_over =
                keep_passed_over(model, object) || model->found_passed_over;
            object_clear(object);
        }
        file->in = -1;
    }
    if (file->out >= 0) {
        struct object *object = &model->objects[file->out];
        if (!file->out_closed)
            object->writers--;
        if (object->writers == 0 && object->readers == 0 &&
            (object->kind == OBJECT_FIFO || object->kind == OBJECT_PIPE))
            object_clear(object);
        file->out = -1;
    }
}

int model_process_number(const struct model *model, pid_t pid)
{
    for (int i = model->process_count - 1; i >= 0; i--)
        if (model->processes[i].pid == pid)
            return i;
    return -1;
}

struct process *model_process(struct model *model, pid_t pid)
{
    const int number = model_process_number(model, pid);

    return number < 0 ? NULL : &model->processes[number];
}

static struct process *owner_of_fds(struct model *model,
                                    struct process *process)
{
    while (process->thread_of >= 0)
        process = &model->processes[process->thread_of];
    return process;
}

struct descriptor *process_descriptor(struct model *model,
                                      struct process *process, int number)
{
    process = owner_of_fds(model, process);
    for (int i = 0; i < process->fd_count; i++)
        if (process->fds[i].number == number)
            return &process->fds[i];
    return NULL;
}

void process_close(struct model *model, struct process *process, int number)
{
    struct descriptor *fd = process_descriptor(model, process, number);

    process = owner_of_fds(model, process);
    if (fd) {
        const int file = fd->file;
        *fd = process->fds[--process->fd_count];
        file_release(model, file);
    }
}

void process_open(struct model *model, struct process *process, int number,
                  int file, bool close_on_exec)
{
    process_close(model, process, number);
    process = owner_of_fds(model, process);
    if (process->fd_count == MODEL_FDS)
        return;
    process->fds[process->fd_count++] =
        (struct descriptor){number, file, close_on_exec};
    file_hold(model, file);
}

// What the kernel does for a process that has ended, in this order.
void process_end(struct model *model, struct process *process)
{
    for (int i = 0; i < process->undo_count; i++) {
        struct object *set = &model->objects[process->undo[i].object];
        int *value = &set->value[process->undo[i].semaphore];
        if (!set->removed)
            *value += process->undo[i].amount;
        *value = *value < 0 ? 0 : *value > 32767 ? 32767 : *value;
    }
    process->undo_count = 0;
    for (int i = 0; i < process->mapping_count; i++)
        object_detach(model, process->mappings[i].object);
    process->mapping_count = 0;
    while (process->thread_of < 0 && process->fd_count > 0)
        process_close(model, process, process->fds[0].number);
    process->ended = true;
}

bool process_copy(struct model *model, struct process *parent, pid_t pid,
                  bool thread)
{
    struct process *child = model_process(model, pid);

    if (!child)
        return false; // it has no call in the trace
    const int parent_number = (int)(parent - model->processes);
    child->parent = parent_number;
    child->command = parent->command;
    child->exists = true;
    child->shell = parent->shell;
    child->handles_sigchld = parent->handles_sigchld;
    child->thread_of = -1;
    snprintf(child->name, sizeof child->name, "%s", parent->name);
    if (thread) {
        child->thread_of = parent_number;
        return true;
    }
    parent = owner_of_fds(model, parent);
    memcpy(child->fds, parent->fds, sizeof child->fds);
    child->fd_count = parent->fd_count;
    for (int i = 0; i < child->fd_count; i++)
        file_hold(model, child->fds[i].file);
    memcpy(child->mappings, parent->mappings, sizeof child->mappings);
    child->mapping_count = parent->mapping_count;
    for (int i = 0; i < child->mapping_count; i++)
        model->objects[child->mappings[i].object].readers++;
    return true;
}

// Whom a kill(2) in the trace ends: it does not end before that.
static void find_kills(struct model *model, const struct calls *calls)
{
    char name[32];

    for (size_t i = 0; i < calls->count; i++) {
        const struct call *call = &calls->call[i];
        if (call->kind != CALL_SYSTEM || strcmp(call->name, "kill") != 0 ||
            strcmp(call_arg(call, 1, name, sizeof name), "SIGKILL") != 0)
            continue;
        struct process *process =
            model_process(model, (pid_t)call_number(call, 0));
        if (process)
            process->awaits_kill = true;
    }
}

static bool has_calls(const struct calls *calls, pid_t pid)
{
    for (size_t i = 0; i < calls->count; i++)
        if (calls->call[i].pid == pid)
            return true;
    return false;
}

static bool is_fork(const struct call *call)
{
    return call->kind == CALL_SYSTEM && call->value > 0 &&
           (strncmp(call->name, "clone", 5) == 0 || strstr(call->name, "fork"));
}

static void add_process(struct model *model, int command, pid_t pid)
{
    bool first = true;

    if (model_process_number(model, pid) >= 0)
        return;
    for (int k = 0; k < model->process_count; k++)
        first = first && model->processes[k].command != command;
    model->processes =
        grown(model->processes, model->process_count, sizeof *model->processes);
    model->processes[model->process_count++] = (struct process){
        .pid = pid,
        .parent = -1,
        .thread_of = -1,
        .write_object = -1,
        .command = command,
        .exists = first && command == 0,
        .first = first,
        .shell = true,
        .name = "sh",
    };
}

// The children of the same parent that it has forked before this one: theirs is
// an earlier column, even if this one's first call has come before theirs.
static void add_elder(struct model *model, const struct calls *calls, pid_t pid)
{
    size_t fork = calls->count;

    for (size_t i = 0; i < calls->count && fork == calls->count; i++)
        if (is_fork(&calls->call[i]) && calls->call[i].value == pid)
            fork = i;
    for (size_t i = 0; i < fork && fork < calls->count; i++) {
        const struct call *call = &calls->call[i];
        if (is_fork(call) && call->pid == calls->call[fork].pid &&
            has_calls(calls, (pid_t)call->value))
            add_process(model, call->command, (pid_t)call->value);
    }
}

// All processes that the trace has calls of. The first of each command is there
// without a fork: that of the first command now, those of the others when it
// is ready.
void model_start(struct model *model, const struct calls *calls,
                 const uint64_t *dropped)
{
    *model = (struct model){
        .calls = calls->call, .call_count = calls->count, .dropped = dropped};
    for (size_t i = 0; i < calls->count; i++) {
        const struct call *call = &calls->call[i];
        if (model_process_number(model, call->pid) >= 0)
            continue;
        add_elder(model, calls, call->pid);
        add_process(model, call->command, call->pid);
    }
    find_kills(model, calls);
}

void model_set_ready(struct model *model)
{
    for (int i = 0; i < model->process_count; i++)
        if (model->processes[i].first)
            model->processes[i].exists = true;
}

void model_end(struct model *model)
{
    for (int i = 0; i < model->object_count; i++) {
        free(model->objects[i].messages);
        free(model->objects[i].pages);
        free(model->objects[i].used);
    }
    for (int i = 0; i < model->fifo_count; i++)
        free(model->fifos[i]);
    free(model->fifos);
    free(model->passed_over);
    free(model->objects);
    free(model->files);
    free(model->processes);
    *model = (struct model){0};
}

void step_say(struct step *step, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    const size_t length = strlen(step->words);
    vsnprintf(step->words + length, sizeof step->words - length, format,
              values);
    va_end(values);
}

void step_add_outcome(struct step *step, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    const size_t length = strlen(step->outcome);
    vsnprintf(step->outcome + length, sizeof step->outcome - length, format,
              values);
    va_end(values);
}

bool step_failed(const struct step *step)
{
    return !step->call->returned || step->call->restarts ||
           step->call->value == -1;
}

bool step_would_block(const struct step *step)
{
    return strcmp(step->call->error, "EAGAIN") == 0 &&
           step->call->end_us - step->call->begin_us < 5000;
}

void step_payload(struct step *step, const char *text, long long size,
                  bool datagram, struct message *message)
{
    uint8_t bytes[512];
    char words[120] = "";
    size_t have = text_vector(text, bytes, sizeof bytes);

    if (size < 0)
        size = 0;
    if (have > (size_t)size)
        have = (size_t)size;
    if (message) {
        message->size = (size_t)size;
        message->head_count =
            (uint8_t)(have < sizeof message->head ? have
                                                  : sizeof message->head);
        memcpy(message->head, bytes, message->head_count);
    }
    payload_words(bytes, have, (size_t)size, datagram, words, sizeof words);
    step_add_outcome(step, "%lld byte%s%s%s", size, size == 1 ? "" : "s",
                     words[0] ? ": " : "", words);
}

static step_function *function_of(const char *name)
{
    static const struct step_call *const tables[] = {
        sysv_calls,   posix_calls,   descriptor_calls, stream_calls,
        socket_calls, process_calls, waiting_calls,
    };

    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        for (const struct step_call *c = tables[i]; c->name; c++)
            if (strcmp(c->name, name) == 0)
                return c->function;
    return NULL;
}

static const char *name_of_record(const struct call *call)
{
    switch (call->kind) {
    case CALL_SIGNAL:
        return "+signal";
    case CALL_EXIT:
        return "+exit";
    case CALL_KILLED:
        return "+killed";
    default:
        return call->name;
    }
}

static bool run(struct model *model, const struct call *call,
                const struct step *how, struct step *step)
{
    struct process *process = model_process(model, call->pid);

    *step = *how;
    step->model = model;
    step->call = call;
    step->process = process;
    step->object = step->arrow = step->other = -1;
    step->kind = EVENT_CALL;
    if (!process || !process->exists)
        return false;
    step_function *function = function_of(name_of_record(call));
    if (!function) {
        step->quiet = true;
        return true;
    }
    const int objects = model->object_count;
    const bool can = function(step);
    // An id that has failed, and that nobody has got, is of nothing.
    if (strcmp(call->error, "EINVAL") == 0 && step->object >= objects) {
        model->object_count = objects;
        step->object = -1;
    }
    return can;
}

// A process, by the name that it will have: see order.c.
void process_mark(int process, char *words, size_t size)
{
    snprintf(words, size, "\001%c", 1 + process % 250);
}

bool model_can(struct model *model, const struct call *call)
{
    const struct step how = {0};
    struct step step;

    return run(model, call, &how, &step);
}

// Who has a write end open, or a read end: that is what ends or goes on.
static void add_holders(const struct model *model, const struct step *step,
                        char *content, size_t size)
{
    const bool writers = step->ends == WRITE_ENDS;
    size_t length = strlen(content);
    int count = 0;

    for (int p = 0; p < model->process_count && length < size; p++) {
        const struct process *process = &model->processes[p];
        bool has = false;
        for (int i = 0; i < process->fd_count; i++) {
            const struct file *file = &model->files[process->fds[i].file];
            has =
                has || (writers ? file->out == step->object && !file->out_closed
                                : file->in == step->object);
        }
        if (!has)
            continue;
        char mark[4];
        process_mark(p, mark, sizeof mark);
        length += (size_t)snprintf(content + length, size - length, "%s%s",
                                   count++ > 0 ? ", "
                                   : writers   ? ", writer: "
                                               : ", reader: ",
                                   mark);
    }
    if (count == 0)
        snprintf(content + length, size - length, ", no %s",
                 writers ? "writer" : "reader");
}

// How much is in it; and, where that matters, which ends are open.
static void write_content(const struct model *model, const struct step *step,
                          struct event *event)
{
    const struct object *object = &model->objects[step->object];

    object_words(object, event->content, sizeof event->content);
    if (step->ends != NO_ENDS && !object->removed &&
        (object->kind == OBJECT_PIPE || object->kind == OBJECT_FIFO ||
         (object->kind == OBJECT_CONNECTION && step->ends == WRITE_ENDS &&
          object->written_by > 0)))
        add_holders(model, step, event->content, sizeof event->content);
}

static void fill(struct model *model, const struct step *step,
                 struct event *event)
{
    event->process = (int)(step->process - model->processes);
    event->kind = step->kind;
    event->object = step->object;
    event->arrow = step->arrow;
    event->other = step->other;
    if (step->object >= 0) {
        model->objects[step->object].shown = true;
        write_content(model, step, event);
    }
}

bool model_begin(struct model *model, const struct call *call,
                 struct event *event)
{
    const struct step how = {.begins = true};
    struct step step;

    run(model, call, &how, &step);
    step.kind = EVENT_WAIT; // what it will be is not known yet
    fill(model, &step, event);
    snprintf(event->text, sizeof event->text, "%s", step.words);
    return !step.quiet && step.words[0] != '\0';
}

bool model_do(struct model *model, const struct call *call, bool waited,
              struct event *event)
{
    const struct step how = {.commit = true, .waited = waited};
    struct step step;

    run(model, call, &how, &step);
    step.process = model_process(model, call->pid); // the array may have moved
    if (step.process && call->kind == CALL_SYSTEM)
        step.process->interrupted =
            call->restarts || strcmp(call->error, "EINTR") == 0;
    if (step.quiet || !step.process || step.words[0] == '\0')
        return false;
    if (call->error[0] != '\0' && call->kind == CALL_SYSTEM)
        snprintf(step.outcome, sizeof step.outcome, "%s",
                 call->restarts ? "interrupted" : call->error);
    fill(model, &step, event);
    if (waited)
        snprintf(event->text, sizeof event->text, "= %.156s",
                 step.outcome[0] != '\0' ? step.outcome : "returns");
    else if (step.outcome[0] != '\0')
        snprintf(event->text, sizeof event->text, "%.80s%s%.76s", step.words,
                 step_failed(&step) ? ": " : ", ", step.outcome);
    else
        snprintf(event->text, sizeof event->text, "%s", step.words);
    return true;
}
