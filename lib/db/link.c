#include "lib/db/db.h"

#include <errmsg.h>
#include <mysqld_error.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "lib/base/backoff.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/db/db_impl.h"
#include "lib/os/conf.h"
#include "lib/os/file.h"
#include "lib/os/metrics.h"

enum { CONNECT_TIMEOUT_S = 3, TRANSFER_TIMEOUT_S = 60, BACK_OFF_MS = 4, BACK_OFF_MAX_MS = 250 };

static pthread_once_t library_once = PTHREAD_ONCE_INIT;

static void library_start(void)
{
    if (mysql_library_init(0, NULL, NULL) != 0)
        bug("mysql_library_init");
}

static char *copy(const char *s)
{
    return s && *s ? mem_strdup(s) : NULL;
}

struct db *db_new(const struct db_options *o)
{
    pthread_once(&library_once, library_start);
    struct db *db = mem_alloc(sizeof *db);
    db->options = (struct db_options){.socket = copy(o->socket),
                                      .host = copy(o->host),
                                      .port = o->port,
                                      .plain = o->plain,
                                      .ca_file = copy(o->ca_file),
                                      .user = copy(o->user),
                                      .password = copy(o->password),
                                      .name = copy(o->name)};
    return db;
}

/* The password file is read once, here. If it cannot be read, the first connection fails. */
struct db *db_new_conf(const struct conf *conf)
{
    struct cx cx;
    cx_init(&cx);
    char *password = NULL;
    if (conf->database_password_file[0] &&
        file_read_secret(&cx, conf->database_password_file, &password) != RC_OK)
        log_err(LOG_ERROR, &cx, "cannot read the password of the database");
    bool local = conf->database_socket[0] != '\0';
    struct db *db = db_new(&(struct db_options){
        .socket = local ? conf->database_socket : NULL,
        .host = local ? NULL : conf->database_host,
        .port = (unsigned)conf->database_port,
        .plain = conf->database_tls == 0,
        .ca_file = conf->database_ca_file,
        .user = conf->database_user,
        .password = password ? password : getenv("LECTERN_DATABASE_PASSWORD"),
        .name = conf->database_name,
    });
    cx_fini(&cx);
    return db;
}

static void free_text(const char *s)
{
    /* The options are const for callers; these copies are ours. */
    union {
        const char *in;
        char *out;
    } u = {.in = s};
    if (u.out)
        mem_wipe(u.out, strlen(u.out));
    free(u.out);
}

void db_free(struct db *db)
{
    if (!db)
        return;
    link_drop(db);
    free_text(db->options.socket);
    free_text(db->options.host);
    free_text(db->options.ca_file);
    free_text(db->options.user);
    free_text(db->options.password);
    free_text(db->options.name);
    free(db);
}

/* The link is closed first, so that closing the statements does not talk to a server that may be gone. */
void link_drop(struct db *db)
{
    if (db->link)
        mysql_close(db->link);
    db->link = NULL;
    for (size_t i = 0; i < SQL_COUNT; i++) {
        if (db->statement[i])
            mysql_stmt_close(db->statement[i]);
        db->statement[i] = NULL;
    }
}

/* What a failure means. Errors of the client library start at 2000. */
static enum rc classify(unsigned error)
{
    switch (error) {
    case ER_LOCK_DEADLOCK:
    case ER_LOCK_WAIT_TIMEOUT:
    case ER_CHECKREAD:
    case CR_SERVER_GONE_ERROR:
    case CR_SERVER_LOST:
    case CR_SERVER_LOST_EXTENDED:
    case CR_CONNECTION_ERROR:
    case CR_CONN_HOST_ERROR:
    case CR_UNKNOWN_HOST:
    case CR_SSL_CONNECTION_ERROR:
    case ER_SERVER_SHUTDOWN:
    case ER_CONNECTION_KILLED:
    case ER_CON_COUNT_ERROR:
    case ER_TOO_MANY_USER_CONNECTIONS:
    case ER_ACCESS_DENIED_ERROR:
    case ER_DBACCESS_DENIED_ERROR:
    case ER_BAD_DB_ERROR:
    case ER_NO_SUCH_TABLE:             /* not migrated yet … */
    case ER_BAD_FIELD_ERROR:           /* … or not far enough */
    case ER_UNKNOWN_COM_ERROR:         /* a Galera node that is not ready */
    case ER_OPTION_PREVENTS_STATEMENT: /* read only */
        return RC_UNAVAIL;
    case ER_DUP_ENTRY:
    case ER_ROW_IS_REFERENCED_2:
    case ER_NO_REFERENCED_ROW_2:
        return RC_CONFLICT;
    case ER_DATA_TOO_LONG:
    case ER_WARN_DATA_OUT_OF_RANGE:
    case ER_TRUNCATED_WRONG_VALUE:
    case ER_TRUNCATED_WRONG_VALUE_FOR_FIELD:
    case ER_BAD_NULL_ERROR:
    case WARN_DATA_TRUNCATED:
    case ER_CONSTRAINT_FAILED:
        return RC_INVALID;
    case ER_QUERY_INTERRUPTED:
    case ER_STATEMENT_TIMEOUT:
        return RC_TIMEOUT;
    default:
        return RC_INTERNAL;
    }
}

/* After an error of the client library (a broken packet, answers out of order …) the state of the link is
 * unknown. A server that does not know our prepared statements any more needs a new link, too. */
static bool is_lost(unsigned error)
{
    return (error >= CR_MIN_ERROR && error <= CR_MAX_ERROR) || error == ER_SERVER_SHUTDOWN ||
           error == ER_CONNECTION_KILLED || error == ER_UNKNOWN_STMT_HANDLER;
}

/* "Duplicate entry '7-algods' for key 'course_slug'": the last quoted word, without a table before it. */
static void note_duplicate(struct db *db, const char *text)
{
    struct str rest = str_of(text), key = {NULL, 0};
    while (rest.n) {
        struct str piece = str_cut(&rest, '\'');
        if (piece.n && rest.n == 0)
            key = piece;
    }
    while (memchr(key.p, '.', key.n))
        (void)str_cut(&key, '.');
    if (key.n < sizeof db->duplicate) {
        memcpy(db->duplicate, key.p, key.n);
        db->duplicate[key.n] = '\0';
    }
}

enum rc link_fail(struct cx *cx, const char *what, unsigned error, const char *text)
{
    struct db *db = cx->db;
    enum rc rc = classify(error);
    db->retry = error == ER_LOCK_DEADLOCK || error == ER_LOCK_WAIT_TIMEOUT || error == ER_CHECKREAD;
    if (error == ER_DUP_ENTRY)
        note_duplicate(db, text);
    err_set(cx, rc, NULL, rc == RC_UNAVAIL ? "database_away" : NULL, "database: %s: %s (%u)", what, text,
            error);
    if (is_lost(error))
        link_drop(db);
    return rc;
}

/* TCP is asked for explicitly: for "localhost" the client library would use a socket of its own choice. TLS
 * is enforced and the certificate is verified, so that nobody on the network can read the traffic or pretend
 * to be the server. */
static void set_host(MYSQL *my, const struct db_options *o)
{
    unsigned tcp = MYSQL_PROTOCOL_TCP;
    my_bool yes = 1;
    mysql_optionsv(my, MYSQL_OPT_PROTOCOL, &tcp);
    if (o->plain)
        return;
    mysql_optionsv(my, MYSQL_OPT_SSL_ENFORCE, &yes);
    mysql_optionsv(my, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
    mysql_optionsv(my, MARIADB_OPT_TLS_VERSION, "TLSv1.2,TLSv1.3");
    if (o->ca_file)
        mysql_optionsv(my, MYSQL_OPT_SSL_CA, o->ca_file);
}

static void set_options(MYSQL *my)
{
    unsigned connect_s = CONNECT_TIMEOUT_S, transfer_s = TRANSFER_TIMEOUT_S, off = 0;
    my_bool no = 0, yes = 1;
    mysql_optionsv(my, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
    mysql_optionsv(my, MYSQL_OPT_READ_TIMEOUT, &transfer_s);
    mysql_optionsv(my, MYSQL_OPT_WRITE_TIMEOUT, &transfer_s);
    mysql_optionsv(my, MYSQL_OPT_RECONNECT, &no); /* a lost transaction's next INSERT would commit alone */
    mysql_optionsv(my, MYSQL_REPORT_DATA_TRUNCATION, &yes);
    mysql_optionsv(my, MYSQL_OPT_LOCAL_INFILE, &off);
    mysql_optionsv(my, MYSQL_SET_CHARSET_NAME, "utf8mb4");
}

static enum rc link_open(struct cx *cx)
{
    struct db *db = cx->db;
    const struct db_options *o = &db->options;
    MYSQL *my = mysql_init(NULL);
    if (!my)
        bug("mysql_init");
    set_options(my);
    if (o->host)
        set_host(my, o);
    if (!mysql_real_connect(my, o->host, o->user, o->password, o->name, o->port, o->socket,
                            CLIENT_FOUND_ROWS)) {
        enum rc rc = link_fail(cx, "connect", mysql_errno(my), mysql_error(my));
        mysql_close(my);
        return rc;
    }
    db->link = my;
    if (db->count)
        metric_add(METRIC_db_reconnects_total, 1);
    enum rc rc = link_run(cx, "db_session", str_of(db_sql_text(SQL_db_session)));
    if (rc != RC_OK)
        link_drop(db);
    return rc;
}

/* A server that has gone away since the last statement has closed its end; the socket is then readable although
 * nothing was asked. */
static bool is_stale(const struct db *db)
{
    struct pollfd p = {.fd = (int)mysql_get_socket(db->link), .events = POLLIN};
    return poll(&p, 1, 0) != 0;
}

enum rc link_ensure(struct cx *cx)
{
    struct db *db = cx->db;
    if (!db)
        bug("no database in the context");
    if (db->in_tx)
        return db->link
                   ? RC_OK
                   : err_set(cx, RC_UNAVAIL, NULL, "database_away", "database: link lost in a transaction");
    if (db->link && is_stale(db))
        link_drop(db);
    return db->link ? RC_OK : link_open(cx);
}

enum rc link_count(struct cx *cx, const char *what)
{
    struct db *db = cx->db;
    db->count++;
    db->retry = false;
    db->duplicate[0] = '\0';
    if (db->fault && --db->fault == 0)
        return link_fail(cx, what, db->fault_error, "injected");
    return RC_OK;
}

enum rc link_run(struct cx *cx, const char *what, struct str text)
{
    struct db *db = cx->db;
    enum rc rc = link_count(cx, what);
    if (rc != RC_OK)
        return rc;
    if (mysql_real_query(db->link, text.p, text.n) != 0)
        return link_fail(cx, what, mysql_errno(db->link), mysql_error(db->link));
    MYSQL_RES *res = mysql_store_result(db->link);
    if (res)
        mysql_free_result(res);
    return RC_OK;
}

enum rc db_ping(struct cx *cx)
{
    enum rc rc = link_ensure(cx);
    if (rc != RC_OK)
        return rc;
    if (mysql_ping(cx->db->link) != 0)
        return link_fail(cx, "ping", mysql_errno(cx->db->link), mysql_error(cx->db->link));
    return RC_OK;
}

void link_back_off(int n)
{
    int64_t ms = backoff_ms(n, BACK_OFF_MS, BACK_OFF_MAX_MS);
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}

uint64_t db_count(const struct cx *cx)
{
    return cx->db ? cx->db->count : 0;
}

bool db_in_tx(const struct cx *cx)
{
    return cx->db && cx->db->in_tx;
}

bool db_duplicate(const struct cx *cx, const char *key)
{
    return strcmp(cx->db->duplicate, key) == 0;
}

void db_fault(struct cx *cx, uint64_t nth, unsigned error)
{
    cx->db->fault = nth;
    cx->db->fault_error = error;
}
