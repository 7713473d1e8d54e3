/*
 * tcp/httpd/cgi_response.c -- the head of what a script prints.
 *
 *     Status: 404 Not Found             an answer with this status
 *     Content-Type: text/plain
 *
 *     Location: /other?page             what that page has to say
 *
 *     Location: https://example.org/    the client is to go there
 *
 * A line may end in "\n" alone here: scripts are written with printf.
 *
 * Read:    RFC 3875, section 6
 */
#include "cgi_response.h"

size_t cgi_response_head_length(const char *bytes, size_t count)
{
    const char *end = bytes + count;
    const char *line = bytes;

    while (line < end) {
        const char *feed = memchr(line, '\n', (size_t)(end - line));
        if (!feed)
            return 0;
        if (feed == line || (feed == line + 1 && *line == '\r'))
            return (size_t)(feed + 1 - bytes);
        line = feed + 1;
    }
    return 0;
}

bool cgi_response_passes(struct text name)
{
    static const char *const ours[] = {
        "Status",     "Content-Length", "Transfer-Encoding", "Connection",
        "Keep-Alive", "Upgrade",        "Trailer",           "Date",
    };

    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (text_is_any_case(name, ours[i]))
            return false;
    return true;
}

// "404 Not Found": three digits, and a reason if there is one.
static bool parse_status(struct cgi_response *r, struct text value)
{
    if (value.length < 3 || !is_digit(value.at[0]) || !is_digit(value.at[1]) ||
        !is_digit(value.at[2]) || (value.length > 3 && value.at[3] != ' '))
        return false;
    r->status = (value.at[0] - '0') * 100 + (value.at[1] - '0') * 10 +
                (value.at[2] - '0');
    r->reason = text_trim(text_after(value, 3));
    return r->status >= 200 && r->status <= 599;
}

static bool parse_length(struct cgi_response *r, struct text value)
{
    r->has_length = true;
    return text_cut_number(&value, &r->length) && value.length == 0 &&
           r->length < UINT64_MAX;
}

static bool parse_lines(struct cgi_response *r, struct text head)
{
    struct text line;

    while (text_cut(&head, '\n', &line)) {
        if (line.length > 0 && line.at[line.length - 1] == '\r')
            line.length--;
        if (line.length == 0)
            return true;
        if (fields_add(&r->fields, line) != 0)
            return false;
    }
    return false; // the empty line is missing
}

bool cgi_response_parse(struct cgi_response *r, struct text head)
{
    static const char *const once[] = {"Status", "Content-Type", "Location",
                                       "Content-Length"};

    r->status = 200;
    r->reason = TEXT("");
    r->local_redirect = r->has_length = false;
    r->fields.count = 0;

    if (!parse_lines(r, head))
        return false;
    for (size_t i = 0; i < sizeof once / sizeof *once; i++)
        if (fields_count(&r->fields, once[i]) > 1)
            return false;

    struct text status = fields_find(&r->fields, "Status");
    struct text type = fields_find(&r->fields, "Content-Type");
    struct text length = fields_find(&r->fields, "Content-Length");
    r->location = fields_find(&r->fields, "Location");

    if (status.at && !parse_status(r, status))
        return false;
    if (length.at && !parse_length(r, length))
        return false;
    if (r->location.at) {
        if (r->location.length == 0)
            return false;
        r->local_redirect = r->location.at[0] == '/' && !status.at;
        if (!status.at)
            r->status = 302;
        return true;
    }
    // Without a type there is no body; but RFC 3875 lets a script say only what
    // became of the request.
    return type.at || status.at;
}
