/*
 * common/trace/stream.c -- bytes in order: pipes, FIFOs, connections.
 */
#define _GNU_SOURCE
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "step.h"

#define PAGE 4096 // of a pipe, which is a ring of them

void stream_set_capacity(struct object *object, long long bytes)
{
    const int pages = (int)(bytes / PAGE);

    if (pages <= 0 || pages > MODEL_PAGES_MAX)
        return;
    uint16_t *room = calloc((size_t)pages, sizeof *room);
    uint16_t *used = calloc((size_t)pages, sizeof *used);
    if (!room || !used)
        err(1, "calloc");
    int count = 0;
    for (int i = object->page_first; i != object->page_last && count < pages;
         i++, count++) {
        room[count] = object->pages[i % object->page_count];
        used[count] = object->used[i % object->page_count];
    }
    free(object->pages);
    free(object->used);
    object->pages = room;
    object->used = used;
    object->page_first = 0;
    object->page_last = count;
    object->page_count = pages;
    object->capacity = (size_t)bytes;
}

// As the kernel does it: the end of a write joins the last page if all of it
// fits there, and the rest begins new pages.
static long long join(const struct object *object, long long n)
{
    const long long odd = n % PAGE;

    if (object->page_first == object->page_last || odd == 0)
        return 0;
    const int last = (object->page_last - 1) % object->page_count;
    return object->used[last] + odd <= PAGE ? odd : 0;
}

bool stream_has_room(const struct object *object, long long n)
{
    if (object->page_count == 0)
        return true;
    const long long rest = n - join(object, n);
    const int free_pages =
        object->page_count - (object->page_last - object->page_first);
    return (rest + PAGE - 1) / PAGE <= free_pages;
}

// How many of n bytes there is room for.
static long long room_for(const struct object *object, long long n)
{
    if (stream_has_room(object, n))
        return n;
    const int free_pages =
        object->page_count - (object->page_last - object->page_first);
    const long long room = join(object, n) + (long long)free_pages * PAGE;
    return room < n ? room : n;
}

static void put_pages(struct object *object, long long n, long long joined)
{
    if (joined > 0) {
        const int last = (object->page_last - 1) % object->page_count;
        object->pages[last] = (uint16_t)(object->pages[last] + joined);
        object->used[last] = (uint16_t)(object->used[last] + joined);
    }
    for (long long rest = n - joined;
         rest > 0 &&
         object->page_last - object->page_first < object->page_count;
         rest -= PAGE) {
        const int page = object->page_last++ % object->page_count;
        object->pages[page] = object->used[page] =
            (uint16_t)(rest < PAGE ? rest : PAGE);
    }
}

static void take_pages(struct object *object, long long n)
{
    while (n > 0 && object->page_first != object->page_last) {
        uint16_t *page =
            &object->pages[object->page_first % object->page_count];
        const long long taken = n < *page ? n : *page;
        *page = (uint16_t)(*page - taken);
        n -= taken;
        if (*page == 0)
            object->page_first++;
    }
}

bool stream_can_take(const struct object *object, long long n)
{
    if (n == 0) // end of file
        return object->bytes == 0 && object->writers == 0 &&
               (object->written_by > 0 || object->kind == OBJECT_FIFO);
    return object->bytes >= (size_t)n;
}

bool object_is_readable(const struct object *object)
{
    if (object->kind == OBJECT_PIPE || object->kind == OBJECT_FIFO ||
        object->kind == OBJECT_CONNECTION)
        return object->bytes > 0 || stream_can_take(object, 0);
    if (object->kind == OBJECT_COUNTER)
        return object->value[0] > 0;
    return object->last > object->first;
}

static void put(struct model *model, int number, long long n, long long joined,
                int arrow)
{
    struct object *object = object_at(model, number);

    if (object->page_count > 0)
        put_pages(object, n, joined);
    object_put(
        model, number,
        (struct message){
            .size = (size_t)n, .left = (size_t)n, .number = arrow, .file = -1});
}

void stream_put(struct model *model, int number, long long n, int arrow)
{
    put(model, number, n, join(object_at(model, number), n), arrow);
}

// Of the writes that wait at this pipe, and have not put in everything, the one
// that returns first.
static struct process *next_writer(struct model *model, int number)
{
    struct process *next = NULL;

    for (int i = 0; i < model->process_count; i++) {
        struct process *process = &model->processes[i];
        if (process->write_object == number && process->write_left > 0 &&
            (!next || process->write_end_us < next->write_end_us))
            next = process;
    }
    return next;
}

// A write that waits puts in what there is room for, again and again.
static void continue_writes(struct model *model, int number)
{
    struct process *process;

    while ((process = next_writer(model, number))) {
        struct object *object = object_at(model, number);
        const long long n = room_for(object, process->write_left);
        if (n == 0)
            break;
        // Only the first part of a write may join a page.
        put(model, number, n,
            process->write_begun ? 0 : join(object, process->write_left),
            process->write_arrow);
        process->write_begun = true;
        process->write_left -= n;
    }
}

// Of how many writes the next n bytes are: the arrow is that of the first.
static int writes_of(const struct object *object, long long n)
{
    int writes = 0;
    int last = -1;

    for (int i = object->first; i < object->last && n > 0; i++) {
        writes += object->messages[i].number != last;
        last = object->messages[i].number;
        n -= (long long)object->messages[i].left;
    }
    return writes;
}

// Returns the arrow of the write that these bytes began with.
int stream_take(struct model *model, int number, long long n)
{
    struct object *object = object_at(model, number);
    int arrow = -1;

    if (object->page_count > 0)
        take_pages(object, n);
    while (n > 0 && object->first < object->last) {
        struct message *message = &object->messages[object->first];
        const size_t taken =
            (size_t)n < message->left ? (size_t)n : message->left;
        if (arrow == -1)
            arrow = message->number;
        message->left -= taken;
        object->bytes -= taken;
        n -= (long long)taken;
        if (message->left == 0)
            object->first++;
    }
    if (object->first == object->last)
        object->first = object->last = 0;
    continue_writes(model, number);
    return arrow;
}

static bool is_outside(const char *key)
{
    return strncmp(key, "pipe:", 5) == 0 || strncmp(key, "/dev/", 5) == 0 ||
           strncmp(key, "NETLINK", 7) == 0 || key[0] == '\0';
}

// What is written to an eventfd, or read from it: eight bytes of this machine.
static int count_of(const char *text)
{
    uint64_t count = 0;

    text_bytes(text, (uint8_t *)&count, sizeof count);
    return (int)count;
}

// The other end of a pipe: that is an error, and worth a line.
static bool use_wrong_end(struct step *step, const char *verb, const char *end,
                          int object)
{
    step->object = object;
    step_say(step, "%s %s", verb, end);
    return true;
}

static const char *file_name(const char *key)
{
    const char *slash = strrchr(key, '/');

    return slash ? slash + 1 : key;
}

// What a program prints: its standard output leads out of the trace.
static bool print(struct step *step, const char *text, int fd)
{
    uint8_t bytes[200];
    size_t count = text_bytes(text, bytes, sizeof bytes - 1);

    while (count > 0 && bytes[count - 1] == '\n')
        count--;
    bytes[count] = '\0';
    for (size_t i = 0; i < count; i++)
        if (bytes[i] < ' ' || bytes[i] == 0x7f)
            bytes[i] = ' ';
    step->kind = EVENT_PRINT;
    step->quiet = count == 0;
    step_say(step, "%s%s", fd == 2 ? "stderr: " : "", (const char *)bytes);
    if (step->commit && step->process->command == 0 &&
        strncmp((const char *)bytes, "ready", 5) == 0)
        model_set_ready(step->model);
    return true;
}

// Bytes of a file, which both may use: a line, but nothing that is counted.
static bool use_file(struct step *step, const char *verb, const char *text)
{
    const struct file *file = &step->model->files[file_of_arg(step, 0)];
    char words[200];

    snprintf(words, sizeof words, "%s %s", verb, file_name(file->key));
    step_say(step, "%.60s", words);
    if (!step_failed(step))
        step_payload(step, text, step->call->value, false, NULL);
    step->quiet = step->quiet || path_is_of_system(file->key);
    return true;
}

bool stream_write(struct step *step, const char *verb, const char *text,
                  long long wanted)
{
    const int fd = (int)call_number(step->call, 0);
    const int file = file_of_arg(step, 0);
    char arg[300];

    socket_learn(step, file, call_arg(step->call, 0, arg, sizeof arg));
    const struct file *f = &step->model->files[file];
    if (f->out < 0 && (fd == 1 || fd == 2))
        return print(step, text, fd);
    if (f->out < 0 && f->in >= 0 && step_failed(step))
        return use_wrong_end(step, verb, "read end", f->in);
    if (f->out < 0) {
        step->quiet = is_outside(f->key);
        return use_file(step, verb, text);
    }
    step->object = f->out;
    struct object *object = object_at(step->model, step->object);
    if (object->kind == OBJECT_COUNTER) {
        step_say(step, "%s %d", verb, count_of(text));
        if (step->commit && !step_failed(step))
            object->value[0] += count_of(text);
        return true;
    }
    step_payload(step, text, wanted, false, NULL);
    step_say(step, "%s %s", verb, step->outcome);
    step->outcome[0] = '\0';
    if (strcmp(step->call->error, "EPIPE") == 0)
        return object->readers == 0 || object->kind == OBJECT_CONNECTION;
    if (step_failed(step))
        return !step_would_block(step) || !stream_has_room(object, wanted);
    const long long n = step->call->value;
    struct process *process = step->process;
    if (step->begins) {
        step->ends = READ_ENDS;
        process->write_object = step->object;
        process->write_left = n;
        process->write_end_us = step->call->end_us;
        process->write_begun = false;
        step->arrow = process->write_arrow = ++step->model->arrows;
        continue_writes(step->model, step->object);
        return false;
    }
    if (!step->commit)
        return process->write_object >= 0 ? process->write_left == 0
                                          : stream_has_room(object, n);
    if (n != wanted)
        step_add_outcome(step, "%lld written", n);
    if (step->waited && process->write_object >= 0) {
        process->write_object = -1;
        return true;
    }
    step->kind = EVENT_SEND;
    step->arrow = ++step->model->arrows;
    stream_put(step->model, step->object, n, step->arrow);
    return true;
}

bool stream_read(struct step *step, const char *verb, const char *text)
{
    const int file = file_of_arg(step, 0);
    char arg[300];

    socket_learn(step, file, call_arg(step->call, 0, arg, sizeof arg));
    const struct file *f = &step->model->files[file];
    if (f->in < 0 && f->out >= 0 && step_failed(step))
        return use_wrong_end(step, verb, "write end", f->out);
    if (f->in < 0) {
        step->quiet = is_outside(f->key) || step_failed(step);
        return use_file(step, verb, text);
    }
    step->object = f->in;
    struct object *object = object_at(step->model, step->object);
    step_say(step, "%s", verb);
    if (!step->commit)
        step->ends = WRITE_ENDS; // while it waits
    if (step->begins || step->commit)
        object->waits_for_all =
            step->begins && strstr(step->call->args, "MSG_WAITALL");
    if (object->kind == OBJECT_COUNTER) {
        const int count = count_of(text);
        if (!step_failed(step))
            step_add_outcome(step, "%d", count);
        if (step->commit && !step_failed(step))
            object->value[0] -= count;
        return step_failed(step) || step->commit || object->value[0] >= count;
    }
    if (step_failed(step))
        return !step_would_block(step) || object->bytes == 0 ||
               object->kind == OBJECT_CONNECTION; // still on its way
    const long long n = step->call->value;
    if (!step->commit)
        return object->unknown || stream_can_take(object, n);
    if (n == 0) {
        step->ends = WRITE_ENDS;
        step_add_outcome(step, "end of file");
        return true;
    }
    step_payload(step, text, n, false, NULL);
    step->kind = EVENT_RECEIVE;
    if (strstr(step->call->args, "MSG_PEEK")) {
        step->kind = EVENT_CALL;
        return true;
    }
    const int writes = writes_of(object, n);
    if (writes > 1)
        step_add_outcome(step, ", of %d writes", writes);
    step->arrow = stream_take(step->model, step->object, n);
    return true;
}

static bool on_write(struct step *step)
{
    char text[2200];
    const bool vector = strstr(step->call->name, "writev") != NULL;

    call_arg(step->call, 1, text, sizeof text);
    return stream_write(step, "write", text,
                        vector ? step->call->value
                               : call_number(step->call, 2));
}

static bool on_read(struct step *step)
{
    char text[2200];

    call_arg(step->call, 1, text, sizeof text);
    return stream_read(step, "read", text);
}

// splice(in, NULL, out, NULL, n, flags), and tee(in, out, n, flags), which
// leaves the bytes where they are.
static bool move_bytes(struct step *step, int in_arg, int out_arg, bool stays)
{
    const struct model *model = step->model;
    const int in = model->files[file_of_arg(step, in_arg)].in;
    const int out = model->files[file_of_arg(step, out_arg)].out;
    const long long n = step->call->value;

    step->object = in >= 0 ? in : out;
    step_say(step, "%s", step->call->name);
    if (step_failed(step))
        return true;
    if (!step->commit)
        return in < 0 || stream_can_take(&model->objects[in], n);
    step_add_outcome(step, "%lld bytes", n);
    if (n == 0)
        return true;
    if (in >= 0 && !stays) {
        step->kind = EVENT_RECEIVE;
        step->arrow = stream_take(step->model, in, n);
    }
    if (out >= 0) {
        const int arrow = ++step->model->arrows;
        stream_put(step->model, out, n, arrow);
        if (in < 0 || stays) {
            step->kind = EVENT_SEND;
            step->arrow = arrow;
            step->object = out;
        }
    }
    return true;
}

static bool on_splice(struct step *step)
{
    return move_bytes(step, 0, 2, false);
}

static bool on_tee(struct step *step)
{
    return move_bytes(step, 0, 1, true);
}

static bool on_vmsplice(struct step *step)
{
    char text[2200];

    call_arg(step->call, 1, text, sizeof text);
    return stream_write(step, "vmsplice", text, step->call->value);
}

const struct step_call stream_calls[] = {
    {"write", on_write},       {"pwrite64", on_write}, {"writev", on_write},
    {"read", on_read},         {"pread64", on_read},   {"readv", on_read},
    {"splice", on_splice},     {"tee", on_tee},        {"preadv2", on_read},
    {"vmsplice", on_vmsplice}, {NULL, NULL},
};
