/* SPDX-License-Identifier: Apache-2.0 */
/* A real PostgreSQL of its own, in a folder that goes with it, on a socket of the file system. */
#ifndef GATEHOUSE_TESTS_SUPPORT_CENTRAL_SERVER_H
#define GATEHOUSE_TESTS_SUPPORT_CENTRAL_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

struct server {
	char folder[64];
	pid_t process; /* 0: it does not run */
	unsigned databases;
};

/*
 * Make a cluster and start it. The server refuses to run as root: then it runs as nobody. With
 * safe, what it commits is on the disk; tests that lose no power go without. Returns NULL, or what
 * is missing.
 */
const char *server_start(struct server *server, bool safe);

/* Stop it at once, as a failure does, and start it again. */
void server_kill(struct server *server);
const char *server_restart(struct server *server);

/* Stop it and remove its folder. */
void server_stop(struct server *server);

/* The address of a place without tables; a new one with each call. */
void server_new_address(struct server *server, char address[320]);

/* Let it do something else for a moment. */
void server_wait(long ms);

/* Run SQL at an address; text of the first column of the first row into answer, if not NULL. */
void server_run(const char *address, const char *sql, char answer[256]);

#endif
