/*
 * common/progress.h -- how far a transfer is, on one line of a terminal.
 *
 *     README.md  45%  123.4 MB  550.1 MB/s  0:03 left
 *
 * Nothing is shown where stderr is not a terminal. Bytes count in thousands.
 */
#ifndef COMMON_PROGRESS_H
#define COMMON_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PROGRESS_COLUMNS 79

struct progress {
    const char *name;
    bool shown;   // stderr is a terminal
    double start; // in seconds of a clock that only goes forward
    double next;  // when the line is drawn again
};

static inline double progress_now(void)
{
    struct timespec now;

    // Coarse: 4 ms is near enough, and it costs next to nothing.
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

// "1.5 MB": a number of bytes in the unit that suits it.
static inline void progress_bytes(char *text, size_t size, double bytes)
{
    const char *units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    double scale = 1;
    size_t unit = 0;

    // 999.95 and more would be rounded to 1000.0. In whole numbers, as not all
    // processors round a quotient to the same bits.
    for (; bytes * 20 >= 19999 * scale && unit < 6; unit++)
        scale *= 1000;
    snprintf(text, size, unit == 0 ? "%.0f %s" : "%.1f %s", bytes / scale,
             units[unit]);
}

// The line for done of total bytes after so many seconds. Without a total, 0,
// it is not known how much is left.
static inline void progress_line(char line[PROGRESS_COLUMNS + 1],
                                 const char *name, uint64_t done,
                                 uint64_t total, double seconds)
{
    char amount[12];
    char rate[12];
    char rest[24] = "";
    double speed = seconds > 0 ? (double)done / seconds : 0;
    int width = (int)strnlen(name, 31);

    if (width == 31)
        do // not in the middle of a UTF-8 character
            width--;
        while (width > 0 && (name[width] & 0xc0) == 0x80);
    progress_bytes(amount, sizeof amount, (double)done);
    progress_bytes(rate, sizeof rate, speed);
    if (total > done && speed > 0) {
        double left = (double)(total - done) / speed;
        if (left < 360000)
            snprintf(rest, sizeof rest, "  %d:%02d left", (int)left / 60,
                     (int)left % 60);
    }
    if (total > 0 && done <= total)
        snprintf(line, PROGRESS_COLUMNS + 1, "%.*s  %d%%  %s  %s/s%s", width,
                 name, (int)((double)done * 100 / (double)total), amount, rate,
                 rest);
    else
        snprintf(line, PROGRESS_COLUMNS + 1, "%.*s  %s  %s/s", width, name,
                 amount, rate);
}

static inline void progress_start(struct progress *p, const char *name)
{
    *p = (struct progress){.name = name, .shown = isatty(STDERR_FILENO)};
    p->start = p->next = progress_now();
}

// Draw the line, ten times a second at most.
static inline void progress_show(struct progress *p, uint64_t done,
                                 uint64_t total)
{
    char line[PROGRESS_COLUMNS + 1];

    if (!p->shown)
        return;
    double now = progress_now();
    if (now < p->next)
        return;
    progress_line(line, p->name, done, total, now - p->start);
    fprintf(stderr, "\r%s\033[K", line); // and clear what was behind it
    fflush(stderr);
    p->next = now + 0.1;
}

// Take the line away again.
static inline void progress_end(const struct progress *p)
{
    if (!p->shown)
        return;
    fprintf(stderr, "\r\033[K");
    fflush(stderr);
}

#endif
