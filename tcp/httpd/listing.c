/*
 * tcp/httpd/listing.c -- a page of what is in a directory.
 *
 * Shows:   A file name may have any character in it but '/' and NUL. In a page
 *          it is text, and has to be written so that it cannot become a tag;
 *          in a link it is part of a URL, and is written in another way.
 *
 * Read:    fdopendir(3), readdir(3), fstatat(2), qsort(3), open_memstream(3)
 */
#define _GNU_SOURCE          // reallocarray
#define _FILE_OFFSET_BITS 64 // also where a long has 32 bits
#include "listing.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../../common/compat.h"
#include "response.h"
#include "target.h"

static void write_escaped(FILE *page, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '&':
            fputs("&amp;", page);
            break;
        case '<':
            fputs("&lt;", page);
            break;
        case '>':
            fputs("&gt;", page);
            break;
        case '"':
            fputs("&quot;", page);
            break;
        case '\'':
            fputs("&#39;", page);
            break;
        default:
            fputc(*text, page);
        }
}

struct entry {
    char *name; // with a slash if it is a directory's
    off_t size;
    time_t modified;
};

static void write_entry(FILE *page, const struct entry *e)
{
    char url[3 * NAME_MAX + 8], date[sizeof "2026-01-01 00:00"] = "";
    struct tm parts;

    if (!target_encode(url, sizeof url, e->name))
        return;
    // "./": without it a name like "mail:to" would be read as a scheme.
    fprintf(page, "<tr><td><a href=\"./%s\">", url + 1);
    write_escaped(page, e->name);
    if (gmtime_r(&e->modified, &parts))
        strftime(date, sizeof date, "%Y-%m-%d %H:%M", &parts);
    fprintf(page, "</a><td>%s<td align=\"right\">", date);
    if (!strchr(e->name, '/'))
        fprintf(page, "%lld", (long long)e->size);
    fputs("\n", page);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name,
                  ((const struct entry *)b)->name);
}

static bool is_listed(const char *name, bool at_root)
{
    return is_public(name) && !(at_root && strcmp(name, "cgi-bin") == 0);
}

static bool add_entry(struct entry **list, size_t count, DIR *directory,
                      const char *name)
{
    char text[NAME_MAX + 2];
    struct stat s;

    if (fstatat(dirfd(directory), name, &s, 0) == -1)
        s = (struct stat){0};         // a link to nowhere
    if ((count & (count - 1)) == 0) { // full: room for twice as many
        size_t room = count == 0 ? 1 : 2 * count;
        struct entry *larger = reallocarray(*list, room, sizeof **list);
        if (!larger)
            return false;
        *list = larger;
    }
    snprintf(text, sizeof text, "%s%s", name, S_ISDIR(s.st_mode) ? "/" : "");
    (*list)[count] = (struct entry){strdup(text), s.st_size, s.st_mtime};
    return (*list)[count].name != NULL;
}

// False if there is not enough memory for all of it.
static bool write_page(FILE *page, const char *path, DIR *directory)
{
    bool at_root = strcmp(path, ".") == 0, ok = true;
    struct entry *list = NULL;
    struct dirent *next;
    size_t count = 0;

    while (ok && (next = readdir(directory)))
        if (is_listed(next->d_name, at_root)) {
            ok = add_entry(&list, count, directory, next->d_name);
            count += ok;
        }
    if (count > 0)
        qsort(list, count, sizeof *list, by_name);
    fputs("<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>/", page);
    write_escaped(page, at_root ? "" : path);
    fputs("</title>\n<h1>/", page);
    write_escaped(page, at_root ? "" : path);
    fputs("</h1>\n<table>\n", page);
    if (!at_root)
        fputs("<tr><td><a href=\"../\">../</a>\n", page);
    for (size_t i = 0; i < count; i++) {
        write_entry(page, &list[i]);
        free(list[i].name);
    }
    free(list);
    fputs("</table>\n", page);
    return ok;
}

void listing_send(struct connection *c, const char *path, int directory)
{
    char *text = NULL;
    size_t length = 0;
    FILE *page = open_memstream(&text, &length);
    DIR *entries = fdopendir(directory);
    bool whole = page && entries && write_page(page, path, entries);

    if (entries)
        closedir(entries);
    else
        close(directory);
    whole = whole && !ferror(page);
    if ((page && fclose(page) == EOF) || !whole) {
        free(text);
        respond(c, 503, NULL, NULL);
        return;
    }

    struct response r;
    response_begin(&r, c, 200);
    response_field(&r, "Content-Type", "text/html; charset=utf-8");
    response_field(&r, "Content-Length", "%zu", length);
    response_end(&r, c);
    bool sent = connection_write(c, r.text, r.length);
    if (sent && c->request.method != METHOD_HEAD) {
        sent = connection_write(c, text, length);
        c->sent = length;
    }
    if (!sent)
        c->keep_alive = false;
    free(text);
    malloc_trim(0); // this process may wait for a long time now
}
