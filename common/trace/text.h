/*
 * common/trace/text.h -- the picture for a terminal, 80 columns wide.
 *
 * Time runs down the page. Two processes have the call's words in columns of
 * their own, and what the kernel holds stands between them. More than two have
 * a narrow column each, and the words beside these.
 */
#ifndef COMMON_TRACE_TEXT_H
#define COMMON_TRACE_TEXT_H

#include "event.h"

bool text_draw(const struct events *events, bool coloured, FILE *file);

#endif
