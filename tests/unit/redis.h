/* A private Redis for tests: own unix socket below a temporary folder, no network, nothing on disk. */
#ifndef TESTS_UNIT_REDIS_H
#define TESTS_UNIT_REDIS_H

/* Starts one and waits until it answers. NULL where redis-server is not installed (the caller prints a skip);
 * anything else that goes wrong ends the test. Else the path of its socket; lends. */
const char *redis_server_start(void);
/* kill -9, and a new one on the same socket, empty. */
void redis_server_kill(void);
void redis_server_again(void);
/* Stops it and removes its folder. */
void redis_server_stop(void);

#endif
