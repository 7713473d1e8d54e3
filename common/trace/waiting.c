/*
 * common/trace/waiting.c -- poll and its kin, sleep, futex.
 */
#include <stdlib.h>
#include <string.h>

#include "step.h"

bool model_is_timed(const struct model *model, const struct call *call)
{
    static const char *const waits[] = {
        "poll",       "ppoll",       "select",          "pselect6",
        "epoll_wait", "epoll_pwait", "rt_sigtimedwait",
    };
    static const char *const always[] = {
        "clock_nanosleep", "nanosleep", "pause",          "rt_sigsuspend",
        "restart_syscall", "futex",     "setitimer_ends",
    };

    if (call->kind == CALL_KILLED)
        return true;
    if (call->kind == CALL_SIGNAL) {
        char value[40];
        text_field(call->args, "si_pid", value, sizeof value);
        return strcmp(call->name, "SIGCHLD") != 0 &&
               strcmp(call->name, "SIGPIPE") != 0 &&
               model_process_number(model, (pid_t)atoi(value)) < 0;
    }
    if (call->kind == CALL_EXIT)
        return false;
    if (!call->returned || call->restarts)
        return strcmp(call->name, "exit_group") != 0;
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
        if (strcmp(call->name, always[i]) == 0)
            return true;
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++)
        if (strcmp(call->name, waits[i]) == 0)
            return i >= 2 || call->value == 0;
    return (strcmp(call->error, "EAGAIN") == 0 ||
            strcmp(call->error, "ETIMEDOUT") == 0) &&
           call->end_us - call->begin_us >= 5000;
}

// poll and ppoll: of those that it says are readable, all must be.
static bool on_poll(struct step *step)
{
    char value[80];

    step_say(step, "%s", step->call->name);
    if (step_failed(step))
        return true;
    if (step->call->value == 0)
        step_add_outcome(step, "time limit");
    for (const char *at = strstr(step->call->note, "{fd="); at;
         at = strstr(at + 1, "{fd=")) {
        text_field(at, "revents", value, sizeof value);
        const struct descriptor *fd =
            process_descriptor(step->model, step->process, atoi(at + 4));
        const int in = fd ? step->model->files[fd->file].in : -1;
        if (in < 0)
            continue;
        if (step->object < 0)
            step->object = in;
        const struct object *object = object_at(step->model, in);
        if (!step->commit && strncmp(value, "POLLIN", 6) == 0 &&
            !object->unknown && !object_is_readable(object) &&
            !strstr(value, "POLLHUP"))
            return false;
    }
    return true;
}

static bool on_other_wait(struct step *step)
{
    step_say(step, "%s", step->call->name);
    if (step->call->value == 0 && !step_failed(step))
        step_add_outcome(step, "time limit");
    return true;
}

static bool on_sleep(struct step *step)
{
    char seconds[40];
    char nanoseconds[40];

    text_field(step->call->args, "tv_sec", seconds, sizeof seconds);
    text_field(step->call->args, "tv_nsec", nanoseconds, sizeof nanoseconds);
    // Until a time, and not for a time: it has no length.
    if (strstr(step->call->args, "TIMER_ABSTIME"))
        step_say(step, "sleep");
    else
        step_say(step, "sleep %ld ms",
                 atol(seconds) * 1000 + atol(nanoseconds) / 1000000);
    return true;
}

static bool on_futex(struct step *step)
{
    char what[80];

    call_arg(step->call, 1, what, sizeof what);
    const char *name = strncmp(what, "FUTEX_", 6) == 0 ? what + 6 : what;
    step_say(step, "futex %.*s", (int)strcspn(name, "_"), name);
    step->quiet = strstr(what, "PRIVATE") && step->call->value == 0;
    if (strncmp(name, "WAKE", 4) == 0 && !step_failed(step))
        step_add_outcome(step, "%lld woken", step->call->value);
    return true;
}

static bool on_pause(struct step *step)
{
    step_say(step, "waits for a signal");
    return true;
}

// Memory that a mapping shares: of shm_open, of a file, or with a child.
static bool on_mmap(struct step *step)
{
    char file[200];
    char key[128];

    step->quiet = true;
    if (step_failed(step) || !strstr(step->call->args, "MAP_SHARED"))
        return true;
    annotation_of(call_arg(step->call, 4, file, sizeof file), key, sizeof key);
    step->quiet = path_is_of_system(key);
    const char *slash = strrchr(key, '/');
    step_say(step, "mmap %s", slash ? slash + 1 : "shared memory");
    if (step->commit && !step->quiet)
        step->model->uses_memory = true;
    return true;
}

const struct step_call waiting_calls[] = {
    {"poll", on_poll},
    {"ppoll", on_poll},
    {"select", on_other_wait},
    {"pselect6", on_other_wait},
    {"epoll_wait", on_other_wait},
    {"epoll_pwait", on_other_wait},
    {"rt_sigtimedwait", on_other_wait},
    {"clock_nanosleep", on_sleep},
    {"nanosleep", on_sleep},
    {"pause", on_pause},
    {"rt_sigsuspend", on_pause},
    {"futex", on_futex},
    {"mmap", on_mmap},
    {NULL, NULL},
};
