/* SPDX-License-Identifier: Apache-2.0 */
/* A site's own presentations, bona fide and attacks: their list, and their way to cases. */
#ifndef GATEHOUSE_EVALUATION_PRESENTATIONS_H
#define GATEHOUSE_EVALUATION_PRESENTATIONS_H

#include "gatehouse/evaluation/attack.h"

#ifdef __cplusplus
extern "C" {
#endif

struct gh_examiner;

/** Limits of a list. */
#define GH_PRESENTATIONS_BYTES_MAX (16u * 1024u * 1024u)
#define GH_PRESENTATIONS_FRAMES_MAX 200000u

/** One frame of a presentation, in the order of the list. */
struct gh_presentation_frame {
	const char *file;      /**< path, joined with the list's folder unless absolute */
	uint32_t line;         /**< of the list, from 1 */
	uint32_t presentation; /**< its number, from 0, in order of first mention */
};

/** One presentation: one attempt before the camera, of one or more frames. */
struct gh_presentation {
	uint32_t identity; /**< number, from 0, in order of first mention */
	uint32_t species;  /**< 0: bona fide; else its word is species[n] */
};

/** A list of them. Owns its texts; zero-initialised is empty and valid. */
struct gh_presentations {
	struct gh_presentation_frame *frames; /**< grouped by presentation */
	size_t frame_count;
	struct gh_presentation *list;
	size_t count;
	uint32_t identity_count;
	uint32_t species_count; /**< bona fide included */
	const char *species[GH_ATTACK_SPECIES_MAX];
	char *texts;
};

/**
 * Parse the text of a list: tab-separated lines, the first of which names the
 * columns. `file` and `species` must be among them; an empty species is bona
 * fide. `identity` may be there (whose face is shown; without it everybody is
 * counted as another one) and `presentation` (frames of the same word belong
 * together and to one identity and species; without it each file is one
 * presentation). Others are passed over.
 *
 * name is what errors call the list ("name:line: reason"); folder is put before
 * relative paths. Errors never contain an identity or a file.
 * GH_OK: the caller finishes *made. GH_MALFORMED, GH_TOO_LARGE, GH_NO_MEMORY:
 * *made is empty. Any thread; does not block.
 */
GH_MUST_USE enum gh_status gh_presentations_parse(const char *name, const char *folder,
	struct gh_view text, struct gh_presentations *made, struct gh_error *error);

/** Read and parse a file; also the statuses of gh_file_read(). Blocks for the disk. */
GH_MUST_USE enum gh_status gh_presentations_read(
	const char *path, struct gh_presentations *made, struct gh_error *error);

/** Wipe and free. NULL safe. */
void gh_presentations_finish(struct gh_presentations *presentations);

/**
 * Show all of them to an examiner. cases has room for 2 * count: first each
 * presentation after all its frames, then, from count on, each after its first
 * frame alone, as a lane may end a capture. One without a face comes back as not
 * acquired. case.number is the presentation's. `seen` (may be NULL) is told
 * after each one; false stops.
 *
 * GH_OK; GH_CANCELLED; what a frame that cannot be read or decoded gave, with
 * the line of the list; GH_INTERNAL. Blocks some 20 ms for each frame.
 */
GH_MUST_USE enum gh_status gh_presentations_examine(const struct gh_presentations *presentations,
	struct gh_examiner *examiner, bool (*seen)(void *ctx, size_t done), void *ctx,
	struct gh_attack_case *cases, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
