/* SPDX-License-Identifier: Apache-2.0 */
/* A desk without a server: a store, keys and a clock in a folder of their own. */
#ifndef GATEHOUSE_TESTS_SUPPORT_CENTRAL_COUNTER_H
#define GATEHOUSE_TESTS_SUPPORT_CENTRAL_COUNTER_H

#include "desk.h"
#include "gatehouse/encounter/encounter.h"
#include "gatehouse/encounter/heartbeat.h"

struct counter {
	char folder[128];
	char keys[160];
	char address[320];              /* of the store, "" SQLite in folder */
	char peer[65];                  /* in whose name things are put: lane-1 */
	char name[65];                  /* in the path of the next request */
	const struct gh_sha256 *digest; /* what Content-Digest says of each body; NULL none */
	char said[2048];                /* the last answer's body */
	uint64_t upload_offset;         /* of each piece of a photograph */
	bool upload_complete;
	struct gh_settings settings;
	struct gh_clock_manual clock;
	struct desk desk;
};

void counter_make(struct counter *counter, enum gh_purpose purpose);

/* The same in an empty database of a server that runs; "" as counter_make(). */
void counter_make_at(struct counter *counter, enum gh_purpose purpose, const char *address);

/* What the store of this counter is opened with. */
struct store_options counter_store(const struct counter *counter);
void counter_remove(struct counter *counter);

/* Close and open the store, as a restart does. */
void counter_reopen(struct counter *counter);

/* A record of the counter's now, of the demo; with a photograph of these bytes, or none. */
void counter_record(struct counter *counter, uint64_t seed, struct gh_view photo,
	struct gh_encounter *encounter);

/* Bring a body to the desk: the HTTP status; the error's word, or "", into code. */
int counter_put(struct counter *counter, enum endpoint endpoint, const struct gh_id *id,
	struct gh_view body, char code[32]);

/* The same for one made ready: the HTTP status; the error's word, or "", into code. */
int counter_put_record(
	struct counter *counter, const struct gh_encounter *encounter, char code[32]);
int counter_put_photo(
	struct counter *counter, const struct gh_id *id, struct gh_view photo, char code[32]);
int counter_put_addendum(
	struct counter *counter, const struct gh_addendum *addendum, char code[32]);

/* The first heartbeat of a lane that is well; then bring one. */
void counter_heartbeat(const struct counter *counter, struct gh_heartbeat *heartbeat);
int counter_put_heartbeat(
	struct counter *counter, const struct gh_heartbeat *heartbeat, char code[32]);

#endif
