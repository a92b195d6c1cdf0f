/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simulated presentations: people before the camera, and pictures of them on paper, screens and
 * masks, all made by code from one photograph.
 *
 * They are simulations. A figure measured on them says how well the detector tells these pictures
 * apart, not how well it does on prints and screens held before a camera.
 */
#ifndef GATEHOUSE_TESTS_SUPPORT_VISION_SIMULATION_H
#define GATEHOUSE_TESTS_SUPPORT_VISION_SIMULATION_H

#include <stdbool.h>
#include <stdint.h>

#include "gatehouse/vision/picture.h"

/* What the camera shows: the stand-here zone of a frame of 1280 x 720, at its scale. */
#define SIMULATION_WIDTH_PX 640
#define SIMULATION_HEIGHT_PX 600

/* Species of attack instruments, as ISO/IEC 30107-3 calls them; the first is none. */
#define SIMULATION_SPECIES(X) \
	X(BONA_FIDE, "bona_fide")     /* a head that turns a little */ \
	X(HALFTONE, "halftone_print") /* a raster of ink dots, no border in sight */ \
	X(DITHER, "inkjet_print")     /* error-diffused dots, no border in sight */ \
	X(MOIRE, "screen_moire")      /* a screen, no bezel in sight */ \
	X(BEZEL, "screen_bezel")      /* a screen within its bezel */ \
	X(GLARE, "screen_glare")      /* a screen behind glass that mirrors a lamp */ \
	X(BORDER, "paper_border")     /* a smooth photograph on paper, its edges in sight */ \
	X(BORDER_HALFTONE, "border_halftone") \
	X(REPRINT, "blurred_reprint") /* a soft copy of a copy, no border in sight */ \
	X(MASK, "paper_mask")         /* a printed face with eye holes, worn */ \
	X(BENT, "bent_paper")         /* a print bent around the head */

enum simulation_species {
#define SIMULATION_ENUM(name, word) SIMULATION_##name,
	SIMULATION_SPECIES(SIMULATION_ENUM)
#undef SIMULATION_ENUM
	SIMULATION_SPECIES_COUNT
};

const char *simulation_word(enum simulation_species species);

/* One frame of one presentation. */
struct simulation_take {
	enum simulation_species species;
	bool unseen;    /* a variant of the instrument kept out of all fitting */
	uint64_t seed;  /* the same for all frames of a presentation */
	uint32_t frame; /* 0, 1, ...; some 130 ms apart */
};

struct simulation;

/* NULL without memory. */
struct simulation *simulation_create(void);
void simulation_destroy(struct simulation *simulation);

/*
 * Draw a frame of person, a photograph with one centred face (250 x 250 as in LFW); other stands
 * behind a mask. rgb takes SIMULATION_WIDTH x SIMULATION_HEIGHT x 3. False: not such a picture.
 */
bool simulation_draw(struct simulation *simulation, const struct gh_picture *person,
	const struct gh_picture *other, const struct simulation_take *take, uint8_t *rgb);

/* The camera's file (JPEG) of the frame drawn last; until the next one is drawn. */
struct gh_view simulation_file(const struct simulation *simulation);

#endif
