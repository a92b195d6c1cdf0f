/* SPDX-License-Identifier: Apache-2.0 */
/* The gallery: reference templates of the active voyages, searched exactly. */
#ifndef GATEHOUSE_GALLERY_GALLERY_H
#define GATEHOUSE_GALLERY_GALLERY_H

#include "gatehouse/base/bytes.h"
#include "gatehouse/crypto/provider.h"
#include "gatehouse/gallery/calibration.h"
#include "gatehouse/gallery/keys.h"
#include "gatehouse/manifest/bundle.h"
#include "gatehouse/vision/enrol.h"
#include "gatehouse/vision/template.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Voyages held at once, and candidates returned. */
#define GH_GALLERY_VOYAGES_MAX 32
#define GH_CANDIDATES_MAX 5

/** A voyage is erased this long after its departure or last scheduled passage. */
#define GH_GALLERY_ERASED_AFTER_MS (2 * 60 * 60 * 1000ll)

/** How a gallery is set up. Pointers are borrowed for the gallery's life. */
struct gh_gallery_options {
	const char *folder;           /**< sealed templates are kept here; copied */
	struct gh_provider *provider; /**< wraps the one key of each voyage */
	const struct gh_calibration *calibration;
	const struct gh_clock *clock;
	struct gh_model_chain chain; /**< of the templates */
	uint64_t rows_max;           /**< templates in all */
	double fpir_target;
	double fmr_claim;         /**< one_to_one */
	double fmr_look_alike;    /**< pairs at or above this score are look-alikes */
	uint32_t padding_rows;    /**< strangers added to each voyage; demo only */
	int64_t active_before_ms; /**< a voyage is searched from departure - this */
	int64_t active_after_ms;  /**< and until departure (passage end) + this */
	int64_t kept_max_ms;      /**< erased at latest this long after loading */

	/** Told of each key deleted (keys.h), on the thread that did it; NULL: nobody. */
	enum gh_status (*erased)(
		void *ctx, const struct gh_gallery_erased *story, struct gh_error *error);
	void *erased_ctx;
};

struct gh_gallery;

/**
 * Make a gallery and load what its folder holds (templates already enrolled,
 * under the voyage's wrapped key; damaged or foreign files are set aside and
 * logged), without those whose time is over.
 *
 * GH_OK        the caller owns *gallery.
 * GH_SETTINGS  the calibration is of another model chain than the templates.
 * GH_NO_MEMORY, or the statuses of gh_folder_make(). Blocks for the disk: about
 * half a second for 6,000 persons of three portraits.
 */
GH_MUST_USE enum gh_status gh_gallery_create(const struct gh_gallery_options *options,
	struct gh_gallery **gallery, struct gh_error *error);

/** Wipe and free. NULL safe. */
void gh_gallery_destroy(struct gh_gallery *gallery);

/**
 * Take a bundle up as the newest version of its voyage: persons at once,
 * portraits into the queue of the enrolment thread. The older version serves
 * until the new one is complete, but whom the new one removes is not matched
 * from here on, also after a restart. Unchanged portraits are not enrolled again.
 *
 * GH_OK        the gallery owns bundle and closes it.
 * GH_EXISTS    this version or a newer one is there; bundle stays the caller's,
 *              as on every other failure.
 * GH_FULL      rows_max or GH_GALLERY_VOYAGES_MAX would be passed.
 * GH_REFUSED   the voyage's time is over by the clock: it would be erased at once.
 * GH_MALFORMED, GH_NO_MEMORY.
 * Any thread. Does not enrol; blocks for one small file.
 */
GH_MUST_USE enum gh_status gh_gallery_load(
	struct gh_gallery *gallery, struct gh_bundle *bundle, struct gh_error *error);

/** Take a voyage out and erase its key and file. GH_OK or GH_NOT_FOUND. Any thread. */
GH_MUST_USE enum gh_status gh_gallery_drop(
	struct gh_gallery *gallery, const struct gh_id *voyage, struct gh_error *error);

/** Drop every voyage whose time is over. Returns how many. Any thread. */
size_t gh_gallery_expire(struct gh_gallery *gallery);

/**
 * Enrol the next portrait that waits; the enrolment thread calls it in a loop.
 *
 * GH_OK           one step was done (also when a portrait was unusable: see the
 *                 check); padding, the check and storing are steps as well.
 * GH_NOT_FOUND    none waits.
 * GH_NO_MEMORY    nothing was done; call again later.
 * GH_CONFLICT     the enroller makes templates of another model chain.
 * GH_WRONG_STATE  another thread is inside.
 * GH_IO, GH_FULL, GH_DENIED: the finished voyage could not be stored; it serves.
 * One thread. Blocks for one enrolment, or for storing a finished voyage.
 */
GH_MUST_USE enum gh_status gh_gallery_enrol_next(
	struct gh_gallery *gallery, struct gh_enroller *enroller, struct gh_error *error);

/** A person found. Points into nothing: all by value, personal, to be wiped. */
struct gh_candidate {
	struct gh_id voyage;
	uint32_t voyage_version;
	char carrier[4]; /**< of the voyage, for the record */
	char voyage_number[9];
	struct gh_person person;
	float score;             /**< highest over the person's templates */
	double fmr;              /**< at that score */
	bool look_alike;         /**< somebody else in the gallery looks like this person */
	int reference_age_years; /**< of the best portrait; -1 unknown */
};

/**
 * What a search gave. Padding takes part and counts in persons and templates,
 * but is never a candidate: whoever looks like a stranger only is not found.
 */
struct gh_search {
	struct gh_candidate candidates[GH_CANDIDATES_MAX]; /**< best first, one per person */
	size_t count;
	uint64_t persons;         /**< N searched */
	uint64_t templates;       /**< N * k searched */
	uint64_t persons_without; /**< listed and active, but no usable portrait */
	bool complete;            /**< no enrolment is outstanding in the active voyages */
	struct gh_threshold threshold;
};

/**
 * Search the active voyages. Exact: the int8 pass keeps every row within twice
 * its proven error bound of the best, the rest is re-ranked in float.
 *
 * GH_OK         *search is set, count 0 in an empty gallery; the caller wipes.
 * GH_NOT_FOUND  no voyage is active.
 * GH_BUSY       persons were removed again and again meanwhile: try once more.
 * GH_MALFORMED  the probe is no unit vector. GH_NO_MEMORY.
 * On failure *search is empty. Any thread, several at once. Blocks for the
 * search only (no disk).
 */
GH_MUST_USE enum gh_status gh_gallery_search(struct gh_gallery *gallery,
	const struct gh_template *probe, struct gh_search *search, struct gh_error *error);

/**
 * Compare with the person whose document is claimed, in the active voyages.
 *
 * GH_OK         *search has that person as the only candidate, threshold as for
 *               one_to_one; templates is 0 if no portrait is usable.
 * GH_NOT_FOUND  nobody (or nobody active) has the document.
 * GH_CONFLICT   several persons have it.
 * GH_BUSY, GH_MALFORMED as gh_gallery_search(). Any thread.
 */
GH_MUST_USE enum gh_status gh_gallery_verify(struct gh_gallery *gallery, const char *number,
	const char *issuer, const struct gh_template *probe, struct gh_search *search,
	struct gh_error *error);

/** What is in the gallery now, for health and screens: numbers only. */
struct gh_gallery_state {
	uint32_t voyages;
	uint32_t voyages_active;
	uint64_t persons;
	uint64_t templates;
	uint64_t padding;
	uint64_t waiting;     /**< portraits not enrolled yet */
	uint64_t unusable;    /**< portraits without a template */
	uint64_t look_alikes; /**< pairs of persons */
};

/** The state now. Any thread. */
struct gh_gallery_state gh_gallery_state(struct gh_gallery *gallery);

/** One voyage held, for the uplink's If-None-Match and for screens. */
struct gh_gallery_voyage {
	struct gh_id id;
	uint32_t version; /**< newest taken up */
	struct gh_sha256 hash;
	bool active;
	bool test;
	int64_t departure_ms;
};

/**
 * Whether a voyage was erased or refused because its time is over, and still is
 * by the clock; *hash is then that of its bundle. Who brings voyages asks here,
 * or it would bring what is erased again and again. The last 128 are known, not
 * over a restart. Any thread.
 */
bool gh_gallery_ended(
	struct gh_gallery *gallery, const struct gh_id *voyage, struct gh_sha256 *hash);

/** List the voyages held; returns the count, at most GH_GALLERY_VOYAGES_MAX. */
size_t gh_gallery_voyages(struct gh_gallery *gallery, struct gh_gallery_voyage *voyages);

/** One finding of the health check made when a voyage is complete. */
struct gh_gallery_finding {
	struct gh_id voyage;
	uint32_t row;          /**< of the person */
	uint32_t other_row;    /**< of the look-alike; 0: unusable portrait */
	uint32_t portrait;     /**< index; unusable portrait only */
	enum gh_status status; /**< why the portrait is unusable */
	enum gh_reason reason; /**< or what makes it doubtful */
	float score;           /**< of the pair */
};

/**
 * Call back for each finding of a voyage (NULL: all). The callback runs on
 * this thread without a lock held.
 */
GH_MUST_USE enum gh_status gh_gallery_check(struct gh_gallery *gallery, const struct gh_id *voyage,
	void (*call)(void *ctx, const struct gh_gallery_finding *finding), void *ctx,
	struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
