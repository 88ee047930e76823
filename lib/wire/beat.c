#include "lib/wire/beat.h"

#include <float.h>

#include "lib/wire/inner.h"
#include "lib/wire/rows.h"

/* --- join --- */

static const struct wire_member host_rows[] = {
    {INT(struct wire_host, cpus, 0, 0, WIRE_CPUS_MAX)},
    {INT64(struct wire_host, memory, 0, 0, INT64_MAX)},
};
MESSAGE(host);

static const struct wire_member hello_rows[] = {
    {TEXT(struct wire_hello, token, WIRE_MUST, WIRE_TOKEN_MAX)},
    {TEXT(struct wire_hello, name, WIRE_MUST, WIRE_NAME_MAX)},
    {ROLES(struct wire_hello, roles, WIRE_MUST)},
    {TEXT(struct wire_hello, version, 0, WIRE_VERSION_MAX)},
    {TEXT(struct wire_hello, url, 0, WIRE_ADDRESS_MAX)},
    {OBJECT(struct wire_hello, host, 0, host)},
};
MESSAGE(hello);

static const struct wire_member welcome_rows[] = {
    {INT64(struct wire_welcome, node, 0, 0, INT64_MAX)},
    {TEXT(struct wire_welcome, token, WIRE_MUST, WIRE_TOKEN_MAX)},
};
MESSAGE(welcome);

/* --- heartbeat: what the node says --- */

static const struct wire_member load_rows[] = {
    {REAL(struct wire_load, cpu, 0, 0, 1, 0)},
    {INT64(struct wire_load, memory_used, 0, 0, INT64_MAX)},
    {INT64(struct wire_load, memory_total, 0, 0, INT64_MAX)},
    {INT64(struct wire_load, disk_free, 0, 0, INT64_MAX)},
    {INT64(struct wire_load, disk_total, 0, 0, INT64_MAX)},
    {INT64(struct wire_load, uptime, 0, 0, INT64_MAX)},
};
MESSAGE(load);

static const struct wire_member error_rows[] = {
    {WORD(struct wire_error, code, WIRE_MUST, inner_failures, FAILURE_COUNT, FAIL_INTERNAL)},
    {TEXT(struct wire_error, text, 0, WIRE_TEXT_MAX)},
    {BOOL(struct wire_error, permanent)},
};
MESSAGE(error);

static const struct wire_member report_rows[] = {
    {INT64(struct wire_report, job, WIRE_MUST, 1, INT64_MAX)},
    {INT(struct wire_report, attempt, WIRE_MUST, 0, INT32_MAX)},
    {INT64(struct wire_report, fence, WIRE_MUST, 0, INT64_MAX)},
    {WORD(struct wire_report, state, WIRE_MUST, inner_reports, REPORT_STATE_COUNT, -1)},
    {REAL(struct wire_report, progress, 0, 0, 1, 0)},
    {REAL(struct wire_report, eta, 0, -1, DBL_MAX, -1)},
    {REAL(struct wire_report, silent, 0, 0, WIRE_SECONDS_MAX, 0)},
    {BOOL(struct wire_report, shown)},
    {INT64(struct wire_report, token_until, 0, 0, INT64_MAX)},
    {PASSED_ON(struct wire_report, outputs, WIRE_ANY)},
    {OBJECT(struct wire_report, error, 0, error)},
    {LOG_END(struct wire_report, log)},
};
MESSAGE(report);

static const struct wire_member upload_rows[] = {
    {KEY(struct wire_upload, id, WIRE_MUST)},
    {INT64(struct wire_upload, size, WIRE_MUST, 0, WIRE_FILE_MAX)},
    {SHA256(struct wire_upload, sha256, WIRE_MUST)},
};
MESSAGE(upload);

static const struct wire_member beat_rows[] = {
    {TEXT(struct wire_beat, version, 0, WIRE_VERSION_MAX)},
    {OBJECT(struct wire_beat, load, 0, load)},
    {SLOTS(struct wire_beat, slots)},
    {INT64(struct wire_beat, store, 0, 0, INT64_MAX)},
    {LIST(struct wire_beat, jobs, job_count, 0, WIRE_JOBS_MAX, report)},
    {LIST(struct wire_beat, uploads, upload_count, WIRE_CUT, WIRE_UPLOADS_MAX, upload)},
};
MESSAGE(beat);

/* --- heartbeat: what the core answers --- */

static const struct wire_member ack_rows[] = {
    {NUMBERS(struct wire_ack, jobs, job_count, WIRE_LENIENT, WIRE_JOBS_MAX, 1)},
    {KEYS(struct wire_ack, uploads, upload_count, WIRE_LENIENT, WIRE_UPLOADS_MAX)},
};
MESSAGE(ack);

static const struct wire_member refusal_rows[] = {
    {INT64(struct wire_refusal, job, WIRE_MUST, 1, INT64_MAX)},
    {INT(struct wire_refusal, attempt, WIRE_MUST, 0, INT32_MAX)},
};
MESSAGE(refusal);

static const struct wire_member renewal_rows[] = {
    {INT64(struct wire_renewal, job, WIRE_MUST, 1, INT64_MAX)},
    {INT(struct wire_renewal, attempt, WIRE_MUST, 0, INT32_MAX)},
    {TEXT(struct wire_renewal, token, WIRE_MUST, WIRE_TOKEN_MAX)},
    {INT64(struct wire_renewal, token_until, WIRE_MUST, 1, INT64_MAX)},
};
MESSAGE(renewal);

static const struct wire_member input_rows[] = {
    {TEXT(struct wire_input, url, WIRE_MUST, WIRE_URL_MAX)},
    {TEXT(struct wire_input, token, WIRE_MUST, WIRE_TOKEN_MAX)},
    {INT64(struct wire_input, size, WIRE_MUST, 0, WIRE_FILE_MAX)},
    {SHA256(struct wire_input, sha256, WIRE_MUST)},
    {KEY(struct wire_input, source, 0)},
    {INT64(struct wire_input, begins, 0, 0, WIRE_SECONDS_MAX * 1000), .missing = WIRE_NO_PART},
    {BOOL(struct wire_input, goes_on)},
};
MESSAGE(input);

static const struct wire_member put_rows[] = {
    {TEXT(struct wire_put, url, 0, WIRE_URL_MAX)},
    {TEXT(struct wire_put, token, 0, WIRE_TOKEN_MAX)},
};
MESSAGE(put);

static const struct wire_member assign_rows[] = {
    {INT64(struct wire_assign, job, WIRE_MUST, 1, INT64_MAX)},
    {INT(struct wire_assign, attempt, WIRE_MUST, 0, INT32_MAX)},
    {INT64(struct wire_assign, fence, WIRE_MUST, 0, INT64_MAX)},
    {WORD(struct wire_assign, kind, 0, inner_kinds, JOB_KIND_COUNT, JOB_KIND_COUNT)},
    {WORD(struct wire_assign, lane, 0, inner_lanes, LANE_COUNT, LANE_COUNT)},
    {KEY(struct wire_assign, lecture, 0)},
    {WORD(struct wire_assign, view, 0, wire_view_names, VIEW_KIND_COUNT, VIEW_KIND_COUNT)},
    {INT64(struct wire_assign, token_until, 0, 0, INT64_MAX)},
    {LIST(struct wire_assign, inputs, input_count, 0, WIRE_INPUTS_MAX, input)},
    {OBJECT(struct wire_assign, put, 0, put)},
    {PASSED_ON(struct wire_assign, params, WIRE_ANY)},
};
MESSAGE(assign);

static const struct wire_member answer_rows[] = {
    {REAL(struct wire_answer, every, 0, WIRE_EVERY_LEAST, WIRE_EVERY_MOST, WIRE_EVERY)},
    {INT64(struct wire_answer, node, 0, 0, INT64_MAX)},
    {OBJECT(struct wire_answer, ack, 0, ack)},
    {LIST(struct wire_answer, assign, assign_count, WIRE_LENIENT, WIRE_JOBS_MAX, assign)},
    {NUMBERS(struct wire_answer, cancel, cancel_count, WIRE_LENIENT, WIRE_JOBS_MAX, 1)},
    {LIST(struct wire_answer, refused, refused_count, WIRE_LENIENT, WIRE_JOBS_MAX, refusal)},
    {LIST(struct wire_answer, tokens, token_count, WIRE_LENIENT, WIRE_JOBS_MAX, renewal)},
    {KEYS(struct wire_answer, upload_drop, upload_drop_count, WIRE_LENIENT, WIRE_UPLOADS_MAX)},
    {KEYS(struct wire_answer, upload_seal, upload_seal_count, WIRE_LENIENT, WIRE_UPLOADS_MAX)},
    {PASSED_ON(struct wire_answer, keys, WIRE_ARRAY)},
};
MESSAGE(answer);

const struct wire_message *const wire_messages[] = {&hello,
                                                    &host,
                                                    &welcome,
                                                    &beat,
                                                    &load,
                                                    &report,
                                                    &error,
                                                    &upload,
                                                    &answer,
                                                    &ack,
                                                    &assign,
                                                    &input,
                                                    &put,
                                                    &refusal,
                                                    &renewal,
                                                    &inner_live_start,
                                                    &inner_live_answer,
                                                    &inner_live_stop,
                                                    &inner_live_upload,
                                                    &inner_live_target,
                                                    NULL};

/* --- both halves of each --- */

static enum rc read_strictly(struct cx *cx, const struct wire_message *m, const json_t *o, void *out)
{
    const char *odd = NULL;
    return wire_read(cx, m, o, out, &odd);
}

json_t *wire_hello_write(struct cx *cx, const struct wire_hello *h)
{
    return wire_write(cx, &hello, h);
}

enum rc wire_hello_read(struct cx *cx, const json_t *o, struct wire_hello *out)
{
    return read_strictly(cx, &hello, o, out);
}

json_t *wire_welcome_write(struct cx *cx, const struct wire_welcome *w)
{
    return wire_write(cx, &welcome, w);
}

enum rc wire_welcome_read(struct cx *cx, const json_t *o, struct wire_welcome *out)
{
    return read_strictly(cx, &welcome, o, out);
}

json_t *wire_beat_write(struct cx *cx, const struct wire_beat *b)
{
    return wire_write(cx, &beat, b);
}

enum rc wire_beat_read(struct cx *cx, const json_t *o, struct wire_beat *out)
{
    enum rc rc = read_strictly(cx, &beat, o, out);
    for (size_t i = 0; rc == RC_OK && i < out->job_count; i++)
        if (out->jobs[i].state == REPORT_FAILED && out->jobs[i].error.code == FAILURE_COUNT)
            return err_set(cx, RC_INVALID, "error", NULL, "a failed job without its reason");
    return rc;
}

json_t *wire_assign_write(struct cx *cx, const struct wire_assign *a)
{
    return wire_write(cx, &assign, a);
}

enum rc wire_assign_read(struct cx *cx, const json_t *o, struct wire_assign *out)
{
    return read_strictly(cx, &assign, o, out);
}

json_t *wire_answer_write(struct cx *cx, const struct wire_answer *a)
{
    return wire_write(cx, &answer, a);
}

enum rc wire_answer_read(struct cx *cx, const json_t *o, struct wire_answer *out, const char **odd)
{
    *odd = NULL;
    return wire_read(cx, &answer, o, out, odd);
}
