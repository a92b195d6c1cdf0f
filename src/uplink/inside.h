/* SPDX-License-Identifier: Apache-2.0 */
/* The uplink's inside: deliveries several at a time, errands one after the other, one pace. */
#ifndef GATEHOUSE_SRC_UPLINK_INSIDE_H
#define GATEHOUSE_SRC_UPLINK_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "answer.h"
#include "gatehouse/crypto/digest_field.h"
#include "transfer.h"

/* Deliveries under way at once, at most; one while the centre is not known to be there. */
#define DELIVERIES_MAX 16
#define DELIVERIES_USUAL 4

/* A voyage of the centre's list, with how far its passages are known. */
struct known_voyage {
	struct listed_voyage listed;
	int64_t passages_next;
	bool wanted;       /* its bundle is to be fetched */
	uint32_t refused;  /* how often in a row what came under this ETag was not taken */
	uint64_t again_us; /* not fetched before */
	bool passages_due;
};

enum errand_kind {
	ERRAND_NONE,
	ERRAND_LISTEN,
	ERRAND_LIST,
	ERRAND_BUNDLE,
	ERRAND_PASSAGES,
};

/* What is asked of the centre besides deliveries; one at a time. */
struct errand {
	enum errand_kind kind;
	struct transfer transfer;
	struct gh_id voyage;
	char path[128];
	char etag[65];
	char part_path[4096 + 64];
	FILE *file;
};

/* The heartbeat: one at a time, in a place of its own. */
struct pulse {
	uint32_t interval_ms; /* 0: never */
	uint64_t due_us;
	bool refused; /* the last that was answered */
	char path[96];
	struct gh_bytes body;
	struct transfer transfer; /* without a handle: none is under way */
};

/* What a delivery is at: its body whole; or, after a break, the question how far, and pieces. */
enum slot_step {
	STEP_WHOLE,
	STEP_OFFSET,
	STEP_PIECE,
};

struct slot {
	bool used;
	enum slot_step step;
	uint64_t offset;       /* of the piece under way */
	uint64_t piece_bytes;  /* of it */
	struct gh_sha256 hash; /* of the body */
	char digest[GH_DIGEST_FIELD_BYTES];
	char piece_digest[GH_DIGEST_FIELD_BYTES];
	struct transfer transfer;
	struct gh_delivery delivery;
};

struct gh_uplink {
	struct link link;
	struct gh_uplink_source source;
	uint32_t backoff_first_ms;
	uint32_t backoff_max_ms;
	uint32_t voyages_interval_ms;
	uint32_t passages_interval_ms;
	uint32_t photo_piece_bytes;
	bool receipts;
	bool receipts_key_known;
	uint8_t receipts_key[GH_PUBLIC_KEY_BYTES];
	const struct gh_clock *clock;

	CURLM *multi;
	size_t in_flight; /* deliveries at once */
	struct slot slots[DELIVERIES_MAX];
	struct errand errand;
	struct pulse pulse;
	struct known_voyage *voyages; /* room for ANSWER_VOYAGES_MAX */
	size_t voyage_count;
	bool listed; /* a list has come since the start */
	uint64_t list_due_us;
	bool take_failed; /* the source, the last time it was asked */
	bool doubted;     /* an attempt broke off since a delivery arrived */
	bool listens_due; /* the centre is to be listened to before anything is sent */
	uint64_t passages_due_us;
	uint64_t passages_begun_us;
	bool passages_whole; /* no voyage failed in this round */

	/* The pace of all: failures of the centre in a row, and the pause after the last. */
	uint32_t failures;
	uint32_t pauses; /* how many there were; names the time between two */
	uint64_t pause_until_us;

	atomic_bool stop;
	pthread_mutex_t lock; /* of state, and of what follows */
	struct gh_uplink_state state;

	/* Another certificate and key, taken once nothing is under way. */
	struct gh_bytes next_certificate;
	struct gh_bytes next_key;
	atomic_bool next_waits;
	uint64_t next_number; /* of the pair that waits, or was taken last */
	uint64_t taken_number;
	pthread_cond_t taken;
};

uint64_t uplink_now_us(const struct gh_uplink *uplink);

/*
 * An attempt's judgement concerns all: pause, or go on. began is what pauses was when the attempt
 * began: an answer to an older question neither ends a pause that came after it nor makes another.
 */
void uplink_pace(struct gh_uplink *uplink, const struct gh_judgement *judgement, uint32_t began,
	uint32_t retry_after_s);

/* One more attempt with this verdict; of errands only the alarms are counted. */
void uplink_count(struct gh_uplink *uplink, enum gh_verdict verdict);

/*
 * An attempt broke off without an answer. A refusal of our certificate comes as an alert, and is
 * lost where the centre's reset meets what we send: so next a connection is made and only listened
 * to, then the list is asked for.
 */
void uplink_doubt(struct gh_uplink *uplink);

/* pulse.c: begin a heartbeat that is due; when the next will be; its end. */
void pulse_start(struct gh_uplink *uplink);
bool pulse_is_busy(const struct gh_uplink *uplink);
uint64_t pulse_due_us(const struct gh_uplink *uplink);
void pulse_finish(struct gh_uplink *uplink, CURLcode code);
void pulse_give_up(struct gh_uplink *uplink);
/* Begin what was taken. GH_OK, or GH_NO_MEMORY, GH_INTERNAL. */
enum gh_status slot_begin(struct gh_uplink *uplink, struct slot *slot, struct gh_error *error);

/*
 * A request of a delivery has ended: whether another one follows, and is under way. When it does
 * not, *code and the transfer are what the delivery comes to.
 */
bool slot_goes_on(struct gh_uplink *uplink, struct slot *slot, CURLcode *code);

/* A random number for jitter. */
uint32_t uplink_random(void);

/* Begin the errand that is due, if none is under way; when the next will be. */
void errand_start(struct gh_uplink *uplink);
uint64_t errand_due_us(const struct gh_uplink *uplink);

/* The errand's transfer has ended; or is given up. */
void errand_finish(struct gh_uplink *uplink, CURLcode code);
void errand_give_up(struct gh_uplink *uplink);

#endif
