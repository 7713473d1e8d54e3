/*
 * tcp/www/cgi-bin/page.h -- what the live pages have in common: head and foot,
 * the folder of the suite's programs, and text that others have chosen.
 */
#ifndef TCP_WWW_CGI_BIN_PAGE_H
#define TCP_WWW_CGI_BIN_PAGE_H

#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "words.h"

// Print text so that none of it is taken for HTML.
static inline void print_escaped(const char *text)
{
    for (; *text; text++)
        if (strchr("&<>\"'", *text))
            printf("&#%d;", *text);
        else if ((unsigned char)*text >= 0x80) // UTF-8
            putchar(*text);
        else
            putchar(isprint((unsigned char)*text) ? *text : '?');
}

// What a style sheet inside the page has to name (Content Security Policy,
// "nonce"): what others have brought in cannot know it.
static inline const char *page_nonce(void)
{
    static char nonce[33];
    unsigned char bytes[16];

    if (nonce[0] == '\0' && getrandom(bytes, sizeof bytes, 0) == sizeof bytes)
        for (size_t i = 0; i < sizeof bytes; i++)
            snprintf(nonce + 2 * i, 3, "%02x", bytes[i]);
    return nonce;
}

// A link to one of these pages in this language.
static inline void print_live_link(const char *program, const char *title)
{
    printf("<li><a href=\"/cgi-bin/%s%s\">%s</a></li>\n", program, language(),
           translated(title));
}

// The same page in the other language: the same address, with /zh or without.
static inline void print_other_language(void)
{
    const char *script = getenv("SCRIPT_NAME"), *query = getenv("QUERY_STRING");
    const bool chinese = language()[0] != '\0';

    fputs("<p><a id=\"language\" accesskey=\"l\" title=\"l\" href=\"", stdout);
    print_escaped(script ? script : "");
    fputs(chinese ? "" : "/zh", stdout);
    if (query && query[0] != '\0') {
        putchar('?');
        print_escaped(query);
    }
    fputs(chinese ? "\" hreflang=\"en\" lang=\"en\">English</a></p>\n"
                  : "\" hreflang=\"zh-CN\" lang=\"zh-CN\">中文</a></p>\n",
          stdout);
}

// The head of the response, and of the page. status: "200 OK".
static inline void page_begin(const char *status, const char *title)
{
    title = translated(title);
    printf("Status: %s\r\n"
           "Content-Type: text/html; charset=utf-8\r\n"
           "Cache-Control: no-store\r\n"
           "Content-Security-Policy: default-src 'none'; style-src 'self'"
           " 'nonce-%s'; script-src 'self'; form-action 'self';"
           " frame-ancestors 'none'\r\n"
           "\r\n"
           "<!DOCTYPE html>\n"
           "<html lang=\"%s\">\n"
           "<head>\n"
           "<meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width\">\n"
           "<title>%s &#183; Linux IPC</title>\n"
           "<link rel=\"stylesheet\" href=\"/style.css\">\n"
           "<script src=\"/book.js\" defer></script>\n"
           "</head>\n"
           "<body class=\"live\">\n"
           "<header class=\"top\">\n"
           "<p class=\"brand\"><a href=\"%s/\">Linux IPC</a></p>\n"
           "<nav aria-label=\"%s\"><ul>\n",
           status, page_nonce(), language()[0] != '\0' ? "zh-CN" : "en", title,
           language(), translated("live pages"));
    print_live_link("ipc", "In the kernel, now");
    print_live_link("run", "Run a lesson");
    print_live_link("trace", "Trace a lesson");
    puts("</ul></nav>");
    print_other_language();
    printf("</header>\n<main>\n<h1>%s</h1>\n", title);
}

// Returns the status to end with: 1 if not all of the page could be printed.
static inline int page_end(void)
{
    puts("</main>\n</body>\n</html>");
    return ferror(stdout) || fflush(stdout) == EOF;
}

// Where the programs of the suite are, with a slash at the end. It is known
// from where this one is: BUILD/tcp/www/cgi-bin/NAME, or
// BUILD/site/cgi-bin/NAME. False if it is neither.
static inline bool find_build(char folder[static PATH_MAX])
{
    static const char *const places[] = {"/tcp/www/cgi-bin/", "/site/cgi-bin/"};
    ssize_t n = readlink("/proc/self/exe", folder, PATH_MAX - 1);

    if (n <= 0)
        return false;
    folder[n] = '\0';
    char *slash = strrchr(folder, '/');
    slash[1] = '\0';
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        size_t tail = strlen(places[i]), length = strlen(folder);
        if (length > tail && strcmp(folder + length - tail, places[i]) == 0) {
            folder[length - tail + 1] = '\0';
            return true;
        }
    }
    return false;
}

#endif
