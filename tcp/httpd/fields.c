/*
 * tcp/httpd/fields.c -- the lines "Name: value" of a request, or of a script.
 *
 * Read:    RFC 9110, section 5; RFC 9112, section 5
 */
#include "fields.h"

// The characters of a method or of a field's name: RFC 9110, section 5.6.2.
static bool is_token_character(char c)
{
    return is_letter(c) || is_digit(c) ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

bool is_token(struct text t)
{
    for (size_t i = 0; i < t.length; i++)
        if (!is_token_character(t.at[i]))
            return false;
    return t.length > 0;
}

// Control characters do not belong into a value; a line end least of all.
static bool is_value(struct text t)
{
    for (size_t i = 0; i < t.length; i++) {
        unsigned char c = (unsigned char)t.at[i];
        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

int fields_add(struct fields *fields, struct text line)
{
    struct text name, value = line;

    // A line that begins with a space once continued the one before. A space
    // before the colon is part of the name for some and not for others. A
    // server that is lenient here sees other fields than the proxy in front of
    // it did.
    if (!text_cut(&value, ':', &name) || !is_token(name))
        return 400;
    value = text_trim(value);
    if (!is_value(value))
        return 400;
    if (fields->count == FIELDS_MAX)
        return 431;

    fields->list[fields->count++] = (struct field){name, value};
    return 0;
}

struct text fields_find(const struct fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->count; i++)
        if (text_is_any_case(fields->list[i].name, name))
            return fields->list[i].value;
    return (struct text){NULL, 0};
}

size_t fields_count(const struct fields *fields, const char *name)
{
    size_t count = 0;

    for (size_t i = 0; i < fields->count; i++)
        if (text_is_any_case(fields->list[i].name, name))
            count++;
    return count;
}

bool fields_element(const struct fields *fields, const char *name,
                    struct elements *loop, struct text *element)
{
    for (;;) {
        while (loop->rest.length > 0) {
            text_cut(&loop->rest, ',', element);
            *element = text_trim(*element);
            if (element->length > 0) // ", ," is allowed, and says nothing
                return true;
        }
        while (loop->next < fields->count &&
               !text_is_any_case(fields->list[loop->next].name, name))
            loop->next++;
        if (loop->next == fields->count)
            return false;
        loop->rest = fields->list[loop->next++].value;
    }
}

bool fields_list_has(const struct fields *fields, const char *name,
                     const char *word)
{
    struct elements loop = {0};
    struct text element;

    while (fields_element(fields, name, &loop, &element))
        if (text_is_any_case(element, word))
            return true;
    return false;
}
