/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON part of a bundle: docs/voyage.schema.json. */
#ifndef GATEHOUSE_SRC_MANIFEST_VOYAGE_JSON_H
#define GATEHOUSE_SRC_MANIFEST_VOYAGE_JSON_H

#include "gatehouse/base/bytes.h"
#include "gatehouse/manifest/voyage.h"

#define GH_VOYAGE_JSON_BYTES_MAX (64u * 1024u * 1024u)

/*
 * Append the JSON of a voyage. GH_OK; GH_MALFORMED when a value is one that
 * the reader would refuse (the error names row and key); GH_NO_MEMORY.
 */
GH_MUST_USE enum gh_status gh_voyage_encode(
	const struct gh_voyage *voyage, struct gh_bytes *json, struct gh_error *error);

/*
 * Read it strictly: unknown, missing and repeated keys, wrong types, values
 * out of range, ids twice are GH_MALFORMED. GH_OK and the caller finishes
 * *voyage; else it is empty. GH_UNSUPPORTED, GH_TOO_LARGE, GH_NO_MEMORY.
 */
GH_MUST_USE enum gh_status gh_voyage_decode(
	struct gh_view json, struct gh_voyage *voyage, struct gh_error *error);

#endif
