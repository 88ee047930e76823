#include "tests/unit/svc/rights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char FILE_NAME[] = TEST_SRCDIR "/tests/unit/svc/rights.txt";

const char *const person_names[PERSON_COUNT] = {
    [VISITOR] = "visitor",
    [LINK] = "visitor with the link",
    [SIGNED_IN] = "signed in",
    [ENROLLED] = "enrolled",
    [OWNER] = "owner",
    [LECTURER] = "lecturer",
    [ASSISTANT + RIGHT_TEXTS] = "assistant: texts",
    [ASSISTANT + RIGHT_UPLOAD] = "assistant: upload",
    [ASSISTANT + RIGHT_TIMETABLE] = "assistant: timetable",
    [ASSISTANT + RIGHT_PEOPLE] = "assistant: people",
    [ASSISTANT + RIGHT_STATISTICS] = "assistant: statistics",
    [ORG_LECTURER + HERE] = "lecturer of the organisation",
    [ORG_LECTURER + ABOVE] = "lecturer above",
    [ORG_LECTURER + BELOW] = "lecturer below",
    [ORG_LECTURER + BESIDE] = "lecturer beside",
    [ORG_MAINTAINER + HERE] = "maintainer of the organisation",
    [ORG_MAINTAINER + ABOVE] = "maintainer above",
    [ORG_MAINTAINER + BELOW] = "maintainer below",
    [ORG_MAINTAINER + BESIDE] = "maintainer beside",
    [ADMIN] = "admin",
    [PROGRAM] = "program",
};

/* A table: what stands in each column for each person, without spaces inside of a cell ("+--- ----" is "+-------"). */
enum { COLUMNS_MAX = 12, CELL_MAX = 2 * STATE_COUNT, LINE_MAX_LENGTH = 256 };
struct table {
    const char *name;
    size_t columns, length; /* of a cell */
    const char *heads;      /* the line above the table, for a column that moved */
    char cells[PERSON_COUNT][COLUMNS_MAX][CELL_MAX + 1];
};

enum { DO, GIVE, HALL, LOOKS };
static struct table tables[] = {
    [DO] = {"do",
            12,
            1,
            "teach texts upload publish timetable people statistics settings own create manage install",
            {{{0}}}},
    [GIVE] = {"give", 7, 1, "owner lecturer texts upload timetable people statistics", {{{0}}}},
    [HALL] = {"hall", 4, 2, "keep below request maintainers", {{{0}}}},
    [LOOKS] = {"course.list", VIS_COUNT, 2, "public signed in enrolled hidden", {{{0}}}},
    {"course.page", VIS_COUNT, 2, "public signed in enrolled hidden", {{{0}}}},
    {"lecture.list", VIS_COUNT, CELL_MAX, "public signed in enrolled hidden", {{{0}}}},
    {"lecture.page", VIS_COUNT, CELL_MAX, "public signed in enrolled hidden", {{{0}}}},
    {"lecture.live", VIS_COUNT, CELL_MAX, "public signed in enrolled hidden", {{{0}}}},
    {"lecture.play", VIS_COUNT, CELL_MAX, "public signed in enrolled hidden", {{{0}}}},
    {"lecture.download", VIS_COUNT, CELL_MAX, "public signed in enrolled hidden", {{{0}}}},
};
enum { TABLE_COUNT = sizeof tables / sizeof *tables };

static void wrong(int line, const char *what)
{
    fprintf(stderr, "# %s:%d: %s\n", FILE_NAME, line, what);
    exit(1);
}

/* --- reading --- */

static const char *skip_spaces(const char *p)
{
    return p + strspn(p, " ");
}

static bool same_words(const char *a, const char *b)
{
    for (;;) {
        a = skip_spaces(a);
        b = skip_spaces(b);
        size_t n = strcspn(a, " ");
        if (n != strcspn(b, " ") || strncmp(a, b, n) != 0)
            return false;
        if (!n)
            return true;
        a += n;
        b += n;
    }
}

static void read_row(struct table *t, enum person p, const char *rest, int line)
{
    for (size_t c = 0; c < t->columns; c++) {
        size_t n = 0;
        rest = skip_spaces(rest);
        while (n < t->length && (*rest == '+' || *rest == '-')) {
            t->cells[p][c][n++] = *rest++;
            rest += n < t->length && *rest == ' ';
        }
        if (n != t->length)
            wrong(line, "a cell that is too short");
    }
    if (*skip_spaces(rest))
        wrong(line, "more than the table has columns");
}

static struct table *find_table(const char *name)
{
    for (size_t i = 0; i < TABLE_COUNT; i++)
        if (strncmp(name, tables[i].name, strlen(tables[i].name)) == 0 && name[strlen(tables[i].name)] == ']')
            return &tables[i];
    return NULL;
}

/* The persons stand in the order of enum person; a row that is missing or twice is wrong. */
static void read_line(struct table **table, size_t *row, const char *text, int line)
{
    if (*text == '[') {
        if (*table && *row != PERSON_COUNT + 1)
            wrong(line, "the table before has too few rows");
        *table = find_table(text + 1);
        *row = 0;
        if (!*table)
            wrong(line, "no such table");
    } else if (*table && *row == 0) {
        if (!same_words(text, (*table)->heads))
            wrong(line, "other columns");
        (*row)++;
    } else if (*table && *row <= PERSON_COUNT) {
        const char *name = person_names[*row - 1];
        if (strncmp(text, name, strlen(name)) != 0)
            wrong(line, "another person is expected here");
        read_row(*table, (enum person)(*row - 1), text + strlen(name), line);
        (*row)++;
    } else {
        wrong(line, "a line outside of a table");
    }
}

void rights_read(void)
{
    char text[LINE_MAX_LENGTH];
    struct table *table = NULL;
    size_t row = 0;
    int line = 0;
    FILE *f = fopen(FILE_NAME, "re");
    if (!f)
        wrong(0, "cannot be read");
    while (fgets(text, sizeof text, f)) {
        line++;
        text[strcspn(text, "\n")] = 0;
        if (*text && *text != '#')
            read_line(&table, &row, text, line);
    }
    fclose(f);
    for (size_t i = 0; i < TABLE_COUNT; i++)
        if (!tables[i].cells[PERSON_COUNT - 1][tables[i].columns - 1][0])
            wrong(line, tables[i].name);
}

/* --- asking --- */

bool rights_look(enum action action, enum person p, enum visibility v, enum state s, bool downloads)
{
    static const size_t at[ACT_COUNT] = {
        [ACT_COURSE_LIST] = LOOKS,          [ACT_COURSE_PAGE] = LOOKS + 1,  [ACT_LECTURE_LIST] = LOOKS + 2,
        [ACT_LECTURE_PAGE] = LOOKS + 3,     [ACT_LECTURE_LIVE] = LOOKS + 4, [ACT_LECTURE_PLAY] = LOOKS + 5,
        [ACT_LECTURE_DOWNLOAD] = LOOKS + 6,
    };
    if (!at[action])
        bug("not an action of looking");
    const struct table *t = &tables[at[action]];
    size_t i = t->length == 2 ? s == DELETED : (size_t)s + (downloads ? 0 : STATE_COUNT);
    return t->cells[p][v][i] == '+';
}

bool rights_do(enum action action, enum person p)
{
    size_t column = (size_t)(action - ACT_COURSE_TEACH);
    if (action == ACT_ORG_MANAGE || action == ACT_INSTALL)
        column = (size_t)(ACT_COURSE_CREATE - ACT_COURSE_TEACH + 1) + (action == ACT_INSTALL);
    if (column >= tables[DO].columns)
        bug("not an action of doing");
    return tables[DO].cells[p][column][0] == '+';
}

bool rights_give(enum person p, enum staff_role role, enum staff_right right)
{
    size_t column = role == STAFF_ASSISTANT ? 2 + (size_t)right : (size_t)role;
    return tables[GIVE].cells[p][column][0] == '+';
}

bool rights_keep_hall(enum person p)
{
    return tables[HALL].cells[p][0][0] == '+';
}

enum hall_state rights_hall(enum person p, enum hall_booking booking)
{
    const char *cell = tables[HALL].cells[p][1 + booking];
    return cell[0] != '+' ? HALL_NONE : cell[1] == '+' ? HALL_BOOKED : HALL_REQUESTED;
}
