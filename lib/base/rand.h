/* Random bytes from the kernel (getrandom). Never fails: a kernel without randomness is a bug(). */
#ifndef LIB_BASE_RAND_H
#define LIB_BASE_RAND_H

#include <stddef.h>
#include <stdint.h>

void rand_bytes(void *p, size_t n);
/* Fills buf with size-1 hex digits and a NUL. */
void rand_hex(char *buf, size_t size);
/* Fills buf with size-1 characters of [a-z0-9] (5.17 bit each), unbiased, and a NUL: public keys of
 * objects. */
void rand_key(char *buf, size_t size);
/* Uniform in [0, below); below > 0. For jitter, not for secrets. */
uint32_t rand_below(uint32_t below);

#endif
