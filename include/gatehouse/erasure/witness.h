/* SPDX-License-Identifier: Apache-2.0 */
/* Countersigning a head: what lane and centre say to each other, as JSON. */
#ifndef GATEHOUSE_ERASURE_WITNESS_H
#define GATEHOUSE_ERASURE_WITNESS_H

#include "gatehouse/erasure/log.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of a path of the API, its final NUL included. */
#define GH_ERASURE_WITNESS_PATH_BYTES 64

/**
 * The lane puts its newest head to "/v1/witness/CHAIN"; the centre, when that
 * goes on from what it has seen of this lane, answers with a receipt, which
 * goes to gh_erasure_log_receive(). It never countersigns two heads of one
 * number, nor one older than another: a log that was cut or forked is noticed
 * there. All functions: any thread; they do not block.
 */
void gh_erasure_witness_path(const struct gh_id *chain, char path[GH_ERASURE_WITNESS_PATH_BYTES]);

/** {"lane": …, "number": …, "hash": …}. GH_OK and *json is replaced, GH_NO_MEMORY. */
GH_MUST_USE enum gh_status gh_erasure_head_encode(
	const struct gh_erasure_head *head, struct gh_bytes *json, struct gh_error *error);

/** The same read; chain and what else a head has are left alone. GH_OK or GH_MALFORMED. */
GH_MUST_USE enum gh_status gh_erasure_head_decode(
	struct gh_view json, struct gh_erasure_head *head, struct gh_error *error);

/**
 * Countersign: fill receipt for a head at a time, signed by the centre's
 * provider. GH_OK or GH_INTERNAL.
 */
GH_MUST_USE enum gh_status gh_erasure_countersign(const struct gh_erasure_head *head,
	int64_t time_ms, struct gh_provider *provider, struct gh_erasure_receipt *receipt,
	struct gh_error *error);

/** A receipt as JSON, as proofs have it too. GH_OK and *json is replaced, GH_NO_MEMORY. */
GH_MUST_USE enum gh_status gh_erasure_receipt_encode(
	const struct gh_erasure_receipt *receipt, struct gh_bytes *json, struct gh_error *error);

/** The same read; its signature is not looked at. GH_OK or GH_MALFORMED. */
GH_MUST_USE enum gh_status gh_erasure_receipt_decode(
	struct gh_view json, struct gh_erasure_receipt *receipt, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
