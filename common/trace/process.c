/*
 * common/trace/process.c -- fork, exec, signals, and how a process ends.
 */
#include <stdlib.h>
#include <string.h>

#include "step.h"

static bool on_fork(struct step *step)
{
    const bool thread = strstr(step->call->args, "CLONE_THREAD") != NULL;

    step_say(step, thread ? "new thread" : "fork");
    if (step_failed(step))
        return true;
    const pid_t pid = (pid_t)step->call->value;
    if (!step->commit)
        return true;
    step->kind = EVENT_FORK;
    step->quiet = !process_copy(step->model, step->process, pid, thread);
    step->other = model_process_number(step->model, pid);
    return true;
}

// The program's own name, and its arguments as one would type them.
static void command_words(const struct call *call, char *words, size_t size,
                          char *name, size_t name_size)
{
    char array[600];
    size_t length = 0;

    call_arg(call, 1, array, sizeof array);
    name[0] = words[0] = '\0';
    for (const char *at = strchr(array, '"'); at && length < size;
         at = strchr(text_skip(at), '"')) {
        uint8_t bytes[200];
        const size_t n = text_bytes(at, bytes, sizeof bytes - 1);
        bytes[n] = '\0';
        for (size_t i = 0; i < n; i++)
            if (bytes[i] < ' ')
                bytes[i] = ' ';
        if (length == 0) {
            const char *slash = strrchr((const char *)bytes, '/');
            snprintf(name, name_size, "%.20s",
                     slash ? slash + 1 : (const char *)bytes);
            length += (size_t)snprintf(words, size, "%s", name);
        } else {
            length += (size_t)snprintf(words + length, size - length, " %s",
                                       (const char *)bytes);
        }
    }
}

static bool on_exec(struct step *step)
{
    char words[120];
    char name[24];

    command_words(step->call, words, sizeof words, name, sizeof name);
    step_say(step, "exec %s", words);
    step->kind = EVENT_EXEC;
    step->quiet = step_failed(step); // as execvp(3) tries one folder, another
    if (step_failed(step) || !step->commit)
        return true;
    struct process *process = step->process;
    // The shell that a command is given to is not what is traced.
    step->quiet = process->shell && strncmp(words, "sh -c ", 6) == 0;
    process->shell = step->quiet;
    if (!step->quiet)
        snprintf(process->name, sizeof process->name, "%s", name);
    for (int i = process->fd_count - 1; i >= 0; i--)
        if (process->fds[i].close_on_exec)
            process_close(step->model, process, process->fds[i].number);
    for (int i = 0; i < process->mapping_count; i++)
        object_detach(step->model, process->mappings[i].object);
    process->mapping_count = 0;
    process->handles_sigchld = false;
    return true;
}

// Without a handler SIGCHLD does nothing, and has no line.
static bool on_sigaction(struct step *step)
{
    char signal[40];
    char handler[40];
    char action[300];

    step->quiet = true;
    call_arg(step->call, 0, signal, sizeof signal);
    call_arg(step->call, 1, action, sizeof action);
    text_field(action, "sa_handler", handler, sizeof handler);
    if (step->commit && strcmp(signal, "SIGCHLD") == 0 && handler[0] != '\0')
        step->process->handles_sigchld = strncmp(handler, "SIG_", 4) != 0;
    return true;
}

static bool on_wait(struct step *step)
{
    const pid_t pid = (pid_t)step->call->value;

    step->other = -1;
    if (strcmp(step->call->name, "wait4") == 0) {
        step_say(step, "wait for %s",
                 call_number(step->call, 0) > 0 ? "the child" : "a child");
    } else {
        char which[80];
        step_say(step, "waitid");
        text_field(step->call->args, "si_pid", which, sizeof which);
        const struct process *child =
            model_process(step->model, (pid_t)atoi(which));
        return step_failed(step) || !child || child->ended;
    }
    if (step_failed(step))
        return true;
    if (pid == 0) {
        step_add_outcome(step, "none has ended");
        return true;
    }
    const struct process *child = model_process(step->model, pid);
    step->other = model_process_number(step->model, pid);
    char status[80];
    call_arg(step->call, 1, status, sizeof status);
    const char *exited = strstr(status, "WEXITSTATUS(s) == ");
    const char *killed = strstr(status, "WTERMSIG(s) == ");
    if (exited)
        step_add_outcome(step, "status %d", atoi(exited + 18));
    else if (killed)
        step_add_outcome(step, "%.*s", (int)strcspn(killed + 15, "}& "),
                         killed + 15);
    else if (strstr(status, "WIFSTOPPED(s)"))
        step_add_outcome(step, "stopped");
    else if (strstr(status, "WIFCONTINUED(s)"))
        step_add_outcome(step, "continues");
    return !child || child->ended || (!exited && !killed);
}

static bool on_kill(struct step *step)
{
    const bool thread = strcmp(step->call->name, "tgkill") == 0;
    const pid_t pid = (pid_t)call_number(step->call, 0);
    char name[40];
    char mark[4] = "";

    step->other = model_process_number(step->model, pid);
    call_arg(step->call, 1 + thread, name, sizeof name);
    if (step->other >= 0)
        process_mark(step->other, mark, sizeof mark);
    step_say(step, "kill %s %s", mark, name);
    step->quiet = thread; // abort(3), raise(3): the signal has a line
    if (step->commit && !step_failed(step) && step->other >= 0 &&
        strcmp(name, "0") != 0)
        step->model->processes[step->other].killed++;
    if (step->commit && step->other >= 0 && strcmp(name, "SIGKILL") == 0)
        step->model->processes[step->other].awaits_kill = false;
    return true;
}

static bool on_signal(struct step *step)
{
    char value[40];

    step_say(step, "%s", step->call->name);
    step->kind = EVENT_SIGNAL;
    text_field(step->call->args, "si_pid", value, sizeof value);
    const pid_t pid = (pid_t)atoi(value);
    text_field(step->call->args, "si_code", value, sizeof value);
    const struct process *sender = model_process(step->model, pid);
    if (!sender || sender == step->process)
        return true;
    step->other = (int)(sender - step->model->processes);
    if (strcmp(step->call->name, "SIGCHLD") == 0 &&
        strncmp(value, "CLD_", 4) == 0) {
        step->quiet =
            !step->process->handles_sigchld && !step->process->interrupted;
        return sender->ended || strcmp(value, "CLD_STOPPED") == 0 ||
               strcmp(value, "CLD_CONTINUED") == 0;
    }
    if (strcmp(value, "SI_USER") == 0 || strcmp(value, "SI_TKILL") == 0) {
        if (step->commit)
            step->process->killed--;
        // A sender that has ended: PR_SET_PDEATHSIG.
        return step->process->killed > 0 || sender->ended || step->commit;
    }
    return true;
}

static bool on_end(struct step *step)
{
    step->kind = EVENT_END;
    if (step->call->value == 0)
        step_say(step, "ends");
    else
        step_say(step, "ends, status %lld", step->call->value);
    if (step->commit)
        process_end(step->model, step->process);
    return true;
}

static bool on_killed(struct step *step)
{
    step->kind = EVENT_END;
    step_say(step, "ended by %s", step->call->name);
    if (step->commit)
        process_end(step->model, step->process);
    return strcmp(step->call->name, "SIGKILL") != 0 ||
           !step->process->awaits_kill;
}

const struct step_call process_calls[] = {
    {"fork", on_fork},      {"vfork", on_fork},
    {"clone", on_fork},     {"clone3", on_fork},
    {"execve", on_exec},    {"execveat", on_exec},
    {"wait4", on_wait},     {"waitid", on_wait},
    {"kill", on_kill},      {"tgkill", on_kill},
    {"+signal", on_signal}, {"+exit", on_end},
    {"+killed", on_killed}, {"rt_sigaction", on_sigaction},
    {NULL, NULL},
};
