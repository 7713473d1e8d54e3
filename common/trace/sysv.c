/*
 * common/trace/sysv.c -- the queues, semaphores and shared memory of System V.
 */
#include <stdlib.h>
#include <string.h>

#include "step.h"

#define QUEUE_BYTES 16384 // msg_qbytes of a new queue, unless it is set

static int object_of_id(struct step *step, enum object_kind kind)
{
    char key[32];

    snprintf(key, sizeof key, "%lld", call_number(step->call, 0));
    return object_of(step->model, kind, key);
}

// msgget, semget, shmget: IPC_CREAT makes a new one if this id is not known.
static bool get(struct step *step, enum object_kind kind, int flags_arg)
{
    char flags[80];
    char key[32];

    call_arg(step->call, flags_arg, flags, sizeof flags);
    call_arg(step->call, 0, key, sizeof key);
    const bool create =
        strstr(flags, "IPC_CREAT") != NULL || strcmp(key, "IPC_PRIVATE") == 0;
    char * or = strstr(flags, "IPC_CREAT|");
    step_say(step, "%s%s%s", step->call->name, create ? " " : "",
             or       ? flags
             : create ? "IPC_CREAT"
                      : "");
    if (step_failed(step))
        return true;
    // Whoever finds it must come after whoever made it: it is then known, or
    // was there before.
    snprintf(key, sizeof key, "%lld", step->call->value);
    const int objects = step->model->object_count;
    const int number = object_of(step->model, kind, key);
    struct object *object = object_at(step->model, number);
    if (!step->commit) {
        const bool known = number < objects;
        if (!known)
            step->model->object_count--;
        return known || create || step->model->finds_all;
    }
    step->object = number;
    if (number == objects) {
        object->unknown = !create;
        object->capacity = QUEUE_BYTES;
    }
    if (kind == OBJECT_SEMAPHORES && object->values == 0)
        object->values = (int)call_number(step->call, 1);
    if (object->values > MODEL_SEMAPHORES)
        object->values = MODEL_SEMAPHORES;
    return true;
}

static bool on_msgget(struct step *step)
{
    return get(step, OBJECT_QUEUE, 1);
}

static bool on_semget(struct step *step)
{
    return get(step, OBJECT_SEMAPHORES, 2);
}

static bool on_shmget(struct step *step)
{
    return get(step, OBJECT_SEGMENT, 2);
}

static void read_message(const struct call *call, char *text, size_t size,
                         long *type)
{
    char field[32];

    call_arg(call, 1, text, size);
    *type = strtol(text_member(text, 0, field, sizeof field), NULL, 0);
}

static bool on_msgsnd(struct step *step)
{
    char text[2200];
    struct message message = {.file = -1};
    const long long size = call_number(step->call, 2);

    step->object = object_of_id(step, OBJECT_QUEUE);
    struct object *queue = object_at(step->model, step->object);
    read_message(step->call, text, sizeof text, &message.type);
    step_payload(step, text, size, false, &message);
    step_say(step, "msgsnd type %ld, %s", message.type, step->outcome);
    step->outcome[0] = '\0';
    const bool room =
        queue->unknown || queue->bytes + (size_t)size <= queue->capacity;
    if (strcmp(step->call->error, "EIDRM") == 0)
        return queue->removed;
    if (step_failed(step))
        return !step_would_block(step) || !room;
    if (!step->commit)
        return room;
    message.left = (size_t)size;
    message.number = step->arrow = ++step->model->arrows;
    step->kind = EVENT_SEND;
    object_put(step->model, step->object, message);
    return true;
}

// The message that msgrcv(2) takes with this msgtyp; -1 if there is none.
static int choose(const struct object *queue, long type, bool except)
{
    int chosen = -1;

    for (int i = queue->first; i < queue->last; i++) {
        const long has = queue->messages[i].type;
        if (type == 0 || (type > 0 && (has == type) != except))
            return i;
        if (type < 0 && has <= -type &&
            (chosen == -1 || has < queue->messages[chosen].type))
            chosen = i;
    }
    return chosen;
}

static bool on_msgrcv(struct step *step)
{
    char text[2200];
    char flags[80];
    long type;
    struct message what = {0};
    const long wanted = (long)call_number(step->call, 3);

    step->object = object_of_id(step, OBJECT_QUEUE);
    struct object *queue = object_at(step->model, step->object);
    call_arg(step->call, 4, flags, sizeof flags);
    step_say(step, wanted ? "msgrcv type %ld" : "msgrcv any type", wanted);
    if (strstr(flags, "IPC_NOWAIT"))
        step_say(step, " IPC_NOWAIT");
    if (strstr(flags, "MSG_EXCEPT"))
        step_say(step, " MSG_EXCEPT");
    if (strstr(flags, "MSG_COPY")) {
        step_say(step, " MSG_COPY");
        return true;
    }
    if (strcmp(step->call->error, "EIDRM") == 0)
        return queue->removed;
    const int chosen = choose(queue, wanted, strstr(flags, "MSG_EXCEPT"));
    if (step_failed(step))
        return strcmp(step->call->error, "ENOMSG") != 0 || chosen == -1 ||
               queue->unknown;
    read_message(step->call, text, sizeof text, &type);
    // What does not fill the buffer is followed by what was in it before; and
    // strace shows as much as the buffer has room for.
    step_payload(step, text, step->call->value, false, &what);
    if (!step->commit)
        return queue->unknown ||
               (chosen >= 0 && queue->messages[chosen].type == type &&
                message_is(&queue->messages[chosen], &what));
    step->kind = EVENT_RECEIVE;
    if (wanted != type)
        step_add_outcome(step, ", type %ld", type);
    if (chosen >= 0)
        step->arrow = object_take(queue, chosen).number;
    return true;
}

// IPC_STAT is a look from inside: it must agree with what we have counted.
static bool agrees(const struct call *call, const char *field, size_t count)
{
    char value[32];

    text_field(call->args, field, value, sizeof value);
    return value[0] == '\0' || strtoul(value, NULL, 0) == count;
}

// IPC_INFO, MSG_STAT and their like: a list of all there are, by their index.
static bool looks_at_all(struct step *step, const char *what)
{
    step->quiet = strstr(what, "_INFO") ||
                  (strstr(what, "_STAT") && strncmp(what, "IPC_STAT", 8) != 0);
    return step->quiet;
}

static bool on_msgctl(struct step *step)
{
    char what[32];
    char value[32];

    call_arg(step->call, 1, what, sizeof what);
    if (looks_at_all(step, what))
        return true;
    step->object = object_of_id(step, OBJECT_QUEUE);
    struct object *queue = object_at(step->model, step->object);
    step_say(step, "msgctl %s", what);
    if (step_failed(step))
        return true;
    if (strcmp(what, "IPC_STAT") == 0) {
        text_field(step->call->args, "msg_qbytes", value, sizeof value);
        if (step->commit && value[0] != '\0')
            queue->capacity = strtoul(value, NULL, 0);
        return queue->unknown || agrees(step->call, "msg_qnum",
                                        (size_t)(queue->last - queue->first));
    }
    if (step->commit && strcmp(what, "IPC_SET") == 0) {
        text_field(step->call->args, "msg_qbytes", value, sizeof value);
        queue->capacity = strtoul(value, NULL, 0);
        step_say(step, " msg_qbytes=%s", value);
    }
    if (step->commit && strcmp(what, "IPC_RMID") == 0) {
        object_clear(queue);
        queue->removed = true;
    }
    return true;
}

struct operation {
    int semaphore;
    int amount;
    bool undo;
    bool no_wait;
};

static int read_operations(const struct call *call,
                           struct operation *operations, int max)
{
    char array[2048];
    char value[32];
    int count = 0;

    call_arg(call, 1, array, sizeof array);
    for (const char *at = strchr(array, '{'); at && count < max;
         at = strchr(at + 1, '{')) {
        struct operation *o = &operations[count++];
        o->semaphore = atoi(text_member(at, 0, value, sizeof value));
        o->amount = atoi(text_member(at, 1, value, sizeof value));
        text_member(at, 2, value, sizeof value);
        o->undo = strstr(value, "SEM_UNDO") != NULL;
        o->no_wait = strstr(value, "IPC_NOWAIT") != NULL;
    }
    return count;
}

static void remember_undo(struct step *step, const struct operation *o)
{
    struct process *process = step->process;

    for (int i = 0; i < process->undo_count; i++)
        if (process->undo[i].object == step->object &&
            process->undo[i].semaphore == o->semaphore) {
            process->undo[i].amount -= o->amount;
            return;
        }
    if (process->undo_count < MODEL_SEMAPHORES)
        process->undo[process->undo_count++] =
            (struct undo){step->object, o->semaphore, -o->amount};
}

static bool on_semop(struct step *step)
{
    struct operation operations[MODEL_SEMAPHORES];
    int values[MODEL_SEMAPHORES];
    bool goes = true;

    step->object = object_of_id(step, OBJECT_SEMAPHORES);
    struct object *set = object_at(step->model, step->object);
    const int count = read_operations(step->call, operations, MODEL_SEMAPHORES);
    memcpy(values, set->value, sizeof values);
    step_say(step, "semop");
    for (int i = 0; i < count && i < MODEL_SEMAPHORES; i++) {
        const struct operation *o = &operations[i];
        int *value = &values[o->semaphore % MODEL_SEMAPHORES];
        step_say(step, o->amount ? "%s %d: %+d" : "%s %d: zero?", i ? "," : "",
                 o->semaphore, o->amount);
        if (o->undo)
            step_say(step, " UNDO");
        if (o->amount == 0 ? *value != 0 : *value + o->amount < 0)
            goes = false;
        *value += o->amount;
    }
    goes = goes || set->unknown;
    if (strcmp(step->call->error, "EIDRM") == 0)
        return set->removed;
    if (step_failed(step))
        return !step_would_block(step) || !goes || set->unknown;
    if (!step->commit)
        return goes;
    memcpy(set->value, values, sizeof values);
    for (int i = 0; i < count; i++)
        if (operations[i].undo)
            remember_undo(step, &operations[i]);
    return true;
}

// SETALL and GETALL: the values in the brackets.
static int read_values(const char *text, int *values, int max)
{
    int count = 0;
    const char *at = strchr(text, '[');

    while (at && count < max && *at != ']' && *at != '\0') {
        char *end;
        at++;
        values[count] = (int)strtol(at, &end, 0);
        if (end == at)
            break;
        count++;
        at = end;
    }
    return count;
}

// SETVAL and SETALL make the kernel forget what it was to give back.
static void forget_undo(struct step *step, int semaphore)
{
    for (int p = 0; p < step->model->process_count; p++) {
        struct process *process = &step->model->processes[p];
        for (int i = 0; i < process->undo_count; i++)
            if (process->undo[i].object == step->object &&
                (semaphore < 0 || process->undo[i].semaphore == semaphore))
                process->undo[i].amount = 0;
    }
}

static bool on_semctl(struct step *step)
{
    char what[32];
    char text[600];
    int values[MODEL_SEMAPHORES];

    call_arg(step->call, 2, what, sizeof what);
    if (looks_at_all(step, what))
        return true;
    step->object = object_of_id(step, OBJECT_SEMAPHORES);
    struct object *set = object_at(step->model, step->object);
    const int semaphore = (int)call_number(step->call, 1) % MODEL_SEMAPHORES;
    call_arg(step->call, 3, text, sizeof text);
    step_say(step, "semctl ");
    if (strstr(what, "VAL") || strstr(what, "CNT") || strstr(what, "PID"))
        step_say(step, "%d ", semaphore);
    step_say(step, "%s", what);
    const int count = read_values(text, values, MODEL_SEMAPHORES);
    if (step_failed(step))
        return true;
    if (strncmp(what, "GET", 3) == 0 && strcmp(what, "GETALL") != 0)
        step_add_outcome(step, "%lld", step->call->value);
    if (strcmp(what, "GETVAL") == 0 && !step->commit)
        return set->unknown || set->value[semaphore] == step->call->value;
    if (strcmp(what, "GETALL") == 0 && !step->commit && !set->unknown)
        return count == 0 ||
               memcmp(values, set->value, (size_t)count * sizeof *values) == 0;
    if (!step->commit)
        return true;
    if (strcmp(what, "SETVAL") == 0) {
        set->value[semaphore] = (int)call_number(step->call, 3);
        forget_undo(step, semaphore);
        step_say(step, " %d", set->value[semaphore]);
    } else if (strcmp(what, "SETALL") == 0 ||
               (strcmp(what, "GETALL") == 0 && count > 0)) {
        memcpy(set->value, values, (size_t)count * sizeof *values);
        set->values = count;
        set->unknown = false;
        if (strcmp(what, "SETALL") == 0)
            forget_undo(step, -1);
    } else if (strcmp(what, "IPC_RMID") == 0) {
        set->removed = true;
    }
    return true;
}

static bool on_shmat(struct step *step)
{
    step->object = object_of_id(step, OBJECT_SEGMENT);
    struct object *segment = object_at(step->model, step->object);
    step_say(step, "shmat");
    if (strstr(step->call->args, "SHM_RDONLY"))
        step_say(step, " SHM_RDONLY");
    if (step_failed(step) || !step->commit)
        return true;
    segment->unknown = false;
    segment->readers++;
    step->model->uses_memory = true;
    if (step->process->mapping_count < 16)
        step->process->mappings[step->process->mapping_count++] =
            (struct mapping){step->call->value, step->object};
    return true;
}

static bool on_shmdt(struct step *step)
{
    struct process *process = step->process;
    const long long address = call_number(step->call, 0);

    step_say(step, "shmdt");
    if (step_failed(step))
        return true;
    for (int i = 0; i < process->mapping_count; i++)
        if (process->mappings[i].address == address) {
            step->object = process->mappings[i].object;
            if (step->commit) {
                object_detach(step->model, step->object);
                process->mappings[i] =
                    process->mappings[--process->mapping_count];
            }
            break;
        }
    return true;
}

static bool on_shmctl(struct step *step)
{
    char what[32];

    call_arg(step->call, 1, what, sizeof what);
    if (looks_at_all(step, what))
        return true;
    step->object = object_of_id(step, OBJECT_SEGMENT);
    struct object *segment = object_at(step->model, step->object);
    step_say(step, "shmctl %s", what);
    if (step_failed(step))
        return true;
    if (strcmp(what, "IPC_STAT") == 0)
        return segment->unknown ||
               agrees(step->call, "shm_nattch", (size_t)segment->readers);
    if (step->commit && strcmp(what, "IPC_RMID") == 0) {
        // It stays until the last process has detached it.
        segment->goes_last = true;
        segment->removed = segment->readers == 0;
    }
    return true;
}

const struct step_call sysv_calls[] = {
    {"msgget", on_msgget},
    {"msgsnd", on_msgsnd},
    {"msgrcv", on_msgrcv},
    {"msgctl", on_msgctl},
    {"semget", on_semget},
    {"semop", on_semop},
    {"semtimedop", on_semop},
    {"semctl", on_semctl},
    {"shmget", on_shmget},
    {"shmat", on_shmat},
    {"shmdt", on_shmdt},
    {"shmctl", on_shmctl},
    {NULL, NULL},
};
