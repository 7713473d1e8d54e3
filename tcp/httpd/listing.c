/*
 * tcp/httpd/listing.c -- a page of what is in a directory.
 *
 * Shows:   A file name may have any character in it but '/' and NUL. In a page
 *          it is text, and has to be written so that it cannot become a tag;
 *          in a link it is part of a URL, and is written in another way.
 *
 * Read:    fdopendir(3), readdir(3), qsort(3), open_memstream(3)
 */
#define _GNU_SOURCE // DT_DIR
#include "listing.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../common/compat.h"
#include "response.h"
#include "target.h"

#define NAMES_MAX 4096 // more than anybody reads

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

// A name, with a slash if it is a directory's.
static void write_entry(FILE *page, const char *name)
{
    char url[3 * NAME_MAX + 8];

    if (!target_encode(url, sizeof url, name))
        return;
    // "./": without it a name like "mail:to" would be read as a scheme.
    fprintf(page, "<li><a href=\"./%s\">", url + 1);
    write_escaped(page, name);
    fputs("</a>\n", page);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_listed(const char *name, bool at_root)
{
    return is_public(name) && !(at_root && strcmp(name, "cgi-bin") == 0);
}

// Read at most NAMES_MAX names. Returns how many; *more: there are others.
static size_t read_names(DIR *entries, bool at_root, char **names, bool *more)
{
    size_t count = 0;
    struct dirent *entry;

    *more = false;
    while ((entry = readdir(entries))) {
        char name[NAME_MAX + 2];
        if (!is_listed(entry->d_name, at_root))
            continue;
        if (count == NAMES_MAX) {
            *more = true;
            break;
        }
        snprintf(name, sizeof name, "%s%s", entry->d_name,
                 entry->d_type == DT_DIR ? "/" : "");
        names[count] = strdup(name);
        if (!names[count])
            break;
        count++;
    }
    return count;
}

static void write_page(FILE *page, const char *path, DIR *entries)
{
    static char *names[NAMES_MAX];
    bool at_root = strcmp(path, ".") == 0, more;
    size_t count = read_names(entries, at_root, names, &more);

    qsort(names, count, sizeof *names, by_name);
    fputs("<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>/", page);
    write_escaped(page, at_root ? "" : path);
    fputs("</title>\n<h1>/", page);
    write_escaped(page, at_root ? "" : path);
    fputs("</h1>\n<ul>\n", page);
    if (!at_root)
        fputs("<li><a href=\"../\">../</a>\n", page);
    for (size_t i = 0; i < count; i++) {
        write_entry(page, names[i]);
        free(names[i]);
    }
    fputs("</ul>\n", page);
    if (more)
        fprintf(page, "<p>And more: only %d are shown.\n", NAMES_MAX);
}

void listing_send(struct connection *c, const char *path, int directory)
{
    char *text = NULL;
    size_t length = 0;
    FILE *page = open_memstream(&text, &length);
    DIR *entries = fdopendir(directory);

    if (page && entries)
        write_page(page, path, entries);
    if (entries)
        closedir(entries);
    else
        close(directory);
    bool whole = page && entries && !ferror(page);
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
