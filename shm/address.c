/*
 * shm/address.c -- one segment at several addresses.
 *
 * Shows:   Each shmat finds an address of its own, even in one process. So what
 *          stands in a segment refers to its other parts by offsets: a pointer
 *          is right in one place only. SHM_RDONLY attaches it for reading.
 *
 * Run:     $ build/shm/address
 *
 * Prints:  attached at <0x7f0000002000>, <0x7f0000001000> and <0x7f0000000000>
 *          written at the first, read at the second: oslo #1 -3.2 C
 *          a child detaches the first and follows the list at the second
 *          oslo #1 -3.2 C
 *          oslo #2 -3.1 C
 *          oslo #3 -3.0 C
 *          a child writes at the third, attached with SHM_RDONLY
 *          SIGSEGV at <0x7f0000000000>: mapped, but not for this
 *
 * Read:    shmat(2), shmdt(2), sigaction(2)
 */
#include <err.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <unistd.h>

#include "../common/child.h"
#include "../common/program.h"
#include "../common/reading.h"

#define READINGS 3

struct node {
    struct reading reading;
    union {              // where the next one is; all zero: this was the last
        uint64_t offset; // from the beginning of the segment
        struct node *pointer; // break it: as the writer sees it
    } next;
};

#define BYTES (READINGS * sizeof(struct node)) // shmget rounds up to a page

// Called in the midst of an access of our own, not of a printf: so this may
// call printf, although it is a signal handler.
static void say_fault(int number, siginfo_t *fault, void *context)
{
    (void)number, (void)context;
    bool mapped = fault->si_code == SEGV_ACCERR;

    printf("SIGSEGV at %p: %s\n", fault->si_addr,
           mapped ? "mapped, but not for this" : "nothing is mapped there");
    fflush(stdout);
    _exit(mapped ? 0 : 1);
}

// The list that begins where the segment begins.
static void write_list(struct node *base, bool pointers)
{
    for (uint32_t i = 0; i < READINGS; i++) {
        base[i].reading = reading_sample(i + 1);
        if (i + 1 == READINGS)
            base[i].next.offset = 0;
        else if (pointers)
            base[i].next.pointer = &base[i + 1];
        else
            base[i].next.offset = (i + 1) * sizeof *base;
    }
}

static void follow_list(const struct node *base, bool pointers)
{
    const struct node *node = base;

    for (int i = 0; i < READINGS; i++) { // a list could lead round in a circle
        reading_print(&node->reading);
        uint64_t offset = node->next.offset;
        if (offset == 0)
            return;
        if (pointers)
            node = node->next.pointer;
        else if (offset <= BYTES - sizeof *node && offset % sizeof *node == 0)
            node = (const void *)((const char *)base + offset);
        else
            errx(1, "offset %" PRIu64 " leads out of the list", offset);
    }
}

int main(int argc, char *argv[])
{
    program_start();
    int pointers = false;
    const struct option flags[] = {{"pointer", no_argument, &pointers, true},
                                   {0}};
    if (!parse_flags(argc, argv, flags) || argc != optind)
        return usage(argc, argv, "address [--pointer]");

    int segment = shmget(IPC_PRIVATE, BYTES, 0600);
    if (segment == -1)
        err(1, "shmget");
    struct node *first = shmat(segment, NULL, 0);
    struct node *second = shmat(segment, NULL, 0);
    struct node *third = shmat(segment, NULL, SHM_RDONLY);
    bool attached = (intptr_t)first != -1 && (intptr_t)second != -1 &&
                    (intptr_t)third != -1;
    if (shmctl(segment, IPC_RMID, NULL) == -1 || !attached)
        err(1, "shmat");

    printf("attached at %p, %p and %p\n", (void *)first, (void *)second,
           (void *)third);
    write_list(first, pointers);
    printf("written at the first, read at the second: ");
    reading_print(&second->reading);

    struct sigaction faults = {.sa_sigaction = say_fault,
                               .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &faults, NULL);

    pid_t follower = fork();
    if (follower == -1)
        err(1, "fork");
    if (follower == 0) {
        puts("a child detaches the first and follows the list at the second");
        if (shmdt(first) == -1)
            err(1, "shmdt");
        follow_list(second, pointers);
        return 0;
    }
    if (!child_succeeded(follower, "child"))
        return 1;

    pid_t writer = fork();
    if (writer == -1)
        err(1, "fork");
    if (writer == 0) {
        puts("a child writes at the third, attached with SHM_RDONLY");
        third->reading.tenths = 0;
        errx(1, "and could");
    }
    return child_succeeded(writer, "child") ? 0 : 1;
}
