/*
 * tcp/httpd/conditions.c -- does the client need the file, and which part?
 *
 * Shows:   Two ways to name a version of a file: the time of its last change,
 *          and an entity tag, which is any text that changes with it. The
 *          first is too coarse for two changes within a second, so the tag
 *          counts where both are given.
 *
 * Read:    RFC 9110, sections 13 (conditions, and in which order) and 14
 *          (ranges)
 */
#include "conditions.h"

#include "date.h"

// Whether one of the tags in these fields is the file's, or "*". Weak tags
// (W/"...") count for If-None-Match and not for If-Match: RFC 9110, section
// 13.1.
static bool etag_listed(const struct request *r, const char *field,
                        const char *etag, bool weak_too)
{
    struct elements loop = {0};
    struct text element;

    while (fields_element(&r->fields, field, &loop, &element)) {
        if (weak_too && text_starts(element, "W/"))
            element = text_after(element, 2);
        if (text_is(element, etag) || text_is(element, "*"))
            return true;
    }
    return false;
}

static bool has(const struct request *r, const char *field)
{
    return fields_find(&r->fields, field).at != NULL;
}

// The date in a field; false if it is not there or not a date.
static bool dated(const struct request *r, const char *field, time_t *when)
{
    struct text value = fields_find(&r->fields, field);
    // A repeated field is ignored.
    return fields_count(&r->fields, field) == 1 && date_read(value, when);
}

// "bytes=0-99", "bytes=100-" or "bytes=-50". Anything else, and that includes
// several ranges at once, is no reason to refuse: the whole file is sent.
static int parse_range(struct text value, uint64_t size, struct range *range)
{
    uint64_t first, last;

    // Step 10: which bytes are meant
    if (value.length < 6 || strncasecmp(value.at, "bytes=", 6) != 0)
        return 200;
    value = text_after(value, 6);
    bool from_start = text_cut_number(&value, &first);
    if (value.length == 0 || value.at[0] != '-')
        return 200;
    value = text_after(value, 1);
    bool to_end = !text_cut_number(&value, &last);
    if (value.length > 0 || (!from_start && to_end) ||
        (from_start && !to_end && last < first))
        return 200;
    if (!from_start) { // the last bytes, that many
        first = last < size ? size - last : 0;
        if (last == 0)
            return 416;
        if (size == 0)
            return 200; // all of it, and no range can say "nothing"
        to_end = true;
    }
    if (first >= size)
        return 416;
    if (to_end || last >= size)
        last = size - 1;
    *range = (struct range){first, last - first + 1};
    return 206;
}

// If-Range: send the range if the file is still the one of which the client has
// the other part; otherwise all of it.
static bool range_applies(const struct request *r, const struct version *v,
                          time_t now)
{
    struct text value = fields_find(&r->fields, "If-Range");
    time_t when;

    if (!value.at)
        return true;
    if (text_starts(value, "\""))
        return text_is(value, v->etag);
    // A time that is not over yet may still see another change.
    return date_read(value, &when) && when == v->modified && when < now;
}

int conditions_check(const struct request *r, const struct version *v,
                     time_t now, struct range *range)
{
    bool get = r->method == METHOD_GET || r->method == METHOD_HEAD;
    time_t when;

    *range = (struct range){0, v->size};

    if (has(r, "If-Match")) {
        if (!etag_listed(r, "If-Match", v->etag, false))
            return 412;
    } else if (dated(r, "If-Unmodified-Since", &when) && v->modified > when) {
        return 412;
    }
    if (has(r, "If-None-Match")) {
        if (etag_listed(r, "If-None-Match", v->etag, true))
            return get ? 304 : 412;
    } else if (get && dated(r, "If-Modified-Since", &when) &&
               v->modified <= when) {
        return 304;
    }
    if (r->method == METHOD_GET && fields_count(&r->fields, "Range") == 1 &&
        range_applies(r, v, now))
        return parse_range(fields_find(&r->fields, "Range"), v->size, range);
    return 200;
}
