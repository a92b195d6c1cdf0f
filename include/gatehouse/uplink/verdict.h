/* SPDX-License-Identifier: Apache-2.0 */
/* What an attempt to deliver means: one table over curl codes and HTTP statuses. */
#ifndef GATEHOUSE_UPLINK_VERDICT_H
#define GATEHOUSE_UPLINK_VERDICT_H

#include <stdbool.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/id.h"
#include "gatehouse/base/log.h"
#include "gatehouse/receipt/receipt.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What follows from an attempt. */
enum gh_verdict {
	GH_VERDICT_DELIVERED,  /**< the centre has it: acknowledge */
	GH_VERDICT_LATER,      /**< keep it, back off */
	GH_VERDICT_QUARANTINE, /**< refused for good: set aside with the reason */
	GH_VERDICT_ALARM,      /**< keep it, back off, and call a technician */
};

/** "delivered", "later", "quarantine", "alarm". */
const char *gh_verdict_name(enum gh_verdict verdict);

/** The verdict with its word for logs, metrics and the outbox's reason. */
struct gh_judgement {
	enum gh_verdict verdict;
	struct gh_word reason; /**< as "http_503", "peer_certificate" */
	bool centre_wide;      /**< the centre or the way to it, not this item: all pause */
};

/**
 * Judge what a delivery was answered with: as gh_verdict_of(), but 200, 201 and
 * 204 count as delivered only when the answer is JSON that names the delivery's
 * id; anything else is an alarm (`answer_malformed`, `wrong_id`). A body that
 * the centre says was spoilt on the way is later (`body_spoilt`), whatever the
 * status. Any thread.
 */
struct gh_judgement gh_verdict_of_answer(
	int curl_code, long http_status, const struct gh_id *id, struct gh_view answer);

/** What went wrong at a proxy, by whatever protocol it speaks. */
struct gh_proxy_trouble {
	int connect_status; /**< its answer to CONNECT, from 300 on; else 0 or 200 */
	int socks_code;     /**< a CURLproxycode; 0: none */
	bool certificate;   /**< its own could not be verified */
	bool not_connected; /**< it is not there */
};

/**
 * Judge an attempt that failed at the proxy: all concern the way, so all pause.
 * `proxy_credentials`, `proxy_denied`, `proxy_refused`, `proxy_certificate` and
 * `proxy` call a technician, `proxy_unavailable` and `proxy_not_connected` are
 * later. Any thread.
 */
struct gh_judgement gh_verdict_of_proxy(const struct gh_proxy_trouble *trouble);

/** What the answer to a delivery is held to. */
struct gh_expected {
	struct gh_id id;
	enum gh_receipt_kind kind;
	struct gh_sha256 hash; /**< of the body that was sent */
	bool receipts;         /**< false: receipts are not looked at */
	bool key_known;        /**< whose receipts are taken, and that there has to be one */
	uint8_t public_key[GH_PUBLIC_KEY_BYTES];
};

/**
 * Judge once more what gh_verdict_of_answer() says is delivered: the digest that
 * the centre stored and its receipt. True in *given, and *receipt, when a good
 * receipt came. Alarms, each of this item alone, which is kept:
 *
 *   other_digest       the centre stored something else than was sent
 *   receipt_missing    the centre's key is known, and no receipt came
 *   receipt_malformed  it cannot be read; receipt_format: it is of a newer format
 *   receipt_other      it is for something else: an old one played back
 *   receipt_key        another key than the one known has signed
 *   receipt_forged     the signature is not of the key it names
 *
 * Any thread; does not block.
 */
struct gh_judgement gh_verdict_of_receipt(const struct gh_expected *expected, struct gh_view answer,
	struct gh_receipt *receipt, bool *given);

/**
 * Judge an attempt. curl_code is a CURLcode; http_status counts only when it
 * is CURLE_OK. Every CURLcode of the library and every status 100..599 has a
 * verdict; anything else is later. Any thread.
 */
struct gh_judgement gh_verdict_of(int curl_code, long http_status);

#ifdef __cplusplus
}
#endif

#endif
