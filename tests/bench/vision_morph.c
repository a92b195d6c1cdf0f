/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The morph indicator: made and measured on morphs of portraits, one half of the people fitted on,
 * the other measured.
 *
 *	vision_morph [--people N] [--first N] [--half 0|1] [--pairs FILE] [--write FILE]
 *
 * --people  of the index that there are (640); --first: of them, those compared (all)
 * --half    only that half is compared, and nothing is reported
 * --pairs   where comparisons are kept: what is found there is not made again
 * --write   the file of parameters to write; without it nothing is written
 *
 * Who has several pictures is compared: the most frontal is the portrait, the others are live. The
 * morph is made with an accomplice's portrait as the ground: the most alike of 60 others of the
 * same half who is not taken for the person. Bona fide portraits and morphs are handled alike.
 * Fitted are both kinds with half and with three tenths of the live person, cut only; the rest is
 * measured alone.
 *
 * Needs GATEHOUSE_TEST_DATA/faces (research only).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/file.h"
#include "gatehouse/vision/enrol.h"
#include "gatehouse/vision/morph.h"

#include "chain.h"
#include "support/vision/models.h"
#include "support/vision/morph.h"

enum {
	EXIT_SKIPPED = 77,
	PEOPLE_MAX = 2000,
	PICTURES = 4,    /* of a person, at most */
	CANDIDATES = 60, /* that an accomplice is chosen from */
	STEP = 14, /* from one to the next in the index: people beside each other may be kin */
	PAIRS_MAX = 100000,
	ROUNDS = 500,
	POINTS = 15,
};

/* Two more alike than this might be one person under two names. */
#define STRANGER 0.33f

struct picture {
	char *file;
	struct gh_template reference;
	float turned; /* degrees from frontal; INFINITY without a face */
};

struct person {
	char *name;
	uint32_t count;
	struct picture pictures[PICTURES];
	bool seen;
	uint32_t portrait;
	struct gh_point points[ALL_POINTS]; /* of the portrait */
};

/* What a portrait is. */
struct species {
	const char *word;
	bool morph;
	struct morph_recipe recipe; /* share: of the live person */
	enum morph_handling handling;
	bool fitted;
};

static const struct species species[] = {
	{ "bona fide", false, { MORPH_WHOLE, 0.0f }, MORPH_CUT, true },
	{ "bona fide", false, { MORPH_WHOLE, 0.0f }, MORPH_SQUEEZED, false },
	{ "bona fide", false, { MORPH_WHOLE, 0.0f }, MORPH_PRINTED, false },
	{ "bona fide", false, { MORPH_WHOLE, 0.0f }, MORPH_SMALL, false },
	{ "whole", true, { MORPH_WHOLE, 0.5f }, MORPH_CUT, true },
	{ "spliced", true, { MORPH_SPLICED, 0.5f }, MORPH_CUT, true },
	{ "whole", true, { MORPH_WHOLE, 0.3f }, MORPH_CUT, true },
	{ "spliced", true, { MORPH_SPLICED, 0.3f }, MORPH_CUT, true },
	{ "whole", true, { MORPH_WHOLE, 0.7f }, MORPH_CUT, false },
	{ "spliced", true, { MORPH_SPLICED, 0.7f }, MORPH_CUT, false },
	{ "whole", true, { MORPH_WHOLE, 0.5f }, MORPH_SQUEEZED, false },
	{ "spliced", true, { MORPH_SPLICED, 0.5f }, MORPH_SQUEEZED, false },
	{ "whole", true, { MORPH_WHOLE, 0.5f }, MORPH_PRINTED, false },
	{ "spliced", true, { MORPH_SPLICED, 0.5f }, MORPH_PRINTED, false },
	{ "whole", true, { MORPH_WHOLE, 0.5f }, MORPH_SMALL, false },
	{ "spliced", true, { MORPH_SPLICED, 0.5f }, MORPH_SMALL, false },
};
#define SPECIES (sizeof(species) / sizeof(species[0]))
#define BONA_FIDE 4 /* of them, first */

/* One comparison. */
struct pair {
	uint32_t person;
	uint32_t species;
	float score;
};

static struct person people[PEOPLE_MAX];
static uint32_t person_count;
static struct pair pairs[PAIRS_MAX];
static size_t pair_count;
static struct gh_chain chain;
static struct gh_enroller *enroller;
static struct gh_error error;
static FILE *kept;

static void must(enum gh_status status, const char *what)
{
	if (status == GH_OK)
		return;
	fprintf(stderr, "vision_morph: %s: %s\n", what, error.text);
	exit(1);
}

/* The first people of the index. */
static bool list_people(uint32_t most)
{
	char path[4096], line[1024];
	FILE *index = fopen(models_data_path("faces/index.tsv", path), "r");
	struct person *last = NULL;

	if (!index)
		return false;
	while (fgets(line, sizeof(line), index)) {
		char *tab = strchr(line, '\t');

		if (!tab || !strncmp(line, "identity\t", 9))
			continue;
		*tab = '\0';
		tab[1 + strcspn(tab + 1, "\t\r\n")] = '\0';
		if (!last || strcmp(last->name, line) != 0) {
			if (person_count == most)
				break;
			last = &people[person_count++];
			last->name = strdup(line);
		}
		if (last->count < PICTURES)
			last->pictures[last->count++].file = strdup(tab + 1);
	}
	fclose(index);
	return person_count > 2 && person_count % 2 == 0;
}

static void read_picture(const char *file, struct gh_bytes *bytes)
{
	char name[1024], path[4096];

	snprintf(name, sizeof(name), "faces/%s", file);
	must(gh_file_read(models_data_path(name, path), GH_PICTURE_BYTES_MAX, bytes, &error), file);
}

/* A picture's template and how far it is turned; false without a face. */
static bool enrol(struct gh_view bytes, struct gh_template *reference, float *turned)
{
	struct gh_enrolment made;
	enum gh_status status = gh_enroller_enrol(enroller, bytes, &made, &error);

	if (status == GH_NO_FACE)
		return false;
	must(status, "enrol");
	*reference = made.reference;
	*turned = fabsf(made.quality.yaw_degrees) + fabsf(made.quality.pitch_degrees);
	return true;
}

/* The landmarks of the face in the middle. */
static void find_points(const struct gh_picture *picture, struct gh_point points[ALL_POINTS])
{
	struct gh_image image = { picture->rgb.data, picture->width_px, picture->height_px,
		3 * (size_t)picture->width_px };
	struct gh_canvas canvas = { &image, 0.0f };
	struct gh_stage stage = gh_stage_whole(&image);
	const struct gh_face *nearest = NULL;
	struct gh_description description;
	struct gh_quality quality;
	struct gh_faces faces;
	float least = INFINITY;

	must(gh_chain_detect(&chain, &canvas, &faces, &error), "detect");
	for (uint32_t i = 0; i < faces.count; i++) {
		struct gh_point at = gh_box_centre(&faces.list[i].box);
		float far = hypotf(at.x - 0.5f * (float)picture->width_px,
			at.y - 0.5f * (float)picture->height_px);

		if (far < least) {
			least = far;
			nearest = &faces.list[i];
		}
	}
	if (!nearest)
		must(gh_error_set(&error, GH_NO_FACE, "a face that was there is gone"), "portrait");
	memset(&quality, 0, sizeof(quality));
	must(gh_chain_describe(&chain, &image, nearest, &stage, &description, &quality, &error),
		"landmarks");
	memcpy(points, description.landmarks.all, sizeof(description.landmarks.all));
}

static void load(const struct person *person, struct gh_picture *portrait)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;

	read_picture(person->pictures[person->portrait].file, &bytes);
	must(gh_picture_decode(gh_bytes_view(&bytes), portrait, &error), "decode");
	gh_bytes_finish(&bytes);
}

/* Look at a person's pictures once; the most frontal is the portrait. */
static void see(struct person *person)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	struct gh_picture portrait;

	if (person->seen)
		return;
	person->seen = true;
	for (uint32_t i = 0; i < person->count; i++) {
		struct picture *picture = &person->pictures[i];

		read_picture(picture->file, &bytes);
		if (!enrol(gh_bytes_view(&bytes), &picture->reference, &picture->turned))
			picture->turned = INFINITY;
		if (picture->turned < person->pictures[person->portrait].turned)
			person->portrait = i;
		gh_bytes_finish(&bytes);
	}
	if (isinf(person->pictures[person->portrait].turned))
		return;
	load(person, &portrait);
	find_points(&portrait, person->points);
	gh_picture_finish(&portrait);
}

static bool has_portrait(const struct person *person)
{
	return !isinf(person->pictures[person->portrait].turned);
}

/* The most alike of others of the half, or NULL. */
static struct person *accomplice_of(uint32_t at)
{
	const struct person *person = &people[at];
	struct person *best = NULL;
	float most = -1.0f;

	for (uint32_t i = 1; i <= CANDIDATES; i++) {
		struct person *other = &people[(at + STEP * i) % person_count];
		float alike;

		see(other);
		alike = gh_template_score(&person->pictures[person->portrait].reference,
			&other->pictures[other->portrait].reference);
		if (other != person && has_portrait(other) && alike > most && alike < STRANGER) {
			most = alike;
			best = other;
		}
	}
	return best;
}

static void keep(const struct pair *made)
{
	if (pair_count < PAIRS_MAX)
		pairs[pair_count++] = *made;
	if (!kept)
		return;
	fprintf(kept, "%u %u %.6f\n", made->person, made->species, (double)made->score);
	fflush(kept);
}

static bool is_made(uint32_t person, uint32_t which)
{
	for (size_t i = 0; i < pair_count; i++)
		if (pairs[i].person == person && pairs[i].species == which)
			return true;
	return false;
}

/* One portrait of a species against every live picture of the person. */
static void compare_all(
	uint32_t at, uint32_t which, const struct gh_picture *mine, const struct gh_picture *his)
{
	const struct person *person = &people[at], *other = accomplice_of(at);
	struct morph_recipe recipe = species[which].recipe;
	struct morph_side ground = { his, other->points }, live = { mine, person->points };
	struct gh_bytes jpeg = GH_BYTES_EMPTY;
	struct gh_picture morph = { 0 };
	struct gh_template reference;
	float turned;

	if (species[which].morph && !morph_make(&ground, &live, &recipe, &morph))
		must(GH_NO_MEMORY, "morph");
	if (!morph_handle(species[which].morph ? &morph : mine, species[which].handling,
		    species[which].morph ? at * 100 + which - BONA_FIDE : at, &jpeg))
		must(GH_NO_MEMORY, "handle");
	if (enrol(gh_bytes_view(&jpeg), &reference, &turned))
		for (uint32_t i = 0; i < person->count; i++)
			if (i != person->portrait && !isinf(person->pictures[i].turned))
				keep(&(struct pair){ at, which,
					gh_template_score(
						&reference, &person->pictures[i].reference) });
	gh_picture_finish(&morph);
	gh_bytes_finish(&jpeg);
}

static void make_all(uint32_t at)
{
	struct gh_picture mine, his;
	struct person *other;

	if (people[at].count < 2 || is_made(at, SPECIES - 1))
		return;
	see(&people[at]);
	other = has_portrait(&people[at]) ? accomplice_of(at) : NULL;
	if (!other)
		return;
	load(&people[at], &mine);
	load(other, &his);
	for (uint32_t which = 0; which < SPECIES; which++)
		if (!is_made(at, which))
			compare_all(at, which, &mine, &his);
	gh_picture_finish(&mine);
	gh_picture_finish(&his);
}

static void open_pairs(const char *path)
{
	FILE *old = path ? fopen(path, "r") : NULL;
	char line[128];

	while (old && fgets(line, sizeof(line), old) && pair_count < PAIRS_MAX) {
		char *end;
		struct pair made = { (uint32_t)strtoul(line, &end, 10), 0, 0.0f };

		made.species = (uint32_t)strtoul(end, &end, 10);
		made.score = strtof(end, &end);
		if (*end == '\n' && made.species < SPECIES)
			pairs[pair_count++] = made;
	}
	if (old)
		fclose(old);
	if (path)
		kept = fopen(path, "a");
}

/* Weights of a fit: half to the bona fide, the rest in equal parts to the species of morphs. */
static double weight_of(uint32_t which, const uint32_t shown[SPECIES])
{
	uint32_t kinds = 0;

	for (uint32_t s = 0; s < SPECIES; s++)
		kinds += species[s].morph && species[s].fitted && shown[s] > 0;
	return 0.5 / shown[which] / (species[which].morph ? kinds : 1);
}

/* Logistic regression on one variable by Newton's steps, with a little pull against separation. */
static void fit(struct gh_morph_parameters *to)
{
	uint32_t shown[SPECIES] = { 0 };
	double bias = 0.0, slope = 0.0;

	for (size_t i = 0; i < pair_count; i++)
		shown[pairs[i].species] += pairs[i].person % 2 == 0;
	for (int step = 0; step < 50; step++) {
		double g[2] = { 0.0, 1e-5 * slope }, h[3] = { 1e-12, 0.0, 1e-5 }, whole;

		for (size_t i = 0; i < pair_count; i++) {
			uint32_t which = pairs[i].species;
			double x = (double)pairs[i].score, p, w;

			if (pairs[i].person % 2 != 0 || !species[which].fitted)
				continue;
			p = 1.0 / (1.0 + exp(-(bias + slope * x)));
			w = weight_of(which, shown);
			g[0] += w * (p - species[which].morph);
			g[1] += w * (p - species[which].morph) * x;
			h[0] += w * p * (1.0 - p);
			h[1] += w * p * (1.0 - p) * x;
			h[2] += w * p * (1.0 - p) * x * x;
		}
		whole = h[0] * h[2] - h[1] * h[1];
		bias -= (h[2] * g[0] - h[1] * g[1]) / whole;
		slope -= (h[0] * g[1] - h[1] * g[0]) / whole;
	}
	to->slope = (float)slope;
	to->even = (float)(-bias / slope);
}

static int rising(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

/* Whether a pair belongs to what is asked: NULL of only: all morphs that were fitted. */
static bool asked(const struct pair *pair, bool morph, const struct species *only)
{
	const struct species *of = &species[pair->species];

	if (of->morph != morph)
		return false;
	if (!only)
		return of->fitted;
	if (!morph)
		return of->handling == only->handling;
	return of == only;
}

/* Rising indicators of a half, a person as often as drawn (NULL: once). */
static size_t collect(const struct gh_morph_parameters *parameters, uint32_t half, bool morph,
	const struct species *only, const uint8_t *drawn, float *to)
{
	size_t count = 0;

	for (size_t i = 0; i < pair_count; i++) {
		uint32_t times = drawn ? drawn[pairs[i].person] : 1;

		if (pairs[i].person % 2 != half || !asked(&pairs[i], morph, only))
			continue;
		/* Without the range's bounds, at which the order of pairs would be lost. */
		for (uint32_t k = 0; k < times; k++)
			to[count++] = parameters->slope * (pairs[i].score - parameters->even);
	}
	qsort(to, count, sizeof(*to), rising);
	return count;
}

/* Indicators of both classes, and what is read off them. */
struct classes {
	float bona_fide[PAIRS_MAX];
	float morphs[PAIRS_MAX];
	size_t bona_fide_count;
	size_t morph_count;
};

static double share_below(const float *values, size_t count, float limit)
{
	size_t below = 0;

	while (below < count && values[below] < limit)
		below++;
	return count > 0 ? (double)below / (double)count : 0.0;
}

/* BPCER at the limit below which no more than this share of the morphs lies. */
static double bpcer_at(const struct classes *c, double apcer)
{
	size_t at = (size_t)(apcer * (double)c->morph_count);

	return 1.0 - share_below(c->bona_fide, c->bona_fide_count, c->morphs[at]);
}

/* The rate where both errors are nearest to equal. */
static double d_eer(const struct classes *c)
{
	double least = INFINITY, rate = NAN;
	size_t below = 0;

	for (size_t i = 0; i < c->morph_count; i++) {
		double apcer = (double)i / (double)c->morph_count, bpcer;

		while (below < c->bona_fide_count && c->bona_fide[below] < c->morphs[i])
			below++;
		bpcer = 1.0 - (double)below / (double)c->bona_fide_count;
		if (fabs(apcer - bpcer) < least) {
			least = fabs(apcer - bpcer);
			rate = 0.5 * (apcer + bpcer);
		}
	}
	return rate;
}

struct rates {
	double d_eer, bpcer_5, bpcer_10;
};

static struct rates measure(const struct gh_morph_parameters *parameters,
	const struct species *only, const uint8_t *drawn)
{
	static struct classes c;

	c.bona_fide_count = collect(parameters, 1, false, only, drawn, c.bona_fide);
	c.morph_count = collect(parameters, 1, true, only, drawn, c.morphs);
	if (c.bona_fide_count == 0 || c.morph_count == 0)
		return (struct rates){ NAN, NAN, NAN };
	return (struct rates){ d_eer(&c), bpcer_at(&c, 0.05), bpcer_at(&c, 0.10) };
}

static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* The people measured, as numbers; returns how many. */
static uint32_t list_measured(uint32_t half, uint32_t *who)
{
	bool there[PEOPLE_MAX] = { false };
	uint32_t count = 0;

	for (size_t i = 0; i < pair_count; i++)
		there[pairs[i].person] = true;
	for (uint32_t i = 0; i < PEOPLE_MAX; i++)
		if (there[i] && i % 2 == half)
			who[count++] = i;
	return count;
}

/* 95 % intervals by drawing people with replacement: low and high of each rate. */
static void bootstrap(const struct gh_morph_parameters *parameters, const struct species *only,
	struct rates *low, struct rates *high)
{
	static float found[3][ROUNDS];
	static uint32_t who[PEOPLE_MAX];
	uint32_t count = list_measured(1, who);
	uint64_t state = 1;

	for (int round = 0; round < ROUNDS; round++) {
		uint8_t drawn[PEOPLE_MAX] = { 0 };
		struct rates rates;

		for (uint32_t i = 0; i < count; i++)
			drawn[who[next(&state) % count]]++;
		rates = measure(parameters, only, drawn);
		found[0][round] = (float)rates.d_eer;
		found[1][round] = (float)rates.bpcer_5;
		found[2][round] = (float)rates.bpcer_10;
	}
	for (int i = 0; i < 3; i++)
		qsort(found[i], ROUNDS, sizeof(float), rising);
	*low = (struct rates){ (double)found[0][ROUNDS * 25 / 1000],
		(double)found[1][ROUNDS * 25 / 1000], (double)found[2][ROUNDS * 25 / 1000] };
	*high = (struct rates){ (double)found[0][ROUNDS * 975 / 1000 - 1],
		(double)found[1][ROUNDS * 975 / 1000 - 1],
		(double)found[2][ROUNDS * 975 / 1000 - 1] };
}

static void print_rate(double rate, double low, double high)
{
	printf("  %5.1f (%4.1f to %5.1f)", 100 * rate, 100 * low, 100 * high);
}

static void print_row(const struct gh_morph_parameters *parameters, const struct species *only)
{
	struct rates rates = measure(parameters, only, NULL), low, high;
	static struct classes c;

	bootstrap(parameters, only, &low, &high);
	c.bona_fide_count = collect(parameters, 1, false, only, NULL, c.bona_fide);
	c.morph_count = collect(parameters, 1, true, only, NULL, c.morphs);
	printf("%-8s %3.0f  %-8s %5zu %5zu", only ? only->word : "fitted",
		only ? 100 * (double)only->recipe.share : 0.0,
		only ? morph_handling_word(only->handling) : "together", c.bona_fide_count,
		c.morph_count);
	print_rate(rates.d_eer, low.d_eer, high.d_eer);
	print_rate(rates.bpcer_5, low.bpcer_5, high.bpcer_5);
	print_rate(rates.bpcer_10, low.bpcer_10, high.bpcer_10);
	printf("\n");
}

/* No pair weighs more than the people bear out: of so many none was seen on the wrong side. */
static void place_range(struct gh_morph_parameters *to)
{
	static struct classes c;

	to->highest = logf(1.0f + (float)to->people);
	to->lowest = -to->highest;
	c.bona_fide_count = collect(to, 0, false, NULL, NULL, c.bona_fide);
	c.morph_count = collect(to, 0, true, NULL, NULL, c.morphs);
	to->bona_fide = (uint32_t)c.bona_fide_count;
	to->morphs = (uint32_t)c.morph_count;
}

static void place_points(struct gh_morph_parameters *to)
{
	static struct classes c;

	c.bona_fide_count = collect(to, 1, false, NULL, NULL, c.bona_fide);
	c.morph_count = collect(to, 1, true, NULL, NULL, c.morphs);
	to->point_count = POINTS;
	for (uint32_t i = 0; i < POINTS; i++) {
		float at = to->lowest + (to->highest - to->lowest) * (float)i / (POINTS - 1);

		to->points[i] = (struct gh_morph_point){ at,
			(float)(1.0 - share_below(c.bona_fide, c.bona_fide_count, at)),
			(float)share_below(c.morphs, c.morph_count, at) };
	}
}

static void report(const char *path)
{
	static uint32_t who[PEOPLE_MAX];
	struct gh_morph_parameters to = { .research_only = true };
	struct rates rates, low, high;

	snprintf(to.data_set, sizeof(to.data_set),
		"morphs by landmark warping from LFW deep-funneled");
	gh_enroller_chain(enroller, &to.chain);
	to.people = list_measured(0, who);
	fit(&to);
	place_range(&to);
	to.measured_people = list_measured(1, who);
	rates = measure(&to, NULL, NULL);
	bootstrap(&to, NULL, &low, &high);
	to.d_eer = (float)rates.d_eer;
	to.d_eer_low = (float)low.d_eer;
	to.d_eer_high = (float)high.d_eer;
	place_points(&to);
	printf("fitted on %u people, %u bona fide pairs and %u of morphs; measured on %u others\n"
	       "indicator %.4g * (score - %.4g), from %.2f to %.2f; %s\n",
		to.people, to.bona_fide, to.morphs, to.measured_people, (double)to.slope,
		(double)to.even, (double)to.lowest, (double)to.highest, GH_MORPH_CAVEAT);
	printf("%-8s %3s  %-8s %5s %5s  %-21s  %-21s  %-21s\n", "morph", "%", "handled", "bona",
		"morph", "D-EER %", "BPCER % at APCER 5 %", "at APCER 10 %");
	print_row(&to, NULL);
	for (uint32_t s = 0; s < SPECIES; s++)
		if (species[s].morph)
			print_row(&to, &species[s]);
	if (path)
		must(gh_morph_write(path, &to, &error), path);
}

static const char *option(int argc, char **argv, const char *name)
{
	for (int i = 1; i + 1 < argc; i++)
		if (!strcmp(argv[i], name))
			return argv[i + 1];
	return NULL;
}

static uint32_t number(int argc, char **argv, const char *name, uint32_t otherwise)
{
	const char *given = option(argc, argv, name);

	return given ? (uint32_t)strtoul(given, NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
	uint32_t most = number(argc, argv, "--people", 640);
	uint32_t first = number(argc, argv, "--first", most);
	uint32_t half = number(argc, argv, "--half", 2);
	struct gh_extent extent = { 1280, 1280 };
	struct gh_vision_options options;

	if (!models_options(&options) || !list_people(most < PEOPLE_MAX ? most : PEOPLE_MAX)) {
		printf("vision_morph: needs the models and GATEHOUSE_TEST_DATA/faces\n");
		return EXIT_SKIPPED;
	}
	must(gh_enroller_create(&options, &enroller, &error), "enroller");
	must(gh_chain_init(&chain, &options, extent, GH_CHAIN_PORTRAITS, &error), "chain");
	open_pairs(option(argc, argv, "--pairs"));
	for (uint32_t i = 0; i < first && i < person_count; i++)
		if (half > 1 || i % 2 == half)
			make_all(i);
	if (half > 1)
		report(option(argc, argv, "--write"));
	gh_chain_finish(&chain);
	gh_enroller_destroy(enroller);
	if (kept)
		fclose(kept);
	return 0;
}
