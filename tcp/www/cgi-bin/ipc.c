/*
 * tcp/www/cgi-bin/ipc.c -- a page of what is in the kernel at this moment.
 *
 * Shows:   A CGI program: what it prints is the answer, a head, an empty line,
 *          a page. This page has the System V objects of the machine, and of
 *          whatever runs from this suite's build folder the FIFOs, the sockets,
 *          and which process waits for what. It asks no other program, only
 *          /proc; and what others have chosen, were it the name of a program,
 *          is escaped.
 *
 * Run:     $ build/tcp/www/cgi-bin/ipc
 *
 * Prints:  Status: 200 OK
 *          Content-Type: text/html; charset=utf-8
 *          <...>
 *          </html>
 *
 * Read:    proc(5), sysvipc(7), readlink(2), inet_ntop(3)
 */
#include <arpa/inet.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../common/program.h"
#include "page.h"
#include "processes.h"

static struct processes processes;

// columns: their names, with a bar between.
static void print_table(const char *title, const char *columns)
{
    printf("<h2>%s</h2>\n<div class=wide tabindex=0><table>\n<tr>",
           translated(title));
    for (const char *name = translated(columns); name[0] != '\0';) {
        int length = (int)strcspn(name, "|");
        printf("<th>%.*s", length, name);
        name += length + (name[length] == '|');
    }
    putchar('\n');
}

// ---- System V objects ------------------------------------------------------

static void print_object(int key, int id, unsigned mode, unsigned uid)
{
    // Whatever has a key of ours was made by a lesson.
    bool ours = (unsigned)key >> 24 == IPC_PROJECT;
    printf("<tr%s><td>0x%08x<td>%d<td>%03o<td>%u", ours ? " class=ours" : "",
           (unsigned)key, id, mode & 0777, uid);
}

// The last column: which processes wait for the object, and in which call.
static void print_waiters(enum waits waits, int id)
{
    const char *separator = "";

    fputs("<td>", stdout);
    for (size_t i = 0; i < processes.count; i++) {
        const struct process *p = &processes.list[i];
        if (p->waits == waits && p->id == id) {
            printf("%s%d: %s", separator, p->pid, p->call);
            separator = ", ";
        }
    }
    putchar('\n');
}

static void print_queue(const char *line)
{
    int key, id;
    unsigned mode, uid;
    unsigned long bytes, messages;

    if (sscanf(line, "%d %d %o %lu %lu %*d %*d %u", &key, &id, &mode, &bytes,
               &messages, &uid) == 6) {
        print_object(key, id, mode, uid);
        printf("<td>%lu<td>%lu", messages, bytes);
        print_waiters(WAITS_QUEUE, id);
    }
}

static void print_set(const char *line)
{
    int key, id;
    unsigned mode, uid;
    unsigned long semaphores;

    if (sscanf(line, "%d %d %o %lu %u", &key, &id, &mode, &semaphores, &uid) ==
        5) {
        print_object(key, id, mode, uid);
        printf("<td>%lu", semaphores);
        print_waiters(WAITS_SET, id);
    }
}

static void print_segment(const char *line)
{
    int key, id;
    unsigned mode, uid;
    unsigned long bytes, attached;

    if (sscanf(line, "%d %d %o %lu %*d %*d %lu %u", &key, &id, &mode, &bytes,
               &attached, &uid) == 6) {
        print_object(key, id, mode, uid);
        printf("<td>%lu<td>%lu\n", bytes, attached);
    }
}

// Each line of a file of /proc but the first, which names the columns.
static void for_each_line(const char *path, void (*print)(const char *line))
{
    FILE *file = fopen(path, "re");
    char line[1024];

    if (!file || !fgets(line, sizeof line, file))
        printf("<tr><td colspan=7>%s: %s\n", path,
               translated("cannot be read"));
    while (file && fgets(line, sizeof line, file))
        print(line);
    if (file)
        fclose(file);
    puts("</table></div>");
}

// ---- processes and FIFOs ---------------------------------------------------

static void print_process(const struct process *p)
{
    printf("<tr class=ours><td>%d<td>", p->pid);
    print_escaped(p->program);
    printf("<td>%s<td>", p->waits == WAITS_NOT ? "" : p->call);
    print_escaped(p->object);
    putchar('\n');
}

static void print_fifo(const struct open_fifo *fifo)
{
    fputs("<tr class=ours><td>", stdout);
    print_escaped(fifo->path);
    printf("<td>%d<td>", fifo->owner->pid);
    print_escaped(fifo->owner->program);
    printf("<td>%s\n", translated(fifo->access == 'r'   ? "reads"
                                  : fifo->access == 'w' ? "writes"
                                                        : "reads and writes"));
}

// ---- sockets ---------------------------------------------------------------

// An address as the kernel prints it: 32-bit words in the host's byte order.
static void print_address(const char *hex, unsigned port)
{
    uint32_t words[4];
    char text[INET6_ADDRSTRLEN] = "?";
    size_t count = strlen(hex) / 8;

    for (size_t i = 0; i < count && i < 4; i++) {
        char word[9] = "";
        memcpy(word, hex + 8 * i, 8);
        words[i] = (uint32_t)strtoul(word, NULL, 16);
    }
    inet_ntop(count == 4 ? AF_INET6 : AF_INET, words, text, sizeof text);
    printf(count == 4 ? "<td>[%s]:%u" : "<td>%s:%u", text, port);
}

static void print_socket(const char *line)
{
    static const char *const states[] = {
        "?",          "ESTABLISHED", "SYN-SENT",  "SYN-RECV",
        "FIN-WAIT-1", "FIN-WAIT-2",  "TIME-WAIT", "CLOSE",
        "CLOSE-WAIT", "LAST-ACK",    "LISTEN",    "CLOSING",
    };
    char here[33], there[33];
    unsigned here_port, there_port, state;
    unsigned long inode;

    if (sscanf(line,
               " %*d: %32[0-9A-F]:%x %32[0-9A-F]:%x %x %*x:%*x %*x:%*x %*x "
               "%*u %*u %lu",
               here, &here_port, there, &there_port, &state, &inode) != 6)
        return;
    for (size_t i = 0; i < processes.socket_count; i++) {
        if (processes.sockets[i].inode != inode || inode == 0)
            continue;
        const struct process *owner = processes.sockets[i].owner;
        fputs("<tr class=ours><td>", stdout);
        print_escaped(owner->program);
        printf("<td>%d", owner->pid);
        print_address(here, here_port);
        print_address(there, there_port);
        printf("<td>%s\n",
               state < sizeof states / sizeof *states ? states[state] : "?");
    }
}

int main(void)
{
    char build[PATH_MAX];

    if (find_build(build))
        processes_find(&processes, build);
    page_begin("200 OK", "In the kernel, now");
    printf(
        "<p><span class=ours>%s</span> %s <a href=\"/cgi-bin/ipc%s\">%s</a>\n",
        translated("Marked like this"),
        translated("is what a lesson of this suite has made, or does. Leave"
                   " one running, and"),
        language(), translated("look again"));

    print_table("Processes of the suite", "process|program|waits in|for");
    for (size_t i = 0; i < processes.count; i++)
        print_process(&processes.list[i]);
    puts("</table></div>");

    print_table("Message queues", "key|id|mode|user|messages|bytes|waiting");
    for_each_line("/proc/sysvipc/msg", print_queue);
    print_table("Semaphore sets", "key|id|mode|user|semaphores|waiting");
    for_each_line("/proc/sysvipc/sem", print_set);
    print_table("Shared memory", "key|id|mode|user|bytes|attached");
    for_each_line("/proc/sysvipc/shm", print_segment);

    print_table("FIFOs", "path|process|program|open");
    for (size_t i = 0; i < processes.fifo_count; i++)
        print_fifo(&processes.fifos[i]);
    puts("</table></div>");

    const char *columns = "program|process|here|there|state";
    print_table("TCP over IPv4", columns);
    for_each_line("/proc/net/tcp", print_socket);
    print_table("TCP over IPv6", columns);
    for_each_line("/proc/net/tcp6", print_socket);
    print_table("UDP over IPv4", columns);
    for_each_line("/proc/net/udp", print_socket);
    print_table("UDP over IPv6", columns);
    for_each_line("/proc/net/udp6", print_socket);
    return page_end();
}
