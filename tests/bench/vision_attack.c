/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Presentation attack detection on simulated attacks: fits the parameters on one half of the people
 * and of the attack settings, and measures on the other half of the people, on settings like those
 * fitted and on variants that no fit has seen.
 *
 *	vision_attack [--people N] [--half 0|1] [--cues FILE] [--write FILE] [--cost]
 *
 * --people  of each half (40); --half takes the cues of one half only, for two runs at once
 * --cues    where cues are kept: presentations found there are not drawn again
 * --write   the file of parameters to write; without it nothing is written
 * --cost    time the cues on a frame of 1280 x 720 instead
 *
 * Needs GATEHOUSE_TEST_DATA/faces (research only). Simulated attacks only; not tested at iBeta
 * level 1 or 2.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gatehouse/base/file.h"
#include "gatehouse/evaluation/attack.h"

#include "attack/scan.h"
#include "chain.h"
#include "support/drawn_face.h"
#include "support/vision/models.h"
#include "support/vision/simulation.h"

enum {
	WIDTH = SIMULATION_WIDTH_PX,
	HEIGHT = SIMULATION_HEIGHT_PX,
	FRAMES = 2,       /* of a presentation */
	BONA_FIDE = 4,    /* presentations of a person */
	PEOPLE_MAX = 800, /* of a half */
	CASES_MAX = 60000,
};

static char *people[2 * PEOPLE_MAX];
static uint32_t person_count;
static struct gh_attack_case cases[CASES_MAX];
static size_t case_count;
static uint8_t rgb[3 * WIDTH * HEIGHT];

struct bench {
	struct gh_chain chain;
	struct gh_attack_scan scan;
	struct simulation *simulation;
	struct gh_faces faces;
	FILE *cues;
};

static void must(enum gh_status status, const struct gh_error *error)
{
	if (status == GH_OK)
		return;
	fprintf(stderr, "vision_attack: %s\n", error->text);
	exit(1);
}

/* The first picture of each person of the index, in its order. */
static bool list_people(void)
{
	char path[4096], line[1024], last[512] = "";
	FILE *index = fopen(models_data_path("faces/index.tsv", path), "r");

	if (!index)
		return false;
	while (fgets(line, sizeof(line), index) && person_count < 2 * PEOPLE_MAX) {
		char *tab = strchr(line, '\t');

		if (!tab || !strncmp(line, "identity\t", 9))
			continue;
		*tab = '\0';
		if (!strcmp(line, last) || strlen(line) >= sizeof(last))
			continue;
		strcpy(last, line);
		tab[1 + strcspn(tab + 1, "\t\r\n")] = '\0';
		people[person_count++] = strdup(tab + 1);
	}
	fclose(index);
	return person_count > 2;
}

static void load(uint32_t person, struct gh_picture *picture)
{
	struct gh_error error = GH_ERROR_NONE;
	struct gh_bytes file = GH_BYTES_EMPTY;
	char name[1024], path[4096];

	snprintf(name, sizeof(name), "faces/%s", people[person % person_count]);
	must(gh_file_read(models_data_path(name, path), GH_PICTURE_BYTES_MAX, &file, &error),
		&error);
	must(gh_picture_decode(gh_bytes_view(&file), picture, &error), &error);
	gh_bytes_finish(&file);
}

/* The face nearest to the middle: what stands behind a sheet may be found as well. */
static const struct gh_face *subject_of(const struct gh_faces *faces)
{
	const struct gh_face *best = NULL;
	float least = INFINITY;

	for (uint32_t i = 0; i < faces->count; i++) {
		struct gh_point at = gh_box_centre(&faces->list[i].box);
		float far = hypotf(at.x - 0.5f * WIDTH, at.y - 0.5f * HEIGHT) -
			gh_box_height(&faces->list[i].box);

		if (faces->list[i].score > 0.8f && far < least) {
			least = far;
			best = &faces->list[i];
		}
	}
	return best;
}

static void look(struct bench *bench)
{
	struct gh_image image = { rgb, WIDTH, HEIGHT, 3 * WIDTH };
	struct gh_canvas canvas = { &image, 0.0f };
	struct gh_stage stage = gh_stage_whole(&image);
	struct gh_description description;
	struct gh_quality quality;
	struct gh_error error = GH_ERROR_NONE;
	const struct gh_face *face;
	struct gh_attack_view view;

	must(gh_chain_detect(&bench->chain, &canvas, &bench->faces, &error), &error);
	face = subject_of(&bench->faces);
	if (!face)
		return;
	memset(&quality, 0, sizeof(quality));
	must(gh_chain_describe(&bench->chain, &image, face, &stage, &description, &quality, &error),
		&error);
	view = (struct gh_attack_view){ &image, &face->box, &description.landmarks,
		bench->chain.aligned, description.has_liveness, description.attack_log_odds };
	gh_attack_scan_add(&bench->scan, &view);
}

static bool has_case(const struct gh_attack_case *wanted)
{
	for (size_t i = 0; i < case_count; i++)
		if (cases[i].identity == wanted->identity && cases[i].species == wanted->species &&
			cases[i].unseen == wanted->unseen && cases[i].number == wanted->number)
			return true;
	return false;
}

static void keep(struct bench *bench, const struct gh_attack_case *made)
{
	if (case_count < CASES_MAX)
		cases[case_count++] = *made;
	if (!bench->cues)
		return;
	fprintf(bench->cues, "%u %u %d %u %d", made->identity, made->species, made->unseen,
		made->number, made->acquired);
	for (int i = 0; i < GH_ATTACK_CUE_COUNT; i++)
		if (made->cues[i].assessed)
			fprintf(bench->cues, " %.6g", (double)made->cues[i].native);
		else
			fprintf(bench->cues, " -");
	fputc('\n', bench->cues);
	fflush(bench->cues);
}

static void present(struct bench *bench, struct gh_attack_case *wanted)
{
	struct simulation_take take = { (enum simulation_species)wanted->species, wanted->unseen,
		wanted->identity * 16 + wanted->number, 0 };
	struct gh_picture person, other;
	struct gh_attack attack;

	if (has_case(wanted))
		return;
	load(wanted->identity, &person);
	load(wanted->identity + 74, &other);
	gh_attack_scan_wipe(&bench->scan);
	for (; take.frame < FRAMES; take.frame++) {
		if (!simulation_draw(bench->simulation, &person, &other, &take, rgb))
			must(GH_INTERNAL,
				&(struct gh_error){ .text = "a picture of another size" });
		look(bench);
	}
	gh_attack_scan_conclude(&bench->scan, &attack);
	wanted->acquired = attack.frames > 0;
	memcpy(wanted->cues, attack.cues, sizeof(attack.cues));
	keep(bench, wanted);
	gh_picture_finish(&person);
	gh_picture_finish(&other);
}

/* Everything of one person: even ones are fitted on, odd ones are measured. */
static void present_all(struct bench *bench, uint32_t person)
{
	for (uint32_t s = 0; s < SIMULATION_SPECIES_COUNT; s++)
		for (uint32_t n = 0; n < (s == 0 ? BONA_FIDE : 1 + person % 2); n++) {
			struct gh_attack_case wanted = { .identity = person, .species = s };

			wanted.unseen = s > 0 && n > 0;
			wanted.number = n;
			present(bench, &wanted);
		}
}

/* The next word of a line, which is moved on behind it; false at its end. */
static bool take_word(const char **line, char word[32])
{
	size_t length;

	*line += strspn(*line, " \n");
	length = strcspn(*line, " \n");
	if (length == 0 || length >= 32)
		return false;
	memcpy(word, *line, length);
	word[length] = '\0';
	*line += length;
	return true;
}

static bool read_case(const char *line, struct gh_attack_case *made)
{
	char word[32];
	uint32_t head[5];

	memset(made, 0, sizeof(*made));
	for (int i = 0; i < 5; i++) {
		if (!take_word(&line, word))
			return false;
		head[i] = (uint32_t)strtoul(word, NULL, 10);
	}
	made->identity = head[0];
	made->species = head[1];
	made->unseen = head[2] != 0;
	made->number = head[3];
	made->acquired = head[4] != 0;
	for (int i = 0; i < GH_ATTACK_CUE_COUNT; i++) {
		if (!take_word(&line, word))
			return false;
		made->cues[i].assessed = strcmp(word, "-") != 0;
		made->cues[i].native = made->cues[i].assessed ? strtof(word, NULL) : 0.0f;
	}
	return made->species < SIMULATION_SPECIES_COUNT;
}

static void open_cues(struct bench *bench, const char *path)
{
	char line[1024];
	FILE *old = fopen(path, "r");

	while (old && fgets(line, sizeof(line), old) && case_count < CASES_MAX)
		case_count += read_case(line, &cases[case_count]);
	if (old)
		fclose(old);
	bench->cues = fopen(path, "a");
}

static void open_bench(struct bench *bench, const struct gh_vision_options *options)
{
	struct gh_error error = GH_ERROR_NONE;

	must(gh_chain_init(&bench->chain, options, (struct gh_extent){ 1280, 720 }, GH_CHAIN_LIVE,
		     &error),
		&error);
	must(gh_attack_scan_init(&bench->scan, NULL, 50, &error), &error);
	bench->simulation = simulation_create();
	if (!bench->simulation)
		exit(1);
}

static size_t select_cases(bool test, bool unseen, struct gh_attack_case *to)
{
	size_t count = 0;

	for (size_t i = 0; i < case_count; i++)
		if ((cases[i].identity % 2 == 1) == test && cases[i].acquired &&
			(cases[i].species == 0 || cases[i].unseen == unseen))
			to[count++] = cases[i];
	return count;
}

static void print_rate(const struct gh_attack_rate *rate)
{
	printf("  %5.1f (%4.1f to %5.1f)", 100 * rate->rate, 100 * rate->low, 100 * rate->high);
}

static void print_rows(const struct gh_attack_parameters *parameters, bool unseen)
{
	static struct gh_attack_case chosen[CASES_MAX];
	size_t count = select_cases(true, unseen, chosen);

	printf("\n%s\n%-18s %5s  %-22s  %-22s  %-22s\n",
		unseen ? "variants of the instruments that no fit has seen"
		       : "settings like those fitted, other people",
		"species", "shown", "all cues", "without fr_liveness", "fr_liveness alone");
	for (uint32_t s = 0; s < SIMULATION_SPECIES_COUNT; s++) {
		struct gh_attack_rate rates[3];

		gh_attack_measure_species(chosen, count, s, parameters, 50, rates);
		printf("%-18s %5u", simulation_word((enum simulation_species)s), rates[0].shown);
		for (int i = 0; i < 3; i++)
			print_rate(&rates[i]);
		printf("%s\n", s == 0 ? "  called attack (BPCER)" : "");
	}
}

static int compare_scores(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x < y) - (x > y);
}

/* Limits after the fact, at which exactly 5 % of the bona fide measured here are called. */
static void move_limits(struct gh_attack_fusion *fusion)
{
	static float scores[CASES_MAX];
	size_t count = 0;

	for (size_t i = 0; i < case_count; i++)
		if (cases[i].species == 0 && cases[i].acquired && cases[i].identity % 2 == 1)
			scores[count++] = gh_attack_score(fusion, cases[i].cues);
	qsort(scores, count, sizeof(scores[0]), compare_scores);
	for (int i = 0; i < GH_ATTACK_BPCER_COUNT && count > 0; i++)
		fusion->limits[i] = nextafterf(scores[count / 20], INFINITY);
}

static int report(const char *path)
{
	static struct gh_attack_case chosen[CASES_MAX];
	size_t count = select_cases(false, false, chosen);
	struct gh_attack_parameters parameters = { .simulated_only = true };
	struct gh_error error = GH_ERROR_NONE;
	size_t lost = 0;

	snprintf(parameters.data_set, sizeof(parameters.data_set),
		"simulations from LFW deep-funneled (research only)");
	must(gh_attack_fit(chosen, count, &parameters, &error), &error);
	for (size_t i = 0; i < case_count; i++)
		lost += !cases[i].acquired;
	printf("%u people, %u bona fide and %u attack presentations fitted on; %zu of %zu shown "
	       "gave no face\n%s\n%% called attack (95 %% interval by identity), limits set for "
	       "5 %% of the bona fide fitted on\n",
		parameters.people, parameters.bona_fide, parameters.attacks, lost, case_count,
		GH_ATTACK_CAVEAT);
	print_rows(&parameters, false);
	print_rows(&parameters, true);
	if (path)
		must(gh_attack_write(path, &parameters, &error), &error);
	printf("\nthe same, limits moved afterwards so that 5 %% of these bona fide are called\n");
	move_limits(&parameters.with_network);
	move_limits(&parameters.without_network);
	print_rows(&parameters, false);
	print_rows(&parameters, true);
	return 0;
}

static double now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

/* The best of many runs of all cues but the network on one large face. */
static int cost(struct bench *bench)
{
	static uint8_t large[3 * 1280 * 720];
	struct drawn_canvas canvas = { large, 1280, 720, 3 * 1280 };
	struct drawn_face drawn = drawn_face_usual(640, 330, 280);
	struct gh_image image = { large, 1280, 720, 3 * 1280 };
	struct gh_box box = { 530, 190, 750, 470 };
	struct gh_landmarks landmarks = { .has_all = true };
	static uint8_t aligned[3 * ALIGNED_PIXELS];
	struct gh_attack_view view = { &image, &box, &landmarks, aligned, false, 0.0f };
	double best = INFINITY;

	drawn_fill(&canvas, 150, 155, 160);
	drawn_face_paint(&canvas, &drawn);
	for (int i = 0; i < 300; i++) {
		double from = now_ms();

		gh_attack_scan_add(&bench->scan, &view);
		best = fmin(best, now_ms() - from);
	}
	printf("all cues but the network, one face at 1280 x 720: %.3f ms\n", best);
	return 0;
}

static const char *option(int argc, char **argv, const char *name)
{
	for (int i = 1; i + 1 < argc; i++)
		if (!strcmp(argv[i], name))
			return argv[i + 1];
	return NULL;
}

int main(int argc, char **argv)
{
	static struct bench bench;
	struct gh_vision_options options;
	const char *count = option(argc, argv, "--people"), *half = option(argc, argv, "--half");
	uint32_t each = count ? (uint32_t)atoi(count) : 40;

	if (!models_options(&options) || !list_people())
		return 77;
	open_bench(&bench, &options);
	if (argc > 1 && !strcmp(argv[1], "--cost"))
		return cost(&bench);
	if (option(argc, argv, "--cues"))
		open_cues(&bench, option(argc, argv, "--cues"));
	for (uint32_t i = 0; i < 2 * each && i < person_count; i++)
		if (!half || (uint32_t)atoi(half) == i % 2)
			present_all(&bench, i);
	if (bench.cues)
		fclose(bench.cues);
	return half ? 0 : report(option(argc, argv, "--write"));
}
