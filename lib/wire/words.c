#include "lib/wire/words.h"

#include "lib/base/rc.h"
#include "lib/base/words.h"
#include "lib/wire/inner.h"

const char *const wire_view_names[VIEW_KIND_COUNT + 1] = {"CAM", "PRES", "COMB", NULL};
WORDS_NAME(wire_view_name, enum view_kind, wire_view_names, VIEW_KIND_COUNT)
WORDS_OF(wire_view_of, enum view_kind, wire_view_names, VIEW_KIND_COUNT)

const char *const inner_kinds[JOB_KIND_COUNT] = {"probe",  "quick", "full", "commit",
                                                 "delete", "live",  "seal"};
WORDS_NAME(wire_kind_name, enum job_kind, inner_kinds, JOB_KIND_COUNT)
WORDS_OF(wire_kind_of, enum job_kind, inner_kinds, JOB_KIND_COUNT)

const char *const inner_lanes[LANE_COUNT] = {"quick", "encode", "store", "live"};
WORDS_NAME(wire_lane_name, enum job_lane, inner_lanes, LANE_COUNT)
WORDS_OF(wire_lane_of, enum job_lane, inner_lanes, LANE_COUNT)

const char *const inner_reports[REPORT_STATE_COUNT] = {"running", "done", "failed"};

/* --- forms --- */

const char *const wire_form_errors[FORM_ERROR_COUNT + 1] = {"no_file",   "too_big",     "broken", "locked",
                                                            "disk_full", "unavailable", "busy",   NULL};
WORDS_NAME(wire_form_error_name, enum form_error, wire_form_errors, FORM_ERROR_COUNT)

/* --- failures --- */

const char *const inner_failures[FAILURE_COUNT] = {
#define FAILURE(id, name, blame, nature, sentence) name,
#include "lib/wire/failures.def"
#undef FAILURE
};
WORDS_NAME(wire_failure_name, enum failure, inner_failures, FAILURE_COUNT)
WORDS_OF(wire_failure_of, enum failure, inner_failures, FAILURE_COUNT)

const struct wire_failure *wire_failure(enum failure f)
{
    enum { RECORDING, MACHINE, PASSING = 0, PERMANENT };
    static const struct wire_failure all[FAILURE_COUNT] = {
#define FAILURE(id, name, blame, nature, sentence)                                                           \
    {name, "media_" name, sentence, (blame) == MACHINE, (nature) == PERMANENT},
#include "lib/wire/failures.def"
#undef FAILURE
    };
    if (f >= FAILURE_COUNT)
        bug("no such failure");
    return &all[f];
}

/* --- live streams --- */

const char *const inner_live_refusals[LIVE_REFUSAL_COUNT] = {"token", "lecture", "taken", "ingest", "other"};

const char *const inner_live_ends[LIVE_END_COUNT] = {"finished", "lost", "dropped", "ingest", "entry"};
WORDS_NAME(wire_live_end_name, enum live_end, inner_live_ends, LIVE_END_COUNT)

/* --- roles --- */

const char *const inner_roles[NODE_ROLES] = {"worker", "storage", "edge", "ingest", "entry"};

const char *wire_role_name(unsigned bit)
{
    size_t i = 0;
    while (i < NODE_ROLES && 1U << i != bit)
        i++;
    return words_name(inner_roles, NODE_ROLES, i);
}

const char *wire_roles_text(struct arena *a, unsigned roles)
{
    const char *text = "";
    for (size_t i = 0; i < NODE_ROLES; i++)
        if (roles & 1U << i)
            text = arena_printf(a, "%s%s%s", text, text[0] ? " " : "", inner_roles[i]);
    return text;
}

bool wire_roles_of(struct str text, unsigned *out)
{
    unsigned roles = 0;
    while (text.n > 0) {
        struct str words = str_cut(&text, ',');
        while (words.n > 0) {
            struct str word = str_cut(&words, ' ');
            size_t i = words_find(inner_roles, NODE_ROLES, word);
            if (word.n > 0 && i == NODE_ROLES)
                return false;
            roles |= word.n > 0 ? 1U << i : 0;
        }
    }
    if (roles)
        *out = roles;
    return roles != 0;
}
