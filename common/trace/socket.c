/*
 * common/trace/socket.c -- connections, and ports with datagrams.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "step.h"

#define DATAGRAMS_MAX 63 // in one call: one bit each

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

// The number in front of `behind`, or behind `before`, in the text.
static bool number_beside(const char *text, const char *before,
                          const char *behind, char *number, size_t size)
{
    const char *begin = strstr(text, before);
    const char *end = strstr(text, behind);

    if (begin) {
        begin += strlen(before);
    } else if (end && !isdigit((unsigned char)end[strlen(behind)])) {
        begin = end;
        while (begin > text && isdigit((unsigned char)begin[-1]))
            begin--;
    }
    const size_t digits = begin ? strspn(begin, "0123456789") : 0;
    if (digits == 0)
        return false;
    snprintf(number, size, "%.*s", (int)digits, begin);
    return true;
}

// A local connection that is not yet accepted: strace finds no other end, and
// says "UNIX-STREAM:[81]" until then. So its number is taken from a later call.
static void learn_unaccepted(struct model *model, int file)
{
    char here[32];
    char there[32] = "?";
    char before[40];
    char behind[40];
    char key[80];

    if (!number_beside(model->files[file].key, ":[", "", here, sizeof here))
        return;
    snprintf(before, sizeof before, "[%s->", here);
    snprintf(behind, sizeof behind, "->%s", here);
    for (size_t i = 0; i < model->call_count; i++) {
        const struct call *call = &model->calls[i];
        if (number_beside(call->args, before, behind, there, sizeof there) ||
            number_beside(call->note, before, behind, there, sizeof there))
            break;
    }
    snprintf(key, sizeof key, "%s->%s", here, there);
    learn_connection(model, file, key, strstr(key, "->"));
}

void socket_learn(struct step *step, int number, const char *text)
{
    struct model *model = step->model;
    const char *protocol = model->files[number].key;
    char key[128];

    annotation_of(text, key, sizeof key);
    const char *begin = strstr(key, ":[");
    const char *arrow = strstr(key, "->");
    if (!begin)
        return;
    begin += 2;
    if (arrow && (strncmp(protocol, "TCP", 3) == 0 ||
                  strncmp(protocol, "UNIX", 4) == 0)) {
        if (model->files[number].in < 0 || model->files[number].out < 0)
            learn_connection(model, number, begin, arrow);
    } else if (!arrow && model->files[number].in < 0 &&
               model->files[number].accepted >= 0) {
        // strace does not find it among those that are open any more.
        const struct file *other = &model->files[model->files[number].accepted];
        file_set_objects(model, number, other->sends_to, other->takes_from);
    } else if (strncmp(protocol, "UDP", 3) == 0 &&
               model->files[number].in < 0) {
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

// A new socket, as strace annotates it. strace 5.10 does not know a newer
// kernel's UNIX-STREAM: it has "socket" or "(null)" in its place. An older
// kernel has UNIX for a local stream, too. So the protocol is set beside it.
static int new_socket(struct model *model, const char *text,
                      const char *protocol)
{
    char annotation[128];
    char key[160];

    annotation_of(text, annotation, sizeof annotation);
    const char *number = strstr(annotation, ":[");
    snprintf(key, sizeof key, "%.*s%s", (int)strcspn(protocol, ":"), protocol,
             number ? number : "");
    return file_new(model, number && protocol[0] != '\0' ? key : annotation);
}

// The protocol if the domain is a local one; an empty one if it is not.
static const char *local_protocol(const struct call *call)
{
    char text[80];

    if (strcmp(call_arg(call, 0, text, sizeof text), "AF_UNIX") != 0)
        return "";
    call_arg(call, 1, text, sizeof text);
    return strncmp(text, "SOCK_STREAM", 11) == 0 ? "UNIX-STREAM" : "UNIX";
}

static bool on_socket(struct step *step)
{
    char domain[40];
    char type[80];

    call_arg(step->call, 0, domain, sizeof domain);
    call_arg(step->call, 1, type, sizeof type);
    step_say(step, "socket %s %.*s", domain, (int)strcspn(type, "|"), type);
    step->quiet = step_failed(step) || strstr(domain, "NETLINK");
    if (step_failed(step) || !step->commit)
        return true;
    process_open(
        step->model, step->process, (int)step->call->value,
        new_socket(step->model, step->call->note, local_protocol(step->call)),
        strstr(type, "SOCK_CLOEXEC"));
    return true;
}

static bool on_socketpair(struct step *step)
{
    char text[300];

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
        const int file =
            new_socket(step->model, one, local_protocol(step->call));
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
    step->quiet = strncmp(step->model->files[file].key, "NETLINK", 7) == 0;
    if (step_failed(step) || step->quiet)
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
    const int accepted =
        new_socket(step->model, step->call->note, step->model->files[file].key);
    call_arg(step->call, 3, flags, sizeof flags);
    process_open(step->model, step->process, (int)step->call->value, accepted,
                 strstr(flags, "SOCK_CLOEXEC"));
    socket_learn(step, accepted, step->call->note);
    if (connection.file >= 0) {
        step->model->files[connection.file].accepted = accepted;
        step->model->files[accepted].accepted = connection.file;
    }
    return true;
}

static bool on_connect(struct step *step)
{
    char address[200];
    char words[80];
    const int file = file_of_arg(step, 0);

    call_arg(step->call, 1, address, sizeof address);
    step_say(step, "connect");
    // The C library asks a name service that may not run.
    step->quiet = strstr(address, "/nscd/") && step_failed(step);
    if (step->quiet)
        return true;
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
    if (strncmp(step->model->files[file].key, "UNIX", 4) == 0)
        learn_unaccepted(step->model, file);
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
    step->ends = WRITE_ENDS;
    if (step->commit && !step_failed(step) && file->out >= 0 &&
        !file->out_closed && strcmp(how, "SHUT_RD") != 0) {
        file->out_closed = true;
        step->model->objects[file->out].writers--;
    }
    return true;
}

// A datagram of a call, as strace shows it.
struct datagram {
    const char *text;
    long long size;
    bool segments; // several in one: UDP_SEGMENT, UDP_GRO
};

// strace before 6.2 does not know the names of the two.
static bool has_segments(const char *begin, const char *end)
{
    static const char *const names[] = {"=UDP_SEGMENT", "=UDP_GRO",
                                        "SOL_UDP, cmsg_type=0x67",
                                        "SOL_UDP, cmsg_type=0x68"};

    for (int i = 0; i < 4; i++) {
        const char *at = strstr(begin, names[i]);
        if (at && at < end)
            return true;
    }
    return false;
}

// Those of sendmmsg(2) or recvmmsg(2). -1: strace does not show all of them.
static int several_datagrams(const struct call *call,
                             struct datagram *datagrams, int max)
{
    char value[32];
    int count = 0;

    for (const char *at = strstr(call->args, "{msg_hdr=");
         at && count < max && count < call->value;
         at = strstr(text_skip(at), "{msg_hdr=")) {
        const char *bytes = strstr(at, "iov_base=");
        text_field(at + 1, "msg_len", value, sizeof value);
        datagrams[count++] = (struct datagram){bytes ? bytes : "", atoll(value),
                                               has_segments(at, text_skip(at))};
    }
    return count == call->value || call->value < 0 ? count : -1;
}

static int datagrams_of(const struct call *call, bool sends, const char *bytes,
                        struct datagram *datagrams, int max)
{
    if (strstr(call->name, "mmsg"))
        return several_datagrams(call, datagrams, max);
    const char *args = call->args;
    datagrams[0] = (struct datagram){
        bytes,
        sends && strcmp(call->name, "sendto") == 0 ? call_number(call, 2)
                                                   : call->value,
        strstr(call->name, "msg") && has_segments(args, args + strlen(args))};
    return 1;
}

// "17 bytes: oslo #1"; of several, how many, and the first.
static void say_datagrams(struct step *step, const char *verb,
                          const struct datagram *datagrams, int count,
                          char *words, size_t size)
{
    struct message unused = {0};

    snprintf(words, size, "%s", verb);
    if (count > 0)
        step_payload(step, datagrams[0].text, datagrams[0].size, true, &unused);
    const size_t length = strlen(words);
    if (count > 1)
        snprintf(words + length, size - length, "%d datagrams, first %s", count,
                 step->outcome);
    else if (count == 1)
        snprintf(words + length, size - length, "%s%s",
                 datagrams[0].segments ? "in segments " : "", step->outcome);
    step->outcome[0] = '\0';
}

// Put them into the port, except those that were dropped.
static void put_datagrams(struct step *step, int file,
                          const struct datagram *datagrams, int count)
{
    struct model *model = step->model;
    const size_t call = (size_t)(step->call - model->calls);
    int dropped = 0;

    step->kind = EVENT_SEND;
    step->arrow = ++model->arrows;
    for (int i = 0; i < count; i++) {
        struct message message = {.number = step->arrow,
                                  .file = file,
                                  .call = call,
                                  .part = i,
                                  .cut = datagrams[i].segments};
        struct object *port = object_at(model, step->object);
        step_payload(step, datagrams[i].text, datagrams[i].size, true,
                     &message);
        step->outcome[0] = '\0';
        if (model->dropped && (model->dropped[call] >> i & 1) != 0) {
            dropped++;
            continue;
        }
        if (model->dropped && model->dropped[call] & MODEL_OUTSIDE)
            port->unknown = true;
        // A port that has been closed takes nothing.
        port->has_cut = port->has_cut || message.cut;
        if (port->readers > 0 || !port->was_read)
            object_put(model, step->object, message);
    }
    if (dropped == count && count == 1)
        step_add_outcome(step, "dropped");
    else if (dropped > 0)
        step_add_outcome(step, "%d of them dropped", dropped);
}

static bool send_datagrams(struct step *step, int file, const char *address,
                           const struct datagram *datagrams, int count)
{
    char to[80];
    char words[160];
    int object = address_of(step, address, false, to, sizeof to);

    if (object < 0)
        object = step->model->files[file].peer;
    if (object < 0)
        object = step->model->files[file].out;
    step->object = object;
    say_datagrams(step, "send ", datagrams, count, words, sizeof words);
    step_say(step, "%s", words);
    if (to[0] != '\0' && strncmp(to, "port ", 5) != 0)
        step_say(step, " to %s", to);
    if (step_failed(step) || !step->commit || object < 0)
        return true;
    if (count >= 0)
        put_datagrams(step, file, datagrams, count);
    else
        object_at(step->model, object)->unknown = true;
    return true;
}

// The message with these bytes that arrived first. What came before it from
// the same sender has been lost, but that shows only by its not being received.
static int find_datagram(const struct object *port, const struct message *what,
                         bool segments)
{
    for (int i = port->first; i < port->last; i++)
        if (message_is(&port->messages[i], what) &&
            (segments || port->messages[i].size >= what->size))
            return i;
    return -1;
}

// Take size bytes, from there on: one datagram, or segments of several.
static int take_datagram(struct object *port, int found, size_t size,
                         bool segments)
{
    const int arrow = port->messages[found].number;

    for (int i = port->first; i < found; i++)
        if (port->messages[i].file == port->messages[found].file)
            port->messages[i].passed_over = true;
    for (bool more = true; more && found < port->last;) {
        struct message *message = &port->messages[found];
        if (message->cut && message->size > size) {
            message->size -= size;
            message->head_count = 0; // strace shows the first segment only
            port->bytes -= size;
            break;
        }
        size -= message->size < size ? message->size : size;
        more = (segments || message->cut) && size > 0;
        const bool last = found + 1 == port->last;
        const int first = port->first;
        object_take(port, found);
        if (last)
            break;
        found += first + 1 == port->first;
    }
    return arrow;
}

// A receive that found nothing: what had been sent long before is not there.
static void nothing_found(struct step *step, struct object *port)
{
    for (int i = port->first; i < port->last && step->commit; i++)
        if (port->kind == OBJECT_PORT &&
            step->model->calls[port->messages[i].call].latest_us <
                step->call->begin_us)
            port->messages[i].passed_over = true;
}

static bool receive_datagrams(struct step *step, int file, const char *flags,
                              const struct datagram *datagrams, int count)
{
    char words[160];

    step->object = step->model->files[file].in;
    step_say(step, "receive");
    if (step->object < 0)
        return true;
    struct object *port = object_at(step->model, step->object);
    // What has been sent may be on its way for a moment: a network holds it.
    if (step_failed(step)) {
        if (strcmp(step->call->error, "EAGAIN") == 0)
            nothing_found(step, port);
        return true;
    }
    if (strstr(flags, "MSG_PEEK")) {
        step_say(step, " MSG_PEEK");
        return port->last > port->first || port->unknown;
    }
    if (step->call->value == 0 && port->kind == OBJECT_CONNECTION &&
        port->last == port->first) {
        step_add_outcome(step, "end of file");
        return step->commit || stream_can_take(port, 0);
    }
    say_datagrams(step, "", datagrams, count, words, sizeof words);
    if (step->commit) {
        step->kind = EVENT_RECEIVE;
        port->unknown = port->unknown || count < 0;
    }
    size_t needed = 0;
    for (int i = 0; i < count; i++) {
        struct message what = {0};
        step_payload(step, datagrams[i].text, datagrams[i].size, true, &what);
        step->outcome[0] = '\0';
        const int found = find_datagram(port, &what, datagrams[i].segments);
        needed += count > 1 || datagrams[i].segments ? what.size : 0;
        if (!step->commit && !port->unknown &&
            (found < 0 || needed > port->bytes))
            return false;
        if (!step->commit || found < 0)
            continue;
        const int arrow =
            take_datagram(port, found, what.size, datagrams[i].segments);
        step->arrow = step->arrow < 0 ? arrow : step->arrow;
    }
    step_add_outcome(step, "%s", words);
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
        struct datagram datagrams[DATAGRAMS_MAX];
        char address[200] = "";
        const int count =
            datagrams_of(step->call, true, bytes, datagrams, DATAGRAMS_MAX);
        if (message)
            text_field(text, "msg_name", address, sizeof address);
        else
            call_arg(step->call, 4, address, sizeof address);
        const bool sent = send_datagrams(step, file, address, datagrams, count);
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
        struct datagram datagrams[DATAGRAMS_MAX];
        char flags[80];
        const int count =
            datagrams_of(step->call, false, bytes, datagrams, DATAGRAMS_MAX);
        call_arg(step->call, message ? 2 : 3, flags, sizeof flags);
        const bool received =
            receive_datagrams(step, file, flags, datagrams, count);
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
