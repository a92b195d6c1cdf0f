/* SPDX-License-Identifier: Apache-2.0 */
/* What an attempt to deliver means: one table over curl codes and HTTP statuses. */
#ifndef GATEHOUSE_UPLINK_VERDICT_H
#define GATEHOUSE_UPLINK_VERDICT_H

#include <stdbool.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/id.h"
#include "gatehouse/base/log.h"

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
 * id; anything else is an alarm (`answer_malformed`, `wrong_id`). Any thread.
 */
struct gh_judgement gh_verdict_of_answer(
	int curl_code, long http_status, const struct gh_id *id, struct gh_view answer);

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
