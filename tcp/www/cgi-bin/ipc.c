/*
 * tcp/www/cgi-bin/ipc.c -- a page of what is in the kernel at this moment.
 *
 * Shows:   A CGI program: what it prints is the answer, a head, an empty line,
 *          a page. This page has the System V objects of the machine, and the
 *          sockets of whatever runs from this suite's build folder. It asks no
 *          other program, only /proc; and what others have chosen, were it the
 *          name of a program, is escaped.
 *
 * Run:     $ build/tcp/www/cgi-bin/ipc
 *
 * Prints:  Content-Type: text/html; charset=utf-8
 *          Cache-Control: no-store
 *          <...>
 *          </html>
 *
 * Read:    proc(5), sysvipc(7), readlink(2), inet_ntop(3)
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../../common/program.h"

#define SOCKETS_MAX 1024

struct owner { // of a socket
    unsigned long inode;
    int pid;
    char program[64]; // of the suite: "udp/basic_recv"
};

static struct owner owners[SOCKETS_MAX];
static size_t owner_count;

static void print_escaped(const char *text)
{
    for (; *text; text++)
        if (strchr("&<>\"'", *text))
            printf("&#%d;", *text);
        else
            putchar(isprint((unsigned char)*text) ? *text : '?');
}

static void print_table(const char *title, const char *columns)
{
    printf("<h2>%s</h2>\n<table>\n<tr>%s\n", title, columns);
}

// ---- System V objects ------------------------------------------------------

static void print_object(int key, int id, unsigned mode, unsigned uid)
{
    // Whatever has a key of ours was made by a lesson.
    bool ours = (unsigned)key >> 24 == IPC_PROJECT;
    printf("<tr%s><td>0x%08x<td>%d<td>%03o<td>%u", ours ? " class=ours" : "",
           (unsigned)key, id, mode & 0777, uid);
}

static void print_queue(const char *line)
{
    int key, id;
    unsigned mode, uid;
    unsigned long bytes, messages;

    if (sscanf(line, "%d %d %o %lu %lu %*d %*d %u", &key, &id, &mode, &bytes,
               &messages, &uid) == 6) {
        print_object(key, id, mode, uid);
        printf("<td>%lu<td>%lu\n", messages, bytes);
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
        printf("<td>%lu\n", semaphores);
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
        printf("<tr><td colspan=6>%s cannot be read\n", path);
    while (file && fgets(line, sizeof line, file))
        print(line);
    if (file)
        fclose(file);
    puts("</table>");
}

// ---- sockets ---------------------------------------------------------------

// Where the programs of the suite are, with a slash at the end. It is known
// from where this one is. False if that is another place.
static bool find_build(char folder[static PATH_MAX])
{
    static const char here[] = "tcp/www/cgi-bin/ipc";
    ssize_t n = readlink("/proc/self/exe", folder, PATH_MAX - 1);
    ssize_t tail = sizeof here - 1;

    if (n <= tail || memcmp(folder + n - tail, here, (size_t)tail) != 0)
        return false;
    folder[n - tail] = '\0';
    return true;
}

// The sockets among the open files of a process, which runs that program.
static void note_sockets(const char *pid, const char *program)
{
    char path[NAME_MAX + 16];
    struct dirent *entry;

    snprintf(path, sizeof path, "/proc/%s/fd", pid);
    DIR *files = opendir(path);
    while (files && (entry = readdir(files)) && owner_count < SOCKETS_MAX) {
        char link[sizeof path + NAME_MAX + 2], target[64];
        struct owner *o = &owners[owner_count];
        snprintf(link, sizeof link, "%s/%s", path, entry->d_name);
        ssize_t n = readlink(link, target, sizeof target - 1);
        if (n == -1)
            continue;
        target[n] = '\0';
        if (sscanf(target, "socket:[%lu]", &o->inode) == 1) {
            o->pid = atoi(pid);
            snprintf(o->program, sizeof o->program, "%s", program);
            owner_count++;
        }
    }
    if (files)
        closedir(files);
}

static void find_owners(void)
{
    char build[PATH_MAX], path[PATH_MAX], program[PATH_MAX];
    struct dirent *entry;
    DIR *processes = find_build(build) ? opendir("/proc") : NULL;

    while (processes && (entry = readdir(processes))) {
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        snprintf(path, sizeof path, "/proc/%s/exe", entry->d_name);
        ssize_t n = readlink(path, program, sizeof program - 1);
        if (n == -1)
            continue; // it has ended, or is somebody else's
        program[n] = '\0';
        if (strncmp(program, build, strlen(build)) == 0)
            note_sockets(entry->d_name, program + strlen(build));
    }
    if (processes)
        closedir(processes);
}

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
    for (size_t i = 0; i < owner_count; i++) {
        if (owners[i].inode != inode || inode == 0)
            continue;
        fputs("<tr class=ours><td>", stdout);
        print_escaped(owners[i].program);
        printf("<td>%d", owners[i].pid);
        print_address(here, here_port);
        print_address(there, there_port);
        printf("<td>%s\n",
               state < sizeof states / sizeof *states ? states[state] : "?");
    }
}

int main(void)
{
    fputs("Content-Type: text/html; charset=utf-8\r\n"
          "Cache-Control: no-store\r\n"
          "\r\n"
          "<!DOCTYPE html>\n"
          "<html lang=en>\n"
          "<meta charset=utf-8>\n"
          "<meta name=viewport content=\"width=device-width\">\n"
          "<title>In the kernel, now</title>\n"
          "<link rel=stylesheet href=/style.css>\n"
          "<h1>In the kernel, now</h1>\n"
          "<p><a href=/>Back</a>, or <a href=/cgi-bin/ipc>look again</a>.\n"
          "<p>What a lesson of this suite has made is <span "
          "class=ours>marked</span>.\n",
          stdout);

    print_table("Message queues", "<th>key<th>id<th>mode<th>user"
                                  "<th>messages<th>bytes");
    for_each_line("/proc/sysvipc/msg", print_queue);
    print_table("Semaphore sets",
                "<th>key<th>id<th>mode<th>user<th>semaphores");
    for_each_line("/proc/sysvipc/sem", print_set);
    print_table("Shared memory", "<th>key<th>id<th>mode<th>user"
                                 "<th>bytes<th>attached");
    for_each_line("/proc/sysvipc/shm", print_segment);

    find_owners();
    const char *columns = "<th>program<th>process<th>here<th>there<th>state";
    print_table("TCP over IPv4", columns);
    for_each_line("/proc/net/tcp", print_socket);
    print_table("TCP over IPv6", columns);
    for_each_line("/proc/net/tcp6", print_socket);
    print_table("UDP over IPv4", columns);
    for_each_line("/proc/net/udp", print_socket);
    print_table("UDP over IPv6", columns);
    for_each_line("/proc/net/udp6", print_socket);

    puts("</html>");
    return ferror(stdout) || fflush(stdout) == EOF;
}
