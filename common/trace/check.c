/*
 * common/trace/check.c -- the model's account beside the kernel's: see check.h.
 */
#include <stdio.h>
#include <string.h>

#include "check.h"

#define UNSURE_MAX 6
#define WORK_MAX 4000000 // calls to play, for one checkpoint

enum made { NOT_YET, IT_WAITS, MADE, UNSURE };

// Whether a call had been made at the checkpoint. A process that is stopped may
// be so before the call that it is in, or after it: that cannot be seen.
static enum made was_made(const struct checkpoint *c, const struct call *call)
{
    const struct rest *rest = NULL;

    for (int i = 0; i < c->rest_count && !rest; i++)
        if (c->rests[i].pid == call->pid)
            rest = &c->rests[i];
    if (!rest && call->kind != CALL_SYSTEM && call->latest_us > c->time_us)
        return UNSURE; // it is gone, and strace has not yet seen it go
    if (call->begin_us > c->time_us)
        return NOT_YET;
    if (call->latest_us <= c->time_us || !rest)
        return MADE;
    // Or it waits in a call that is not traced, and this one is over.
    return rest->waits && (call->end_us > c->time_us || !call->returned)
               ? IT_WAITS
               : UNSURE;
}

// Play what had been made; of the unsure ones those whose bit is set.
static void play_until(const struct checkpoint *c, const struct order *order,
                       const struct calls *calls, unsigned bits,
                       struct model *model)
{
    struct event unused;
    unsigned bit = 1;

    model_start(model, calls, order->dropped);
    model_set_ready(model);
    for (size_t i = 0; i < order->count; i++) {
        const struct call *call = &calls->call[order->played[i]];
        enum made made = was_made(c, call);
        if (made == UNSURE) {
            made = (bits & bit) != 0 ? MADE : NOT_YET;
            bit <<= 1;
        }
        if (made == MADE && call->returned)
            model_do(model, call, false, &unused);
    }
    // A write that waits has written what there was room for.
    for (size_t i = 0; i < order->count; i++) {
        const struct call *call = &calls->call[order->played[i]];
        if (was_made(c, call) == IT_WAITS && call->returned)
            model_begin(model, call, &unused);
    }
}

static bool agrees(const struct object *object, const struct figure *figure)
{
    const long long bytes = (long long)object->bytes;
    const int count = object->kind == OBJECT_SEGMENT
                          ? object->readers
                          : object->last - object->first;

    // Over TCP the figure is what has arrived; more may be on its way, but not
    // more than its sender has no ACK of.
    if (object->kind == OBJECT_CONNECTION && figure->on_way >= 0)
        return figure->bytes <= bytes &&
               (figure->bytes < 0 || object->waits_for_all ||
                bytes <= figure->bytes + figure->on_way);
    if (object->kind == OBJECT_CONNECTION && figure->key[0] != '-')
        return figure->bytes <= bytes;
    // A client may take its connection for complete when its server does not
    // yet; and one that found no room comes again when there is some.
    if (object->kind == OBJECT_LISTENER)
        return figure->count <= count + object->refused &&
               count <= figure->count + figure->on_way;
    if (figure->bytes >= 0 && figure->bytes != bytes)
        return false;
    if (figure->count >= 0 && figure->count != count && !figure->joined &&
        !object->has_cut)
        return false;
    return memcmp(figure->value, object->value,
                  (size_t)figure->values * sizeof figure->value[0]) == 0;
}

// Of a local socket the figure knows its own number only, and not its peer's.
static bool is_of(const struct figure *figure, const struct object *object)
{
    const size_t skip = strncmp(figure->key, "->", 2) == 0 &&
                                strlen(object->key) > strlen(figure->key)
                            ? strlen(object->key) - strlen(figure->key)
                            : 0;

    return object->kind == figure->kind &&
           strcmp(object->key + skip, figure->key) == 0;
}

static void describe(const struct object *object, const struct figure *figure,
                     char *words, size_t size)
{
    char held[80];

    object_words(object, held, sizeof held);
    int n = snprintf(words, size, "%s: held should be %s; the kernel has",
                     figure->key, held);
    if (figure->count >= 0)
        n += snprintf(words + n, size - (size_t)n, " %lld", figure->count);
    if (figure->bytes >= 0)
        n +=
            snprintf(words + n, size - (size_t)n, " %lld bytes", figure->bytes);
    for (int i = 0; i < figure->values && n < (int)size; i++)
        n += snprintf(words + n, size - (size_t)n, " %d", figure->value[i]);
}

// Compare all that both know. Returns how many there were.
static int compare(const struct checkpoint *c, const struct model *model,
                   int *disagreements, char *words, size_t size)
{
    int figures = 0;

    *disagreements = 0;
    for (int k = 0; k < c->figure_count; k++)
        for (int n = model->object_count - 1; n >= 0; n--) {
            const struct object *object = &model->objects[n];
            const struct figure *figure = &c->figures[k];
            if (object->removed || object->unknown || !is_of(figure, object))
                continue;
            figures++;
            if (!agrees(object, figure) && (*disagreements)++ == 0)
                describe(object, figure, words, size);
            break;
        }
    return figures;
}

// Whatever cannot be seen may be so or so: one of them has to agree.
static void check_one(const struct checkpoint *c, const struct order *order,
                      const struct calls *calls, struct agreement *agreement)
{
    unsigned unsure = 0;
    int figures = 0;
    int fewest = FIGURES_MAX;
    char words[300];

    for (size_t i = 0; i < order->count; i++)
        unsure += was_made(c, &calls->call[order->played[i]]) == UNSURE;
    if (unsure > UNSURE_MAX || (order->count << unsure) > WORK_MAX)
        return;
    for (unsigned bits = 0; bits < 1U << unsure && fewest > 0; bits++) {
        struct model model;
        int disagreements;
        play_until(c, order, calls, bits, &model);
        figures = compare(c, &model, &disagreements, words, sizeof words);
        if (disagreements < fewest)
            fewest = disagreements;
        model_end(&model);
    }
    agreement->checkpoints++;
    agreement->figures += figures;
    if (fewest > 0 && agreement->disagreements == 0)
        snprintf(agreement->first, sizeof agreement->first, "%s", words);
    agreement->disagreements += fewest;
}

void check_agreement(const struct checkpoints *all, const struct order *order,
                     const struct calls *calls, struct agreement *agreement)
{
    *agreement = (struct agreement){0};
    for (int i = 0; i < all->count; i++)
        check_one(&all->checkpoint[i], order, calls, agreement);
}
