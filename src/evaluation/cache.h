/* SPDX-License-Identifier: Apache-2.0 */
/* Templates of pictures enrolled before, in a file: what a run that was stopped goes on from. */
#ifndef GATEHOUSE_SRC_EVALUATION_CACHE_H
#define GATEHOUSE_SRC_EVALUATION_CACHE_H

#include <stdbool.h>

#include "gatehouse/base/error.h"
#include "gatehouse/crypto/hash.h"
#include "gatehouse/vision/template.h"

/* What enrolling a picture gave; reference and faces only where status is GH_OK. */
struct gh_enrolled {
	enum gh_status status;
	uint32_t faces;
	struct gh_template reference;
};

/*
 * The file: a head with the model chain, then records of one size, each with the hash of a picture,
 * what came of it, and a check sum. It holds templates, which are personal data: mode 0600, not
 * sealed, kept until its owner removes it. One run at a time holds it (flock).
 */
struct gh_cache;

/*
 * Open or make a file. From the first record that is cut off or damaged on, it is cut and written
 * anew: those pictures are enrolled again.
 *
 * GH_OK         the caller closes *cache.
 * GH_MALFORMED  the file is something else. GH_CONFLICT: templates of another model chain.
 * GH_BUSY       another run has it. GH_DENIED, GH_IO, GH_FULL, GH_NO_MEMORY.
 * Nothing is changed in a file that is refused. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_cache_open(const char *path, const struct gh_model_chain *chain,
	struct gh_cache **cache, struct gh_error *error);

/* Sync and close. NULL safe. */
void gh_cache_close(struct gh_cache *cache);

/* Pictures in the file. */
size_t gh_cache_count(const struct gh_cache *cache);

/* GH_OK; GH_NOT_FOUND: that picture is not there; GH_IO. Any thread. */
GH_MUST_USE enum gh_status gh_cache_find(struct gh_cache *cache, const struct gh_sha256 *picture,
	struct gh_enrolled *outcome, struct gh_error *error);

/* Add a picture. GH_OK, GH_FULL, GH_IO, GH_NO_MEMORY. Any thread. */
GH_MUST_USE enum gh_status gh_cache_add(struct gh_cache *cache, const struct gh_sha256 *picture,
	const struct gh_enrolled *outcome, struct gh_error *error);

#endif
