/* SPDX-License-Identifier: Apache-2.0 */
/* The uplink: delivers what a source hands out, and brings voyages and passages. */
#ifndef GATEHOUSE_UPLINK_UPLINK_H
#define GATEHOUSE_UPLINK_UPLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/id.h"
#include "gatehouse/uplink/verdict.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How the uplink reaches the centre. Strings are copied at create. */
struct gh_uplink_options {
	const char *url;              /**< "https://host:port", nothing behind */
	const char *ca_file;          /**< PEM: who may sign the centre's certificate */
	const char *certificate_file; /**< PEM: ours */
	const char *key_file;         /**< PEM: ours; not read where key is given */
	struct gh_view key;           /**< the same in memory; copied, and wiped at the end */
	struct gh_view certificate;   /**< PEM in memory, where key is too; certificate_file else */
	const char *user;             /**< instead of a certificate: HTTP Basic; NULL: none */
	const char *token;            /**< with user */
	uint32_t connect_timeout_ms;
	uint32_t transfer_timeout_ms; /**< whole transfer; stalled ones end sooner */
	uint32_t backoff_first_ms;
	uint32_t backoff_max_ms;
	uint32_t voyages_interval_ms;
	uint32_t passages_interval_ms;
	uint32_t heartbeat_interval_ms; /**< 0: no heartbeats */
	const char *download_folder;    /**< bundles are written here */
	uint32_t photo_piece_bytes;     /**< larger photographs go on in pieces; 0: never */
	uint32_t requests_in_flight;    /**< deliveries at once, up to 16; 0: 4 */
	bool http2;                     /**< offered; they go over one connection if it is taken */
	uint32_t send_bytes_per_s;      /**< of all transfers together; 0: no cap */
	uint32_t receive_bytes_per_s;
	const char *proxy_url;     /**< http://, https:// or socks5h://; NULL, "": none */
	const char *proxy_ca_file; /**< PEM: who may sign the certificate of an https proxy */
	struct gh_view proxy_credentials; /**< user:password; copied, and wiped at the end */
	bool receipts;                    /**< the centre's are asked for; false: not looked at */
	bool receipts_key_known;          /**< else the first good receipt's key is the one */
	uint8_t receipts_key[GH_PUBLIC_KEY_BYTES];
	const struct gh_clock *clock;
};

/** What is to be delivered, as the uplink sees it. */
struct gh_delivery {
	struct gh_id id;
	char path[96];            /**< "/v1/encounters/ID", as given by gh_uplink_path_* */
	const char *content_type; /**< literal */
	enum gh_receipt_kind kind;
	uint32_t attempts;
	struct gh_bytes body; /**< wiped by the uplink after the verdict */
	void *token;          /**< the source's own */

	bool has_receipt; /**< by the uplink, with GH_VERDICT_DELIVERED: it is verified */
	struct gh_receipt receipt;
};

/**
 * Where deliveries come from and verdicts go: the daemon joins this to the
 * outbox. All on the uplink's thread; none may block longer than the disk.
 */
struct gh_uplink_source {
	void *ctx;

	/** GH_OK and *delivery, or GH_NOT_FOUND and *due_in_ms. */
	enum gh_status (*take)(void *ctx, struct gh_delivery *delivery, uint64_t *due_in_ms,
		struct gh_error *error);

	/**
	 * Exactly once per taken delivery; delay_ms for LATER and ALARM: 0 when the
	 * centre as a whole is to blame, then the uplink itself pauses. detail is
	 * the centre's own word for it or curl's text, never personal; "" if none.
	 */
	void (*verdict)(void *ctx, const struct gh_delivery *delivery,
		const struct gh_judgement *judgement, uint64_t delay_ms, const char *detail);

	/** The ETag (bundle hash, 64 hex digits) of a voyage held, or "" into etag. */
	void (*etag)(void *ctx, const struct gh_id *voyage, char etag[65]);

	/**
	 * A bundle has arrived whole at path; it is the callee's to keep or remove.
	 * When etag() does not know it afterwards it was refused: the same content is
	 * fetched again after a pause that doubles each time, up to an hour.
	 */
	void (*bundle)(void *ctx, const struct gh_id *voyage, const char *path);

	/** A voyage is no longer listed by the centre. */
	void (*withdrawn)(void *ctx, const struct gh_id *voyage);

	/**
	 * The voyages held, at most max of them into ids; returns how many. After
	 * the first list, those not on it are withdrawn. NULL: only what was listed
	 * since the start can be withdrawn.
	 */
	size_t (*held)(void *ctx, struct gh_id *ids, size_t max);

	/** Somebody passed on a voyage, at whichever lane. */
	void (*passage)(void *ctx, const struct gh_id *voyage, const struct gh_id *person);

	/**
	 * A heartbeat is due: the path and the JSON that is put there. It is sent
	 * beside deliveries, once, and never again: the next one says more. NULL:
	 * there are none.
	 */
	enum gh_status (*heartbeat)(
		void *ctx, char path[96], struct gh_bytes *body, struct gh_error *error);
};

struct gh_uplink;

/** Make an uplink; nothing is sent yet. GH_OK, GH_SETTINGS, GH_NO_MEMORY. */
GH_MUST_USE enum gh_status gh_uplink_create(const struct gh_uplink_options *options,
	const struct gh_uplink_source *source, struct gh_uplink **uplink, struct gh_error *error);

/** Free; not while running. NULL safe. */
void gh_uplink_destroy(struct gh_uplink *uplink);

/**
 * Serve until gh_uplink_stop(): the uplink's thread is inside. Wakes for due
 * deliveries, voyages, passages. Being offline is normal and never ends it.
 * Returns GH_CANCELLED after stop; a transfer under way is given up as later.
 */
enum gh_status gh_uplink_run(struct gh_uplink *uplink, struct gh_error *error);

/** End gh_uplink_run() within 1 s. Any thread, also before run. */
void gh_uplink_stop(struct gh_uplink *uplink);

/** Something was put: look again now (unless backing off). Any thread. */
void gh_uplink_wake(struct gh_uplink *uplink);

/**
 * Use this certificate (PEM, with its chain) and key (PEM) from the next
 * connection on; both are copied, and the key is wiped when it is replaced.
 *
 * Waits up to timeout_ms until what is under way has ended and all that follows
 * goes by them. GH_OK; GH_TIMEOUT: it will be so a little later, or the uplink does
 * not run; GH_NO_MEMORY: nothing changed. Any thread but the uplink's own.
 */
GH_MUST_USE enum gh_status gh_uplink_use(struct gh_uplink *uplink, struct gh_view certificate,
	struct gh_view key, uint32_t timeout_ms, struct gh_error *error);

/** The lane's own certificate, as whoever renews it sees it. */
struct gh_uplink_certificate {
	int64_t not_after_ms; /**< UTC; 0: not known */
	uint64_t renewals;    /**< since the start */
	uint64_t failures;    /**< attempts to renew it, since the last that succeeded */
	struct gh_word state; /**< "fine", "soon", "urgent", "over"; "" not known */
};

/** Note how it stands, for gh_uplink_state(). Any thread. */
void gh_uplink_note_certificate(
	struct gh_uplink *uplink, const struct gh_uplink_certificate *certificate);

/** How it goes: numbers and words only. */
struct gh_uplink_state {
	bool online;                  /**< the last attempt reached the centre */
	int64_t last_success_ms;      /**< UTC; 0: never */
	uint64_t passages_checked_us; /**< monotonic; 0: never. Of the last full answer */
	uint32_t backoff_ms;          /**< 0: not backing off */
	uint64_t delivered;
	uint64_t later;
	uint64_t quarantined;
	uint64_t alarms;
	struct gh_word last_reason;
	struct gh_word alarm; /**< what a technician is to mend before the centre is reached; "" */
	struct gh_uplink_certificate certificate;
};

/** The state now. Any thread. */
struct gh_uplink_state gh_uplink_state(const struct gh_uplink *uplink);

/** The path "/v1/encounters/ID" of the API (docs/central.openapi.json). Any thread. */
void gh_uplink_path_encounter(const struct gh_id *id, char path[96]);

/** "/v1/encounters/ID/photo". Any thread. */
void gh_uplink_path_photo(const struct gh_id *encounter, char path[96]);

/** "/v1/addenda/ID". Any thread. */
void gh_uplink_path_addendum(const struct gh_id *id, char path[96]);

/**
 * The wait before attempt number attempts + 1: first * 2^attempts up to max,
 * with full jitter between half and whole; a Retry-After of the server, in
 * seconds (0: none), is the least. random is uniform in 0..2^32-1.
 */
uint64_t gh_uplink_backoff_ms(uint32_t attempts, uint32_t first_ms, uint32_t max_ms,
	uint32_t retry_after_s, uint32_t random);

/**
 * One request by an operator's tool, on the caller's thread, with the options'
 * credentials: method, path, body or a file to send; the answer's body is
 * replaced (limit answer_max_bytes). GH_OK when an answer came; *http_status
 * says which. GH_OFFLINE, GH_TIMEOUT, GH_DENIED (certificate), GH_TOO_LARGE.
 */
struct gh_request {
	const char *method;
	const char *path;
	const char *content_type; /**< NULL: none */
	struct gh_view body;
	const char *file; /**< sent instead of body when not NULL */
	size_t answer_max_bytes;
};

/** Make one request; see struct gh_request. */
GH_MUST_USE enum gh_status gh_uplink_request(const struct gh_uplink_options *options,
	const struct gh_request *request, long *http_status, struct gh_bytes *answer,
	struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
