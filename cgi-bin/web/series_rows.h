/* The dates of a series as rows of a form: shown by its rule, and again when they were sent. */
#ifndef CGI_BIN_WEB_SERIES_ROWS_H
#define CGI_BIN_WEB_SERIES_ROWS_H

#include "cgi-bin/web/hall_field.h"

#include "lib/svc/teaching/schedule.h"

/* The course of the address, whose timetable the person may change, for the page: its zone, Course.id, Course.title. */
WARN_UNUSED enum rc series_open(struct web_request *rq, struct course **c);

/* "2026-10-13", for a field. In the arena. */
const char *series_day(struct web_request *rq, int64_t day);
/* What a lecturer should know of a date; NULL: nothing. In the arena. */
const char *series_note(struct web_request *rq, const struct term *term, const struct schedule_date *d);

/* Adds a row to Dates; row counts from 0. */
struct view_node *series_row(struct web_request *rq, size_t row);
/* The same of a date that schedule_look has seen: ticked unless something speaks against it, which is said. */
void series_row_of(struct web_request *rq, const struct term *term, size_t row,
                   const struct schedule_date *d);
/* What the page says about all dates together. */
void series_sum(struct web_request *rq, const struct term *term, const struct schedule_date *date, size_t n);

/* What the form of the dates sends along. rule: the query of the address that shows the rule again. */
void series_kept(struct web_request *rq, const char *title, const char *number, const char *nonce,
                 const char *rule);

#endif
