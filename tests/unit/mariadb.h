/* A private MariaDB for tests: own data folder below a temporary one, own unix socket, no network, no
 * durability. Link tests/unit/libtestdb.a. See tests/README.md. */
#ifndef TESTS_UNIT_MARIADB_H
#define TESTS_UNIT_MARIADB_H

#include <stdbool.h>

#include "lib/base/cx.h"

struct mariadb;

/* Starts one with an empty database "lectern", waits until it answers. NULL where mariadbd is not installed
 * (the caller prints a skip); anything else that goes wrong ends the program. */
struct mariadb *mariadb_start(void);
/* Stops it and removes its folder. NULL is fine. */
void mariadb_stop(struct mariadb *m);

/* Path of its socket; lends. */
const char *mariadb_socket(const struct mariadb *m);
/* kill -9, and a new start on the same data. */
void mariadb_kill(struct mariadb *m);
void mariadb_again(struct mariadb *m);
/* From the next start on also on this port of 127.0.0.1 and 127.0.0.2, for the accounts "open" and "sealed"
 * (TLS only), both without a password; with TLS if `pem` (certificate and key in one file) is not NULL. */
void mariadb_network(struct mariadb *m, unsigned port, const char *pem);

/* cx with a connection of its own to it. Pair with test_cx_fini. */
void test_cx_init(struct cx *cx, const struct mariadb *m);
void test_cx_fini(struct cx *cx);
/* Loads the schema of the source tree through that connection; ends the program if that fails. */
void test_migrate(struct cx *cx);
/* sql/schema of the source tree. */
const char *test_schema_dir(void);

/* Prints the failure of cx for people who read the log, and gives rc back: assert_ok(shown(cx, call)). */
enum rc shown(struct cx *cx, enum rc rc);

#endif
