/*
 * tcp/www/cgi-bin/picture.h -- what make trace has left in BUILD/trace/: a
 * picture, and the same as text, msg_basic.svg and msg_basic.txt.
 */
#ifndef TCP_WWW_CGI_BIN_PICTURE_H
#define TCP_WWW_CGI_BIN_PICTURE_H

#include "lesson.h"

static inline bool picture_path(const struct lesson *lesson, const char *suffix,
                                char path[static 2 * PATH_MAX])
{
    char build[PATH_MAX];

    if (!find_build(build))
        return false;
    const size_t size = (size_t)2 * PATH_MAX;
    int folder = snprintf(path, size, "%strace/", build);
    snprintf(path + folder, size - (size_t)folder, "%s%s", lesson->name,
             suffix);
    char *slash = strchr(path + folder, '/');
    if (slash)
        *slash = '_';
    return true;
}

// Remove both: what is there afterwards is new.
static inline void picture_remove(const struct lesson *lesson)
{
    char path[2 * PATH_MAX];

    if (picture_path(lesson, ".svg", path))
        unlink(path);
    if (picture_path(lesson, ".txt", path))
        unlink(path);
}

// Print the picture, if there is one; what the lesson has printed is escaped in
// it. Its own style sheet gets the nonce of this page.
static inline void print_picture(const struct lesson *lesson)
{
    char path[2 * PATH_MAX], line[1024];
    FILE *picture =
        picture_path(lesson, ".svg", path) ? fopen(path, "re") : NULL;

    if (!picture)
        return;
    puts("<section class=\"trace\">\n<div class=\"wide\" tabindex=\"0\">");
    while (fgets(line, sizeof line, picture))
        if (strcmp(line, "<style>\n") == 0)
            printf("<style nonce=\"%s\">\n", page_nonce());
        else
            fputs(line, stdout);
    puts("</div>\n</section>");
    fclose(picture);
}

// The same as text, folded.
static inline void print_picture_text(const struct lesson *lesson)
{
    char path[2 * PATH_MAX], line[1024];
    FILE *text = picture_path(lesson, ".txt", path) ? fopen(path, "re") : NULL;

    if (!text)
        return;
    printf("<details><summary>%s</summary>"
           "<pre class=\"trace\" tabindex=\"0\"><code>",
           translated("The same as text"));
    while (fgets(line, sizeof line, text)) {
        line[strcspn(line, "\n")] = '\0';
        print_escaped(line);
        putchar('\n');
    }
    puts("</code></pre></details>");
    fclose(text);
}

#endif
