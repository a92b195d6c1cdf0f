/* SPDX-License-Identifier: Apache-2.0 */
/* Voyages of specimen persons as real bundles, and a gallery to load them into. */
#ifndef GATEHOUSE_TESTS_SUPPORT_GALLERY_SPECIMEN_VOYAGE_H
#define GATEHOUSE_TESTS_SUPPORT_GALLERY_SPECIMEN_VOYAGE_H

#include "gatehouse/base/clock.h"
#include "gatehouse/gallery/gallery.h"
#include "support/gallery/fake_enroller.h"

#define SPECIMEN_NOW_MS 1700000000000ll /* 2023-11-14 */
#define HOUR_MS (60ll * 60 * 1000)

/* A voyage being written. Person i is specimen i: the same one on every voyage. */
struct specimen_voyage {
	struct gh_voyage voyage;
	struct fake_portrait portraits[64][GH_PERSON_PORTRAITS_MAX]; /* of the first persons */
};

/* Voyage `name` of a version, departing in two hours, with persons and portraits each. */
void specimen_init(struct specimen_voyage *specimen, uint8_t name, uint32_t version, size_t persons,
	uint32_t portraits);
void specimen_finish(struct specimen_voyage *specimen);

/* Write it into folder and open it. Ends the program on failure. */
struct gh_bundle *specimen_bundle(struct specimen_voyage *specimen, const char *folder);

/* The id of a voyage of this name. */
struct gh_id specimen_id(uint8_t name);

/* A gallery with its calibration, clock and key provider. */
struct specimen_gallery {
	struct gh_calibration *calibration;
	struct gh_provider *provider;
	struct gh_clock_manual clock;
	struct gh_gallery_options options;
	struct gh_gallery *gallery;
	char folder[256];
	char bundles[256];
};

/* Set up below folder; `start` makes the gallery, again after `stop`. */
void specimen_gallery_init(struct specimen_gallery *set, const char *folder);
enum gh_status specimen_gallery_start(struct specimen_gallery *set, struct gh_error *error);
void specimen_gallery_stop(struct specimen_gallery *set);
void specimen_gallery_finish(struct specimen_gallery *set);

/* Load and give the specimen's bundle to the gallery; it is closed when refused. */
enum gh_status specimen_load(struct specimen_gallery *set, struct specimen_voyage *specimen);

/* Enrol until nothing waits; ends the program when that does not come. */
void specimen_enrol_all(struct specimen_gallery *set);

#endif
