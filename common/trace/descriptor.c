/*
 * common/trace/descriptor.c -- which process has which end of what.
 */
#include <stdlib.h>
#include <string.h>

#include "step.h"

void annotation_of(const char *text, char *key, size_t size)
{
    const char *begin = strchr(text, '<');
    const char *end = strrchr(text, '>');

    if (!begin || !end || end < begin)
        begin = end = "";
    else
        begin++;
    snprintf(key, size, "%.*s", (int)(end - begin), begin);
}

// A path as it was made known by mkfifo, or by stat: a FIFO.
static bool is_fifo(const struct model *model, const char *path)
{
    for (int i = 0; i < model->fifo_count; i++)
        if (strcmp(model->fifos[i], path) == 0)
            return true;
    return false;
}

static void add_fifo(struct model *model, const char *path)
{
    if (is_fifo(model, path))
        return;
    char **fifos =
        realloc(model->fifos, ((size_t)model->fifo_count + 1) * sizeof *fifos);
    char *copy = strdup(path);
    if (!fifos || !copy)
        abort();
    model->fifos = fifos;
    model->fifos[model->fifo_count++] = copy;
}

// The path of a call that names a folder's descriptor and a path in it.
static void path_of(const struct call *call, int n, char *path, size_t size)
{
    char folder[300] = "";
    char text[600];
    uint8_t bytes[300];

    if (n > 0) {
        call_arg(call, n - 1, text, sizeof text);
        annotation_of(text, folder, sizeof folder);
    }
    call_arg(call, n, text, sizeof text);
    const size_t length = text_bytes(text, bytes, sizeof bytes - 1);
    bytes[length] = '\0';
    if (bytes[0] == '/' || folder[0] == '\0')
        snprintf(path, size, "%s", (const char *)bytes);
    else
        snprintf(path, size, "%s/%s", folder, (const char *)bytes);
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

int file_of_text(struct step *step, const char *text)
{
    struct model *model = step->model;
    char key[128];
    struct descriptor *fd =
        process_descriptor(model, step->process, atoi(text));

    annotation_of(text, key, sizeof key);
    if (fd)
        return fd->file;
    // One that was there before the trace began, or that came in a way that
    // is not followed: by its name.
    for (int i = model->file_count - 1; i >= 0; i--)
        if (strcmp(model->files[i].key, key) == 0)
            return i;
    return file_new(model, key);
}

int file_of_arg(struct step *step, int n)
{
    char text[300];

    return file_of_text(step, call_arg(step->call, n, text, sizeof text));
}

static bool on_pipe(struct step *step)
{
    char text[300];
    char key[128];

    call_arg(step->call, 1, text, sizeof text);
    if (strstr(text, "O_")) // otherwise it is pipe(3), whatever libc calls
        step_say(step, "pipe2 %s", text);
    else
        step_say(step, "pipe");
    const bool close_on_exec = strstr(text, "O_CLOEXEC") != NULL;
    if (step_failed(step) || !step->commit)
        return true;
    call_arg(step->call, 0, text, sizeof text);
    const char *second = strchr(text, ',');
    if (!second)
        return true;
    second += 1 + (second[1] == ' ');
    annotation_of(second, key, sizeof key);
    step->object = object_new(step->model, OBJECT_PIPE, key);
    stream_set_capacity(object_at(step->model, step->object), 65536);
    const int reading = file_new(step->model, key);
    file_set_objects(step->model, reading, step->object, -1);
    process_open(step->model, step->process, atoi(text + 1), reading,
                 close_on_exec);
    const int writing = file_new(step->model, key);
    file_set_objects(step->model, writing, -1, step->object);
    process_open(step->model, step->process, atoi(second), writing,
                 close_on_exec);
    return true;
}

static bool on_mknod(struct step *step)
{
    const bool at = strcmp(step->call->name, "mknodat") == 0;
    char path[640];

    path_of(step->call, at, path, sizeof path);
    if (!strstr(step->call->args, "S_IFIFO")) {
        step->quiet = true;
        return true;
    }
    step_say(step, "mkfifo %s", last_part(path));
    if (step->commit &&
        (!step_failed(step) || strcmp(step->call->error, "EEXIST") == 0))
        add_fifo(step->model, path);
    return true;
}

static bool on_unlink(struct step *step)
{
    const bool at = strcmp(step->call->name, "unlinkat") == 0;
    char path[640];

    path_of(step->call, at, path, sizeof path);
    step_say(step, "unlink %s", last_part(path));
    step->quiet = step_failed(step);
    return true;
}

bool path_is_of_system(const char *path)
{
    static const char *const folders[] = {"/usr/",  "/lib",  "/etc/",
                                          "/proc/", "/dev/", "/sys/"};

    if (strncmp(path, "/dev/shm/", 9) == 0)
        return false; // shm_open(3)
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        if (strncmp(path, folders[i], strlen(folders[i])) == 0)
            return true;
    return false;
}

// Opening a FIFO waits until the other end is open, too.
static bool open_fifo(struct step *step, const char *path, const char *flags)
{
    const bool reads = strstr(flags, "O_RDONLY") || strstr(flags, "O_RDWR");
    const bool writes = strstr(flags, "O_WRONLY") || strstr(flags, "O_RDWR");
    const bool waits = !strstr(flags, "O_NONBLOCK") && !(reads && writes);

    step->object = object_of(step->model, OBJECT_FIFO, path);
    step->ends = reads ? WRITE_ENDS : READ_ENDS; // what it waits for
    const struct object *fifo = object_at(step->model, step->object);
    const bool other = reads ? fifo->written_by > 0 || fifo->opening[1] > 0
                             : fifo->readers > 0 || fifo->opening[0] > 0;
    // It is there as soon as it waits: both ends meet, and neither is first.
    if (step->begins)
        object_at(step->model, step->object)->opening[writes]++;
    if (step_failed(step))
        return strcmp(step->call->error, "ENXIO") != 0 || fifo->readers == 0;
    if (!step->commit)
        return !waits || other;
    if (step->waited)
        object_at(step->model, step->object)->opening[writes]--;
    const int file = file_new(step->model, path);
    file_set_objects(step->model, file, reads ? step->object : -1,
                     writes ? step->object : -1);
    if (object_at(step->model, step->object)->page_count == 0)
        stream_set_capacity(object_at(step->model, step->object), 65536);
    process_open(step->model, step->process, (int)step->call->value, file,
                 strstr(flags, "O_CLOEXEC"));
    return true;
}

static bool on_open(struct step *step)
{
    const bool at = strcmp(step->call->name, "openat") == 0;
    char path[640];
    char flags[200];
    char opened[300];

    path_of(step->call, at, path, sizeof path);
    call_arg(step->call, 1 + at, flags, sizeof flags);
    step_say(step, "open %s %s", last_part(path), flags);
    annotation_of(step->call->note, opened, sizeof opened);
    if (is_fifo(step->model, path))
        return open_fifo(step, path, flags);
    if (step_failed(step) || !step->commit) {
        step->quiet = true;
        return true;
    }
    // Through /proc/PID/fd it may be a pipe, of which it is a further end.
    int file = file_new(step->model, opened);
    if (strncmp(opened, "pipe:", 5) == 0) {
        step->object = object_of(step->model, OBJECT_PIPE, opened);
        const bool writes = !strstr(flags, "O_RDONLY");
        const bool reads = !strstr(flags, "O_WRONLY");
        file_set_objects(step->model, file, reads ? step->object : -1,
                         writes ? step->object : -1);
        step->ends = writes ? WRITE_ENDS : READ_ENDS;
    } else {
        step->quiet = path_is_of_system(opened);
    }
    process_open(step->model, step->process, (int)step->call->value, file,
                 strstr(flags, "O_CLOEXEC"));
    return true;
}

static int object_of_file(const struct model *model, int file)
{
    return model->files[file].in >= 0 ? model->files[file].in
                                      : model->files[file].out;
}

// "read end", "write end", or what else it is.
static const char *end_words(const struct model *model, int number)
{
    const struct file *file = &model->files[number];
    const int object = object_of_file(model, number);

    if (object < 0)
        return strstr(file->key, "UDP") || strstr(file->key, "TCP") ||
                       strstr(file->key, "UNIX")
                   ? "socket"
                   : last_part(file->key);
    switch (model->objects[object].kind) {
    case OBJECT_PIPE:
    case OBJECT_FIFO:
        return file->in < 0    ? "write end"
               : file->out < 0 ? "read end"
                               : "both ends";
    case OBJECT_LISTENER:
        return "listening socket";
    case OBJECT_CONNECTION:
        return "connection";
    case OBJECT_COUNTER:
        return "eventfd";
    default:
        return "socket";
    }
}

// The descriptor whose number is the first argument. NULL, and the step is
// quiet, if it is none that is followed.
static struct descriptor *first_descriptor(struct step *step, int *number)
{
    *number = (int)call_number(step->call, 0);
    struct descriptor *fd =
        process_descriptor(step->model, step->process, *number);
    step->quiet = !fd || step_failed(step);
    return fd;
}

static bool on_close(struct step *step)
{
    int number;
    struct descriptor *fd = first_descriptor(step, &number);
    if (!fd)
        return true;
    char text[300];
    call_arg(step->call, 0, text, sizeof text);
    socket_learn(step, fd->file, text);
    step->object = object_of_file(step->model, fd->file);
    step->ends = step->model->files[fd->file].in < 0 ? WRITE_ENDS : READ_ENDS;
    // Of a connection it is the other direction that may now have its end.
    const int out = step->model->files[fd->file].out;
    if (step->object >= 0 && out >= 0 &&
        step->model->objects[out].kind == OBJECT_CONNECTION) {
        step->object = out;
        step->ends = WRITE_ENDS;
    }
    step_say(step, "close %s", end_words(step->model, fd->file));
    if (step->object < 0 &&
        (path_is_of_system(step->model->files[fd->file].key) ||
         strncmp(step->model->files[fd->file].key, "NETLINK", 7) == 0))
        step->quiet = true;
    if (step->commit && !step_failed(step))
        process_close(step->model, step->process, number);
    return true;
}

// dup, dup2, dup3, and fcntl's F_DUPFD: one more descriptor of the same file.
static bool duplicate(struct step *step, const char *verb, bool close_on_exec)
{
    int number;
    struct descriptor *fd = first_descriptor(step, &number);
    if (!fd)
        return true;
    const int file = fd->file;
    step->object = object_of_file(step->model, file);
    step->quiet = step->quiet || step->object < 0;
    step->ends = step->model->files[file].in < 0 ? WRITE_ENDS : READ_ENDS;
    step_say(step, "%s %s to %lld", verb, end_words(step->model, file),
             step->call->value);
    if (step->commit && !step_failed(step) && step->call->value != number)
        process_open(step->model, step->process, (int)step->call->value, file,
                     close_on_exec);
    return true;
}

static bool on_dup(struct step *step)
{
    return duplicate(step, step->call->name,
                     strstr(step->call->args, "O_CLOEXEC"));
}

static bool on_fcntl(struct step *step)
{
    char what[40];
    char flags[80];

    call_arg(step->call, 1, what, sizeof what);
    call_arg(step->call, 2, flags, sizeof flags);
    if (strncmp(what, "F_DUPFD", 7) == 0)
        return duplicate(step, what, strcmp(what, "F_DUPFD_CLOEXEC") == 0);
    struct descriptor *fd = process_descriptor(step->model, step->process,
                                               (int)call_number(step->call, 0));
    step->quiet = true;
    if (!fd || !step->commit)
        return true;
    if (strcmp(what, "F_SETFD") == 0 && !step_failed(step))
        fd->close_on_exec = strstr(flags, "FD_CLOEXEC") != NULL;
    step->object = object_of_file(step->model, fd->file);
    if (strcmp(what, "F_SETPIPE_SZ") == 0 && step->object >= 0) {
        step->quiet = false;
        step_say(step, "fcntl F_SETPIPE_SZ %s", flags);
        if (step_failed(step))
            return true;
        step_add_outcome(step, "%lld", step->call->value);
        stream_set_capacity(object_at(step->model, step->object),
                            step->call->value);
    }
    return true;
}

const struct step_call descriptor_calls[] = {
    {"pipe", on_pipe},     {"pipe2", on_pipe},    {"mknod", on_mknod},
    {"mknodat", on_mknod}, {"unlink", on_unlink}, {"unlinkat", on_unlink},
    {"open", on_open},     {"openat", on_open},   {"close", on_close},
    {"dup", on_dup},       {"dup2", on_dup},      {"dup3", on_dup},
    {"fcntl", on_fcntl},   {NULL, NULL},
};
