/*
 * common/trace/socket.c -- connections, and ports with datagrams.
 */
#include <stdlib.h>
#include <string.h>

#include "step.h"

// The port in "127.0.0.1:9400" or "[::1]:9400"; -1 if there is none.
static int port_in(const char *text, size_t length)
{
    for (size_t i = length; i > 0; i--)
        if (text[i - 1] == ':')
            return atoi(text + i);
    return -1;
}

static int port_object(struct model *model, int port)
{
    char key[32];

    snprintf(key, sizeof key, "%d", port);
    return object_of(model, OBJECT_PORT, key);
}

// "TCP:[127.0.0.1:9400->127.0.0.1:5555]", "UDP:[0.0.0.0:9400]",
// "UNIX-STREAM:[81->82,"/tmp/socket"]": one stream in, and one out.
static void learn_connection(struct model *model, int file, const char *begin,
                             const char *arrow)
{
    char in[128];
    char out[128];
    const int here = (int)(arrow - begin);
    int there = (int)strcspn(arrow + 2, ",");

    if (begin[here + 2 + there - 1] == ']' && strchr(arrow, ',') == NULL)
        there--;
    snprintf(out, sizeof out, "%.*s->%.*s", here, begin, there, arrow + 2);
    snprintf(in, sizeof in, "%.*s->%.*s", there, arrow + 2, here, begin);
    const int out_object = object_of(model, OBJECT_CONNECTION, out);
    file_set_objects(model, file, object_of(model, OBJECT_CONNECTION, in),
                     out_object);
}

void socket_learn(struct step *step, int number, const char *text)
{
    struct model *model = step->model;
    char key[128];

    annotation_of(text, key, sizeof key);
    const char *begin = strstr(key, ":[");
    const char *arrow = strstr(key, "->");
    if (!begin)
        return;
    begin += 2;
    if (arrow &&
        (strncmp(key, "TCP", 3) == 0 || strncmp(key, "UNIX", 4) == 0)) {
        if (model->files[number].in < 0 || model->files[number].out < 0)
            learn_connection(model, number, begin, arrow);
    } else if (!arrow && model->files[number].in < 0 &&
               model->files[number].accepted >= 0) {
        // strace does not find it among those that are open any more.
        const struct file *other = &model->files[model->files[number].accepted];
        file_set_objects(model, number, other->sends_to, other->takes_from);
    } else if (strncmp(key, "UDP", 3) == 0 && model->files[number].in < 0) {
        const char *end = arrow ? arrow : begin + strlen(begin);
        const int port = port_in(begin, (size_t)(end - begin));
        if (port <= 0)
            return;
        const int object = port_object(model, port);
        file_set_objects(model, number, object, -1);
        if (model->objects[object].owner < 0)
            model->objects[object].owner =
                (int)(step->process - model->processes);
    }
}

static bool on_socket(struct step *step)
{
    char domain[40];
    char type[80];
    char key[128];

    call_arg(step->call, 0, domain, sizeof domain);
    call_arg(step->call, 1, type, sizeof type);
    step_say(step, "socket %s %.*s", domain, (int)strcspn(type, "|"), type);
    step->quiet = step_failed(step) || strstr(domain, "NETLINK");
    if (step_failed(step) || !step->commit)
        return true;
    annotation_of(step->call->note, key, sizeof key);
    process_open(step->model, step->process, (int)step->call->value,
                 file_new(step->model, key), strstr(type, "SOCK_CLOEXEC"));
    return true;
}

static bool on_socketpair(struct step *step)
{
    char text[300];
    char key[128];

    step_say(step, "socketpair");
    if (step_failed(step) || !step->commit)
        return true;
    call_arg(step->call, 1, text, sizeof text);
    const bool close_on_exec = strstr(text, "SOCK_CLOEXEC") != NULL;
    call_arg(step->call, 3, text, sizeof text);
    const char *second = strchr(text, ',');
    for (const char *end = text + 1; end; end = second, second = NULL) {
        char one[200];
        snprintf(one, sizeof one, "%.*s", (int)strcspn(end, ">") + 1, end);
        while (*end == ',' || *end == ' ')
            snprintf(one, sizeof one, "%s", ++end);
        annotation_of(one, key, sizeof key);
        const int file = file_new(step->model, key);
        process_open(step->model, step->process, atoi(end), file,
                     close_on_exec);
        socket_learn(step, file, one);
    }
    return true;
}

// An address in words, and what object it is: "port 9400" or a path.
static int address_of(struct step *step, const char *text, bool listener,
                      char *words, size_t size)
{
    char value[128];
    char key[128] = "";

    words[0] = '\0';
    if (*text_field(text, "sin_port", value, sizeof value) != '\0' ||
        *text_field(text, "sin6_port", value, sizeof value) != '\0') {
        const char *open = strchr(value, '(');
        snprintf(key, sizeof key, "%d", atoi(open ? open + 1 : value));
        snprintf(words, size, "port %s", key);
    } else if (*text_field(text, "sun_path", value, sizeof value) != '\0') {
        snprintf(key, sizeof key, "%s", value + strspn(value, "\"@"));
        key[strcspn(key, "\"")] = '\0';
        const char *slash = strrchr(key, '/');
        snprintf(words, size, "%.60s", slash ? slash + 1 : key);
    }
    if (key[0] == '\0' || strcmp(key, "0") == 0)
        return -1;
    return object_of(step->model, listener ? OBJECT_LISTENER : OBJECT_PORT,
                     key);
}

static bool is_stream(const struct model *model, int file)
{
    return strncmp(model->files[file].key, "UDP", 3) != 0 &&
           strncmp(model->files[file].key, "UNIX:", 5) != 0 &&
           strncmp(model->files[file].key, "UNIX-DGRAM", 10) != 0;
}

static bool on_bind(struct step *step)
{
    char address[200];
    char words[80];
    const int file = file_of_arg(step, 0);

    call_arg(step->call, 1, address, sizeof address);
    step_say(step, "bind");
    if (step_failed(step))
        return true;
    const bool stream = is_stream(step->model, file);
    const int object = address_of(step, address, stream, words, sizeof words);
    if (words[0] != '\0' && object >= 0)
        step_say(step, " %s", words);
    if (!step->commit || object < 0)
        return true;
    if (stream) {
        step->model->files[file].bound = object;
    } else {
        step->object = object;
        object_at(step->model, object)->fixed = true;
        if (step->model->files[file].in < 0)
            file_set_objects(step->model, file, object, -1);
    }
    return true;
}

static bool on_listen(struct step *step)
{
    const int number = file_of_arg(step, 0);
    const struct file *file = &step->model->files[number];

    step_say(step, "listen %lld", call_number(step->call, 1));
    if (step_failed(step) || !step->commit)
        return true;
    int object = file->bound;
    if (object < 0) { // bound to port 0: strace knows to which it is
        char key[32];
        char name[128];
        char text[200];
        annotation_of(call_arg(step->call, 0, text, sizeof text), name,
                      sizeof name);
        snprintf(key, sizeof key, "%d", port_in(name, strlen(name)));
        object = object_of(step->model, OBJECT_LISTENER, key);
    }
    step->object = object;
    file_set_objects(step->model, number, object, -1);
    // Linux lets one more complete than listen(2) was told.
    object_at(step->model, object)->capacity =
        (size_t)call_number(step->call, 1) + 1;
    return true;
}

static bool on_accept(struct step *step)
{
    char key[128];
    char flags[40];
    const int file = file_of_arg(step, 0);

    step->object = step->model->files[file].in;
    step_say(step, "accept");
    if (step->object < 0)
        return true;
    struct object *listener = object_at(step->model, step->object);
    const bool waiting =
        listener->last > listener->first || listener->refused > 0;
    if (step_failed(step))
        return !step_would_block(step) || !waiting;
    if (!step->commit)
        return waiting;
    step->kind = EVENT_RECEIVE;
    if (listener->first == listener->last) { // it had no room, and came again
        listener->refused--;
        object_put(step->model, step->object,
                   (struct message){.number = -1, .file = -1});
        listener = object_at(step->model, step->object);
    }
    const struct message connection = object_take(listener, listener->first);
    step->arrow = connection.number;
    annotation_of(step->call->note, key, sizeof key);
    const int accepted = file_new(step->model, key);
    call_arg(step->call, 3, flags, sizeof flags);
    process_open(step->model, step->process, (int)step->call->value, accepted,
                 strstr(flags, "SOCK_CLOEXEC"));
    socket_learn(step, accepted, step->call->note);
    if (connection.file >= 0)
        step->model->files[connection.file].accepted = accepted;
    return true;
}

static bool on_connect(struct step *step)
{
    char address[200];
    char words[80];
    const int file = file_of_arg(step, 0);

    call_arg(step->call, 1, address, sizeof address);
    step_say(step, "connect");
    const bool stream = is_stream(step->model, file);
    const int object = address_of(step, address, stream, words, sizeof words);
    step_say(step, " %s", words);
    if (!stream) {
        if (step->commit && !step_failed(step))
            step->model->files[file].peer = object;
        return true;
    }
    if (object < 0)
        return true;
    step->object = object;
    const struct object *listener = object_at(step->model, object);
    const bool in_progress = strcmp(step->call->error, "EINPROGRESS") == 0;
    if (step_failed(step) && !in_progress)
        return strcmp(step->call->error, "ECONNREFUSED") != 0 ||
               listener->readers == 0;
    const bool room =
        (size_t)(listener->last - listener->first) < listener->capacity;
    if (!step->commit)
        return listener->readers > 0 || in_progress;
    if (listener->readers == 0)
        return true;
    if (!room) { // its SYN or its ACK is dropped, and comes again
        object_at(step->model, object)->refused++;
        return true;
    }
    step->kind = EVENT_SEND;
    step->arrow = ++step->model->arrows;
    object_put(step->model, object,
               (struct message){.number = step->arrow, .file = file});
    return true;
}

static bool on_shutdown(struct step *step)
{
    char how[40];
    char text[300];
    const int number = file_of_arg(step, 0);

    socket_learn(step, number, call_arg(step->call, 0, text, sizeof text));
    struct file *file = &step->model->files[number];
    call_arg(step->call, 1, how, sizeof how);
    step_say(step, "shutdown %s", how);
    step->object = file->out;
    if (step->commit && !step_failed(step) && file->out >= 0 &&
        !file->out_closed && strcmp(how, "SHUT_RD") != 0) {
        file->out_closed = true;
        step->model->objects[file->out].writers--;
    }
    return true;
}

// The message with these bytes that arrived first. What came before it from
// the same sender has been lost, but that shows only by its not being received.
static int find_datagram(const struct object *port, const struct message *what)
{
    for (int i = port->first; i < port->last; i++)
        if (message_is(&port->messages[i], what) &&
            port->messages[i].size >= what->size)
            return i;
    return -1;
}

static bool send_datagram(struct step *step, int file, const char *address,
                          const char *text, long long size)
{
    char words[80];
    struct message message = {.file = -1};
    int object = address_of(step, address, false, words, sizeof words);

    if (object < 0)
        object = step->model->files[file].peer;
    if (object < 0)
        object = step->model->files[file].out;
    step->object = object;
    step_payload(step, text, size, true, &message);
    step_say(step, "send %s", step->outcome);
    if (words[0] != '\0' && strncmp(words, "port ", 5) != 0)
        step_say(step, " to %s", words);
    step->outcome[0] = '\0';
    if (step_failed(step) || !step->commit || object < 0)
        return true;
    const struct object *port = object_at(step->model, object);
    step->kind = EVENT_SEND;
    step->arrow = message.number = ++step->model->arrows;
    // A port that has been closed takes nothing.
    if (port->readers > 0 || !port->was_read)
        object_put(step->model, object, message);
    return true;
}

static bool receive_datagram(struct step *step, int file, const char *text,
                             const char *flags)
{
    struct message what = {0};

    step->object = step->model->files[file].in;
    step_say(step, "receive");
    if (step->object < 0)
        return true;
    struct object *port = object_at(step->model, step->object);
    // What has been sent may be on its way for a moment: a network holds it.
    if (step_failed(step))
        return true;
    if (strstr(flags, "MSG_PEEK")) {
        step_say(step, " MSG_PEEK");
        return port->last > port->first || port->unknown;
    }
    if (step->call->value == 0 && port->kind == OBJECT_CONNECTION &&
        port->last == port->first) {
        step_add_outcome(step, "end of file");
        return step->commit || stream_can_take(port, 0);
    }
    step_payload(step, text, step->call->value, true, &what);
    const int found = find_datagram(port, &what);
    if (!step->commit)
        return found >= 0 || port->unknown;
    step->kind = EVENT_RECEIVE;
    if (found >= 0)
        step->arrow = object_take(port, found).number;
    return true;
}

// Several in one call, or one that the kernel cuts into several: what is in the
// port can then not be told, and is not.
static bool many(struct step *step, int file, bool sends, const char *text)
{
    const struct file *f = &step->model->files[file];

    step->object = sends ? f->peer : f->in;
    step_say(step, "%s", step->call->name);
    if (step_failed(step))
        return true;
    step_payload(step, text, step->call->value, true, NULL);
    if (!step->commit)
        return true;
    if (step->object >= 0)
        object_at(step->model, step->object)->unknown = true;
    return true;
}

// A file that is sent along: SCM_RIGHTS. Meanwhile it stays open.
static void send_file(struct step *step, int socket, const char *text)
{
    const char *at = strstr(text, "cmsg_data=[");
    const int out = step->model->files[socket].out;

    if (!at || !strstr(text, "SCM_RIGHTS"))
        return;
    step_say(step, ", with a descriptor");
    if (!step->commit || step_failed(step) || out < 0)
        return;
    struct object *object = object_at(step->model, out);
    const int file = file_of_text(step, at + 11);
    if (object->passed_count < 16) {
        object->passed[object->passed_count++] = file;
        file_hold(step->model, file);
    }
}

static void receive_file(struct step *step, int socket, const char *text)
{
    const char *at = strstr(text, "cmsg_data=[");
    const int in = step->model->files[socket].in;

    if (!at || !strstr(text, "SCM_RIGHTS") || !step->commit || in < 0)
        return;
    struct object *object = object_at(step->model, in);
    step_add_outcome(step, ", and a descriptor");
    if (object->passed_count == 0)
        return;
    const int file = object->passed[0];
    memmove(object->passed, object->passed + 1,
            (size_t)--object->passed_count * sizeof object->passed[0]);
    process_open(step->model, step->process, atoi(at + 11), file, false);
    file_release(step->model, file);
}

// What a call of send(2) or recv(2), or of sendmsg(2) or recvmsg(2), is about:
// the bytes stand in text, which is its second argument.
static const char *bytes_of(struct step *step, int file, bool message,
                            char *text, size_t size)
{
    char address[200];

    call_arg(step->call, 1, text, size);
    socket_learn(step, file, call_arg(step->call, 0, address, sizeof address));
    const char *bytes = message ? strstr(text, "iov_base=") : text;
    return bytes ? bytes : "";
}

static bool on_send(struct step *step)
{
    char text[2200];
    const int file = file_of_arg(step, 0);
    const bool message = strncmp(step->call->name, "sendm", 5) == 0;
    const char *bytes = bytes_of(step, file, message, text, sizeof text);

    if (!is_stream(step->model, file)) {
        char address[200] = "";
        if (strcmp(step->call->name, "sendmmsg") == 0 ||
            strstr(text, "UDP_SEGMENT"))
            return many(step, file, true, bytes);
        if (message)
            text_field(text, "msg_name", address, sizeof address);
        else
            call_arg(step->call, 4, address, sizeof address);
        const bool sent = send_datagram(step, file, address, bytes,
                                        message ? step->call->value
                                                : call_number(step->call, 2));
        send_file(step, file, text);
        return sent;
    }
    const bool can =
        stream_write(step, "send", bytes,
                     message ? step->call->value : call_number(step->call, 2));
    send_file(step, file, text);
    return can;
}

static bool on_receive(struct step *step)
{
    char text[2200];
    const int file = file_of_arg(step, 0);
    const bool message = strncmp(step->call->name, "recvm", 5) == 0;
    const char *bytes = bytes_of(step, file, message, text, sizeof text);

    if (!is_stream(step->model, file)) {
        if (strcmp(step->call->name, "recvmmsg") == 0 ||
            strstr(text, "UDP_GRO"))
            return many(step, file, false, bytes);
        char flags[80];
        call_arg(step->call, message ? 2 : 3, flags, sizeof flags);
        const bool received = receive_datagram(step, file, bytes, flags);
        receive_file(step, file, text);
        return received;
    }
    const bool can = stream_read(step, "receive", bytes);
    receive_file(step, file, text);
    return can;
}

const struct step_call socket_calls[] = {
    {"socket", on_socket},
    {"socketpair", on_socketpair},
    {"bind", on_bind},
    {"listen", on_listen},
    {"accept", on_accept},
    {"accept4", on_accept},
    {"connect", on_connect},
    {"shutdown", on_shutdown},
    {"sendto", on_send},
    {"sendmsg", on_send},
    {"sendmmsg", on_send},
    {"recvfrom", on_receive},
    {"recvmsg", on_receive},
    {"recvmmsg", on_receive},
    {NULL, NULL},
};
