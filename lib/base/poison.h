/* Included before every source file by the build: the calls the house style bans do not compile.
 * The system headers that declare them come first, since a declaration of a poisoned name is an error too. */
#ifndef LIB_BASE_POISON_H
#define LIB_BASE_POISON_H

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include <openssl/evp.h> /* names parameters `rand` */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC poison strcpy strcat sprintf vsprintf gets atoi atol strtok system popen rand srand

#endif
