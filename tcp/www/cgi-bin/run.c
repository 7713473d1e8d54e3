/*
 * tcp/www/cgi-bin/run.c -- run a lesson at the press of a button; or trace it.
 *
 * Shows:   A CGI program whose answer takes as long as what it shows: each line
 *          of the two terminals goes out when it comes. What a stranger could
 *          do with a button that starts programs: lesson.h keeps to a list, to
 *          this machine and to a token; here is one at a time, in a process
 *          group that ends with its time limit, or with its reader. By the name
 *          of `trace`, it is make trace instead of make demo, and shows the
 *          picture.
 *
 * Run:     $ build/tcp/www/cgi-bin/run
 *
 * Prints:  Status: 200 OK
 *          <...>
 *          </html>
 *
 * Read:    RFC 3875, section 4; pipe(2), fork(2), setpgid(2), execve(2),
 *          poll(2), kill(2), waitpid(2), flock(2)
 */
#include <err.h>
#include <errno.h>

#include "../../../common/program.h"
#include "lesson.h"
#include "picture.h"

static bool tracing; // called by the name of trace

static const char *here(void)
{
    return tracing ? "/cgi-bin/trace" : "/cgi-bin/run";
}

// A button that starts a lesson; action: this page, or the other. The name is
// in the address, so that the other language is asked for the same lesson.
static void print_button(const struct lesson *lesson, const char *action,
                         const char *text)
{
    char token[128];

    if (!live_line("token", token, sizeof token))
        return;
    printf("<form method=\"post\" action=\"%s%s?lesson=%s\">", action,
           language(), lesson->name);
    printf("<input type=\"hidden\" name=\"token\" value=\"%s\">", token);
    printf("<button>%s</button></form>\n", translated(text));
}

static void print_commands(const struct lesson *lesson)
{
    printf("<pre tabindex=0><code>");
    for (int i = 0; i < lesson->count; i++) {
        printf("<b>$ ");
        print_escaped(lesson->commands[i]);
        puts("</b>");
    }
    puts("</code></pre>");
}

// One lesson with its button, or all of them.
static int print_choice(const char *name)
{
    struct lesson lesson = {0};
    const char *verb = tracing ? "Trace it" : "Run it";

    if (name[0] != '\0' && !lesson_find(name, &lesson)) {
        page_begin("404 Not Found", "No such lesson");
        return page_end();
    }
    page_begin("200 OK", tracing ? "Trace a lesson" : "Run a lesson");
    if (name[0] != '\0') {
        printf("<p><a href=\"%s/%s.html\">%s</a>: ", language(), lesson.name,
               lesson.name);
        print_escaped(lesson.title);
        print_commands(&lesson);
        print_button(&lesson, here(), verb);
        return page_end();
    }
    FILE *list = live_open("lessons");
    if (!list)
        printf("<p>%s\n", translated("There is no list of lessons: make site"
                                     " starts this site with one."));
    puts("<dl class=lessons>");
    while (list && lesson_next(list, &lesson)) {
        printf("<dt><a href=\"%s%s?lesson=%s\">%s</a></dt><dd>", here(),
               language(), lesson.name, lesson.name);
        print_escaped(lesson.title);
        puts("</dd>");
    }
    puts("</dl>");
    return page_end();
}

static int refuse(const char *status, const char *why)
{
    page_begin(status, "Not started");
    printf("<p>%s\n", translated(why));
    return page_end();
}

// In the child: become the script, in the folder above the programs. What it
// prints is the output; of a trace, only what it complains of.
static void become_script(const char *lesson, int output)
{
    char build[PATH_MAX], path[PATH_MAX] = "/usr/bin:/bin";
    const char *script = tracing ? "common/trace/lesson.sh" : "common/demo.sh";

    setpgid(0, 0);
    if (dup2(output, STDERR_FILENO) == -1)
        err(1, "dup2");
    if (tracing && (output = open("/dev/null", O_WRONLY | O_CLOEXEC)) == -1)
        err(1, "/dev/null");
    if (dup2(output, STDOUT_FILENO) == -1)
        err(1, "dup2");
    if (!find_build(build) || chdir(build) == -1 || chdir("..") == -1)
        err(1, "%s", build);
    build[strlen(build) - 1] = '\0';
    live_line("path", path, sizeof path);
    clearenv();
    if (setenv("PATH", path, 1) == -1 || setenv("BUILD", build, 1) == -1 ||
        setenv("SVG", "1", 1) == -1)
        err(1, "setenv");
    execl("/bin/sh", "sh", script, lesson, NULL);
    err(1, "/bin/sh");
}

// "  0.005  1 basic_recv  ready" goes into the column of its terminal.
static void print_line(char *line)
{
    double seconds;
    int terminal, text = 0;

    line[strcspn(line, "\n")] = '\0';
    if (sscanf(line, "%lf %1d %*s %n", &seconds, &terminal, &text) == 2 &&
        text > 0 && terminal >= 1 && terminal <= TERMINALS_MAX) {
        printf("<div class=\"t%d\"><span>%.3f</span> ", terminal, seconds);
        print_escaped(line + text);
        puts("</div>");
    } else if (line[0] != '\0') {
        printf("<div class=\"says\">");
        print_escaped(line);
        puts("</div>");
    }
    fflush(stdout);
}

static long ms_until(const struct timespec *start, long limit_s)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return limit_s * 1000 - (now.tv_sec - start->tv_sec) * 1000 -
           (now.tv_nsec - start->tv_nsec) / 1000000;
}

// Print what comes, line by line, until end of file or the time limit. False at
// the time limit, or if the reader of this page has gone.
static bool relay(int output, long limit_s)
{
    struct timespec start;
    char line[1024];
    size_t length = 0;

    clock_gettime(CLOCK_MONOTONIC, &start);
    for (;;) {
        struct pollfd ready = {.fd = output, .events = POLLIN};
        long left_ms = ms_until(&start, limit_s);
        if (left_ms <= 0 || ferror(stdout))
            return false;
        if (poll(&ready, 1, (int)left_ms) <= 0)
            continue;
        ssize_t n = read(output, line + length, 1);
        if (n == 1 && line[length] != '\n' && length < sizeof line - 2) {
            length++;
            continue;
        }
        line[n == 1 ? length + 1 : length] = '\0';
        if (length > 0 || n == 1)
            print_line(line);
        length = 0;
        if (n <= 0)
            return true;
    }
}

// Run it, and print what it prints. Everything that it started ends with it.
static int run(const struct lesson *lesson)
{
    char limit[16] = "20";
    int ends[2];

    live_line("limit_s", limit, sizeof limit);
    if (pipe(ends) == -1)
        err(1, "pipe");
    if (tracing)
        picture_remove(lesson);
    page_begin("200 OK", lesson->name);
    printf("<div class=\"stage stage%d\">\n", lesson->count);
    for (int i = 0; i < lesson->count; i++) {
        printf("<div class=\"t%d command\">$ ", i + 1);
        print_escaped(lesson->commands[i]);
        puts("</div>");
    }
    fflush(stdout);
    pid_t child = fork();
    if (child == -1)
        err(1, "fork");
    if (child == 0)
        become_script(lesson->name, ends[1]);
    setpgid(child, child);
    close(ends[1]);

    bool ended = relay(ends[0], strtol(limit, NULL, 10));
    puts("</div>");
    if (!ended)
        printf("<p>%s %s\n", translated("Ended at the time limit, in seconds:"),
               limit);

    // SIGTERM first: the scripts remove what they have made.
    kill(-child, ended ? SIGKILL : SIGTERM);
    for (int tries = 0; !ended && tries < 100; tries++) {
        if (waitpid(child, NULL, WNOHANG) == child)
            break;
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    kill(-child, SIGKILL);
    waitpid(child, NULL, 0);

    if (tracing) {
        print_picture(lesson);
        print_picture_text(lesson);
    }
    print_button(lesson, here(), "Once more");
    print_button(lesson, tracing ? "/cgi-bin/run" : "/cgi-bin/trace",
                 tracing ? "Run it without strace" : "Trace it");
    printf("<p><a href=\"%s/%s.html\">%s</a>\n", language(), lesson->name,
           translated("Its page"));
    return page_end();
}

int main(int argc, char *argv[])
{
    program_start();
    char form[1024] = "", name[64] = "";
    struct lesson lesson = {0};

    const char *slash = strrchr(argv[0], '/');
    tracing = argc > 0 && strcmp(slash ? slash + 1 : argv[0], "trace") == 0;
    form_field(variable("QUERY_STRING"), "lesson", name, sizeof name);
    if (strcmp(variable("REQUEST_METHOD"), "POST") != 0)
        return print_choice(name);
    form[fread(form, 1, sizeof form - 1, stdin)] = '\0';
    const char *why = refusal(form);
    if (why)
        return refuse("403 Forbidden", why);
    if (!lesson_find(name, &lesson))
        return refuse("404 Not Found", "No such lesson");

    // One at a time: a lesson may use a port, or a name.
    FILE *lock = live_open("lessons");
    if (!lock || flock(fileno(lock), LOCK_EX | LOCK_NB) == -1)
        return refuse("503 Service Unavailable", "Another lesson runs.");
    return run(&lesson);
}
