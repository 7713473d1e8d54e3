/*
 * common/trace/posix.c -- POSIX message queues, and eventfd.
 */
#include <stdlib.h>
#include <string.h>

#include "step.h"

static bool on_mq_open(struct step *step)
{
    char name[120];
    char flags[120];
    char value[32];

    call_arg(step->call, 0, name, sizeof name);
    call_arg(step->call, 1, flags, sizeof flags);
    step_say(step, "mq_open %s", flags);
    if (step_failed(step) || !step->commit)
        return true;
    step->object = object_of(step->model, OBJECT_POSIX_QUEUE, name);
    struct object *queue = object_at(step->model, step->object);
    text_field(step->call->args, "mq_maxmsg", value, sizeof value);
    if (queue->capacity == 0)
        queue->capacity = value[0] ? strtoul(value, NULL, 0) : 10;
    const int file = file_new(step->model, name);
    file_set_objects(step->model, file, step->object, -1);
    process_open(step->model, step->process, (int)step->call->value, file,
                 true);
    return true;
}

static int queue_of(struct step *step)
{
    const struct descriptor *fd = process_descriptor(
        step->model, step->process, (int)call_number(step->call, 0));

    step->object = fd ? step->model->files[fd->file].in : -1;
    return step->object;
}

static bool on_mq_send(struct step *step)
{
    char text[1200];
    struct message message = {.file = -1};
    const long long size = call_number(step->call, 2);
    const long priority = (long)call_number(step->call, 3);

    call_arg(step->call, 1, text, sizeof text);
    step_payload(step, text, size, false, &message);
    step_say(step, "mq_send priority %ld, %s", priority, step->outcome);
    step->outcome[0] = '\0';
    if (queue_of(step) < 0)
        return true;
    const struct object *queue = object_at(step->model, step->object);
    const bool room = queue->unknown ||
                      (size_t)(queue->last - queue->first) < queue->capacity;
    if (step_failed(step))
        return !step_would_block(step) || !room;
    if (!step->commit)
        return room;
    message.type = priority;
    step->kind = EVENT_SEND;
    step->arrow = message.number = ++step->model->arrows;
    object_put(step->model, step->object, message);
    return true;
}

static bool on_mq_receive(struct step *step)
{
    char text[1200];
    struct message what = {0};
    int first = -1;

    call_arg(step->call, 1, text, sizeof text);
    step_say(step, "mq_receive");
    if (queue_of(step) < 0)
        return true;
    struct object *queue = object_at(step->model, step->object);
    for (int i = queue->first; i < queue->last; i++)
        if (first == -1 ||
            queue->messages[i].type > queue->messages[first].type)
            first = i;
    if (step_failed(step))
        return !step_would_block(step) || first == -1;
    step_payload(step, text, step->call->value, false, &what);
    if (!step->commit)
        return queue->unknown ||
               (first >= 0 && message_is(&queue->messages[first], &what));
    step->kind = EVENT_RECEIVE;
    if (first >= 0)
        step->arrow = object_take(queue, first).number;
    return true;
}

static bool on_mq_unlink(struct step *step)
{
    char name[120];

    step_say(step, "mq_unlink");
    if (step_failed(step))
        return true;
    step->object = object_of(step->model, OBJECT_POSIX_QUEUE,
                             call_arg(step->call, 0, name, sizeof name));
    return true;
}

static bool on_mq_getsetattr(struct step *step)
{
    char value[32];

    step_say(step, "mq_getattr");
    step->quiet = true; // a lesson asks again and again until it is full
    if (queue_of(step) < 0 || step_failed(step))
        return true;
    const struct object *queue = object_at(step->model, step->object);
    text_field(step->call->args, "mq_curmsgs", value, sizeof value);
    return queue->unknown || value[0] == '\0' ||
           atoi(value) == queue->last - queue->first;
}

static bool on_mq_notify(struct step *step)
{
    step_say(step, "mq_notify");
    queue_of(step);
    return true;
}

static bool on_eventfd(struct step *step)
{
    step_say(step, "eventfd");
    if (step_failed(step) || !step->commit)
        return true;
    char key[32];
    snprintf(key, sizeof key, "eventfd %d", step->model->object_count);
    step->object = object_of(step->model, OBJECT_COUNTER, key);
    object_at(step->model, step->object)->value[0] =
        (int)call_number(step->call, 0);
    const int file = file_new(step->model, key);
    file_set_objects(step->model, file, step->object, step->object);
    process_open(step->model, step->process, (int)step->call->value, file,
                 strstr(step->call->args, "EFD_CLOEXEC"));
    return true;
}

const struct step_call posix_calls[] = {
    {"mq_open", on_mq_open},
    {"mq_timedsend", on_mq_send},
    {"mq_timedreceive", on_mq_receive},
    {"mq_unlink", on_mq_unlink},
    {"mq_getsetattr", on_mq_getsetattr},
    {"mq_notify", on_mq_notify},
    {"eventfd2", on_eventfd},
    {NULL, NULL},
};
