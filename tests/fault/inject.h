/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failure by count: let the n-th allocation, write, fsync ... of the code under test fail.
 *
 * Programs of tests/fault are linked with --wrap for the calls below, so that calls from product
 * code (our static libraries, not shared ones such as SQLite's) pass through here. The usual test
 * fails the first call, then the second, and so on until the operation passes without a failure:
 *
 *	INJECT_EACH(INJECT_ALLOC, n) {
 *		status = gh_thing_create(&thing, &error);
 *		inject_pause();
 *		if (inject_hit())
 *			assert_int_equal(status, GH_NO_MEMORY);
 *		else
 *			assert_int_equal(status, GH_OK);
 *		gh_thing_destroy(thing);
 *	}
 *
 * Counting is by process, in the order in which threads arrive. One test at a time uses it.
 */
#ifndef GATEHOUSE_TESTS_FAULT_INJECT_H
#define GATEHOUSE_TESTS_FAULT_INJECT_H

#include <stdbool.h>

enum inject_point {
	INJECT_ALLOC, /* malloc, calloc, realloc, strdup, strndup, posix_memalign, ...: no memory */
	INJECT_OPEN,  /* open, openat, fopen: EMFILE */
	INJECT_READ,  /* read, pread: EIO */
	INJECT_WRITE, /* write, pwrite, ftruncate: ENOSPC */
	INJECT_SHORT, /* write, pwrite: half is written, and that is reported */
	INJECT_SYNC,  /* fsync, fdatasync: EIO */
	INJECT_RENAME, /* rename, unlink: EACCES */
	INJECT_THREAD, /* pthread_create: EAGAIN */
	INJECT_POINTS, /* how many points there are */
};

/* Let the n-th call at this point from now on fail (1: the next one). Counts start at 0. */
void inject_arm(enum inject_point point, unsigned long n);

/* The same, and every later call at this point fails too: a disk that stays full. */
void inject_arm_from(enum inject_point point, unsigned long n);

/* Another errno than the usual one, until the next inject_arm. */
void inject_errno(int number);

/*
 * Instead of failing, the call ends the process by SIGKILL, until the next inject_arm; a short
 * write does so after its half. For a child whose end another process looks at.
 */
void inject_kill(void);

/* No more failures, counts stay: for cleaning up and looking at the outcome. */
void inject_pause(void);

/* The same; returns whether a failure fell since inject_arm. */
bool inject_disarm(void);

/* Whether a failure fell since inject_arm. */
bool inject_hit(void);

/* How many calls came at this point since inject_arm, failed ones included. */
unsigned long inject_count(enum inject_point point);

/* One round of INJECT_EACH: false after a round in which nothing failed; ends the program when a
 * million rounds did not reach that. */
bool inject_round(enum inject_point point, unsigned long n);

#define INJECT_EACH(point, n) for (unsigned long n = 1; inject_round(point, n); n++)

#endif
