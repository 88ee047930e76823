#include "lib/proto/rtmp.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/rc.h"
#include "lib/base/words.h"

const char *rtmp_fault_words(enum rtmp_fault fault)
{
    static const char *const words[RTMP_FAULT_COUNT] = {
        [RTMP_FINE] = "no fault",
        [RTMP_FAULT_VERSION] = "The peer does not speak RTMP version 3 (encrypted RTMPE is not supported).",
        [RTMP_FAULT_CHUNK_SIZE] = "The peer set a chunk size below 128 bytes or above 2^31 - 1.",
        [RTMP_FAULT_LENGTH] =
            "A message is longer than allowed: 4 MiB for a picture or sound, 64 KiB for others.",
        [RTMP_FAULT_HELD] = "The peer began more messages at once than 5 MiB can hold.",
        [RTMP_FAULT_LANES] = "The peer uses more than 32 chunk streams.",
        [RTMP_FAULT_HEAD] = "A chunk refers to an earlier one of its chunk stream, but there was none.",
        [RTMP_FAULT_MIDDLE] = "A new message began on a chunk stream before the one before it was complete.",
        [RTMP_FAULT_CONTROL] = "A protocol control message is malformed.",
        [RTMP_FAULT_COMMAND] = "A command is malformed, nested too deep, or lacks an argument.",
        [RTMP_FAULT_ORDER] = "A command came when it makes no sense, such as publish before connect.",
        [RTMP_FAULT_AGGREGATE] = "The peer sends aggregate messages, which are not supported.",
        [RTMP_FAULT_OUT] = "The peer sends requests but does not read the answers.",
    };
    return words_name(words, RTMP_FAULT_COUNT, fault);
}

struct rtmp_message *rtmp_message_new(uint8_t type, uint32_t stream, uint32_t time, struct str bytes)
{
    if (bytes.n > RTMP_MESSAGE_MAX)
        bug("message too long");
    struct rtmp_message *m = mem_resize(NULL, sizeof *m + bytes.n);
    *m = (struct rtmp_message){1, type, stream, time, (uint32_t)bytes.n};
    if (bytes.n > 0)
        memcpy(m->bytes, bytes.p, bytes.n);
    return m;
}

struct rtmp_message *rtmp_message_ref(struct rtmp_message *m)
{
    m->refs++;
    return m;
}

void rtmp_message_unref(struct rtmp_message *m)
{
    if (!m || --m->refs > 0)
        return;
    if (m->type == RTMP_COMMAND || m->type == RTMP_COMMAND_AMF3)
        mem_wipe(m->bytes, m->n);
    free(m);
}

struct str rtmp_message_view(const struct rtmp_message *m)
{
    return (struct str){(const char *)m->bytes, m->n};
}

int64_t rtmp_time_between(uint32_t a, uint32_t b)
{
    uint32_t d = b - a;
    return d <= INT32_MAX ? (int64_t)d : (int64_t)d - ((int64_t)1 << 32);
}
