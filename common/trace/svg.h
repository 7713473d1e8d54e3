/*
 * common/trace/svg.h -- the picture for a browser, and for paper.
 *
 * A column for each process, and what the kernel holds between those of the
 * first command and the rest. No script, and nothing from elsewhere; light or
 * dark as the reader has it, and readable where all colours are grey.
 */
#ifndef COMMON_TRACE_SVG_H
#define COMMON_TRACE_SVG_H

#include "event.h"

bool svg_draw(const struct events *events, const char *title, FILE *file);

// A page with the picture, and below it these files as they are.
bool html_draw(const struct events *events, const char *title,
               char *const sources[], int count, FILE *file);

#endif
