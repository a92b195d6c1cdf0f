/* SPDX-License-Identifier: Apache-2.0 */
/* A lane's stores in a folder of their own: keys, outbox, one voyage key, erasure. */
#ifndef GATEHOUSE_TESTS_SUPPORT_ERASURE_STATION_H
#define GATEHOUSE_TESTS_SUPPORT_ERASURE_STATION_H

#include "gatehouse/erasure/proof.h"
#include "gatehouse/erasure/round.h"

#define STATION_HOUR_MS INT64_C(3600000)

struct station {
	char folder[128];
	struct gh_clock_manual clock;
	struct gh_provider *provider;
	struct gh_outbox *outbox;
	struct gh_erasure *erasure;
	uint32_t told; /* photographs whose erasure was told */
	uint32_t boot;

	/* Every key as it was first wrapped. */
	struct station_key {
		uint8_t context[17];
		uint8_t wrapped[128];
		size_t length;
	} keys[1024];
	size_t key_count;

	/* The centre's key, made at need. */
	struct gh_provider *centre;
};

/* A new folder in memory, or below parent; nothing is open yet. */
void station_make(struct station *station);
void station_make_below(struct station *station, const char *parent);
void station_remove(struct station *station);

/* Open all; the first failure is returned and what is open stays so. */
enum gh_status station_try_open(struct station *station, struct gh_error *error);
void station_open(struct station *station);
void station_close(struct station *station);

/* Move both clocks on. */
void station_wait(struct station *station, int64_t ms);

/* Put record n with a photograph, captured now, limit in so many hours. */
struct gh_id station_id(uint32_t n);
enum gh_status station_put(struct station *station, uint32_t n, uint32_t hours);

/* Deliver and acknowledge the next item; GH_NOT_FOUND when none is due. */
enum gh_status station_deliver(struct station *station);

/* Give the newest head the centre's receipt. */
struct gh_erasure_receipt station_receipt(struct station *station);
void station_witness(struct station *station);
void station_centre_key(struct station *station, uint8_t key[GH_PUBLIC_KEY_BYTES]);
void station_key(struct station *station, uint8_t key[GH_PUBLIC_KEY_BYTES]);

/* The state of erasure, which must be readable. */
struct gh_erasure_state station_state(struct station *station);

/* A path in the folder; good for the next three calls. */
const char *station_place(const struct station *station, const char *name);

/* The key of an item of record n as it was first wrapped: what an old copy of the disk has. */
enum gh_status station_unwrap_old(
	struct station *station, struct gh_provider *provider, uint32_t n, enum gh_item_kind kind);

/* How often the log has an entry of this kind for record n; the log must be whole. */
unsigned station_logged(struct station *station, uint32_t n, enum gh_erased_what what);

#endif
