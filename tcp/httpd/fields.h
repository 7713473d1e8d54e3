/*
 * tcp/httpd/fields.h -- the lines "Name: value" of a request, or of a script.
 */
#ifndef HTTPD_FIELDS_H
#define HTTPD_FIELDS_H

#include "text.h"

#define FIELDS_MAX 64

struct field {
    struct text name, value;
};

struct fields {
    size_t count;
    struct field list[FIELDS_MAX];
};

// Add the field in this line, which has no line end any more. Returns 0, or the
// status to refuse the request with: 400 Bad Request, 431 Too Many.
int fields_add(struct fields *fields, struct text line);

// The value of the first field of that name; .at is NULL if there is none.
struct text fields_find(const struct fields *fields, const char *name);

size_t fields_count(const struct fields *fields, const char *name);

// One more element of the lists "a, b" in all the fields of that name. *loop is
// {0} before the first call. False at the end.
struct elements {
    size_t next; // field to look at
    struct text rest;
};
bool fields_element(const struct fields *fields, const char *name,
                    struct elements *loop, struct text *element);

// Whether one of the elements is this word, in any case.
bool fields_list_has(const struct fields *fields, const char *name,
                     const char *word);

bool is_token(struct text t);

#endif
