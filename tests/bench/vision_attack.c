/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Presentation attack detection on simulated attacks: fits the parameters on one part of the people
 * and of the attack settings, and measures on other people, on settings like those fitted and on
 * variants that no fit has seen.
 *
 *	vision_attack [--fit N] [--test N] [--half 0|1] [--frames DIR [--drawn-only]] [--cues FILE] 
 *	              [--write FILE] [--shots N] [--spread] [--cost]
 *
 * --fit, --test  people of either part (300, 150)
 * --half    take the cues of one half of each part only, for two runs at once
 * --frames  a folder for the drawn frames and what the networks said of them: drawn once, however
 *           often cues change; with --drawn-only what is not there is left out
 * --cues    where cues are kept: presentations found there are not looked at again
 * --shots   frames of a presentation that are judged (3)
 * --write   the file of parameters to write; without it nothing is written
 * --spread  also print how each cue is distributed for each species
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
	FRAMES = 3,    /* of a presentation, as many as a capture has at most */
	BONA_FIDE = 3, /* presentations of a person measured; one fewer of those fitted on */
	PEOPLE_MAX = 1600,
	CASES_MAX = 60000,
	JPEG_BYTES = 4 * 1024 * 1024,
};

/* One presentation: its case after all frames and after one; the face's light in grey levels. */
struct shown {
	struct gh_attack_case is;
	struct gh_attack_case first;
	float photo; /* in the photograph it was made from */
	float seen;  /* by the camera */
};

/* What the networks said of a frame. */
struct sight {
	bool found;
	struct gh_box box;
	struct gh_landmarks landmarks;
	bool has_network;
	float network;
	uint32_t jpeg_bytes;
};

static char *people[PEOPLE_MAX];
static uint32_t person_count;
static struct shown shown[CASES_MAX];
static size_t case_count;
static uint8_t rgb[3 * WIDTH * HEIGHT];

struct bench {
	struct gh_chain chain;
	struct gh_attack_scan scan;
	struct simulation *simulation;
	struct gh_faces faces;
	const char *frames;
	bool drawn_only;
	uint32_t shots;
	FILE *cues;
	uint8_t jpeg[JPEG_BYTES];
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
	while (fgets(line, sizeof(line), index) && person_count < PEOPLE_MAX) {
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

static const struct gh_image image = { rgb, WIDTH, HEIGHT, 3 * WIDTH };

static void look(struct bench *bench, struct sight *sight)
{
	struct gh_canvas canvas = { &image, 0.0f };
	struct gh_stage stage = gh_stage_whole(&image);
	struct gh_description description;
	struct gh_quality quality;
	struct gh_error error = GH_ERROR_NONE;
	const struct gh_face *face;

	memset(sight, 0, sizeof(*sight));
	must(gh_chain_detect(&bench->chain, &canvas, &bench->faces, &error), &error);
	face = subject_of(&bench->faces);
	if (!face)
		return;
	memset(&quality, 0, sizeof(quality));
	must(gh_chain_describe(&bench->chain, &image, face, &stage, &description, &quality, &error),
		&error);
	sight->found = true;
	sight->box = face->box;
	sight->landmarks = description.landmarks;
	sight->has_network = description.has_liveness;
	sight->network = description.attack_log_odds;
}

/* Mean luma of what is surely face. */
static float light_of(const uint8_t *at, uint32_t width, const uint32_t box[4])
{
	double sum = 0.0;

	for (uint32_t y = box[1]; y < box[3]; y++)
		for (uint32_t x = box[0]; x < box[2]; x++) {
			const uint8_t *p = at + 3 * (y * width + x);

			sum += 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2];
		}
	return (float)(sum / ((box[2] - box[0]) * (box[3] - box[1])));
}

static void judge(struct bench *bench, const struct sight *sight, struct shown *made)
{
	static const uint32_t inner[4] = { 30, 40, 82, 100 };
	struct gh_alignment measured = { sight->landmarks.five, gh_aligned_points,
		ALIGNED_SIDE_PX };
	struct gh_similarity map;
	struct gh_attack_view view = { &image, &sight->box, &sight->landmarks, bench->chain.aligned,
		sight->has_network, sight->network, NULL };

	if (!sight->found)
		return;
	gh_align(&image, &bench->chain.reducer, &measured, &map, bench->chain.aligned);
	made->seen = light_of(bench->chain.aligned, ALIGNED_SIDE_PX, inner);
	gh_attack_scan_add(&bench->scan, &view);
}

static const struct gh_attack_case *find_case(const struct gh_attack_case *wanted)
{
	for (size_t i = 0; i < case_count; i++) {
		const struct gh_attack_case *is = &shown[i].is;

		if (is->identity == wanted->identity && is->species == wanted->species &&
			is->unseen == wanted->unseen && is->number == wanted->number)
			return is;
	}
	return NULL;
}

static void write_cues(FILE *to, const struct gh_attack_case *is)
{
	fprintf(to, " %d", is->acquired);
	for (int i = 0; i < GH_ATTACK_CUE_COUNT; i++)
		if (is->cues[i].assessed)
			fprintf(to, " %.6g", (double)is->cues[i].native);
		else
			fprintf(to, " -");
}

static void keep(struct bench *bench, const struct shown *made)
{
	if (case_count < CASES_MAX)
		shown[case_count++] = *made;
	if (!bench->cues)
		return;
	fprintf(bench->cues, "%u %u %d %u %.1f %.1f", made->is.identity, made->is.species,
		made->is.unseen, made->is.number, (double)made->photo, (double)made->seen);
	write_cues(bench->cues, &made->is);
	write_cues(bench->cues, &made->first);
	fputc('\n', bench->cues);
	fflush(bench->cues);
}

/* Frames kept: for each what the networks said, and the camera's file. */
static void place_frames(const struct bench *bench, const struct gh_attack_case *of,
	const char *tail, char path[4096])
{
	snprintf(path, 4096, "%s/%04u-%02u-%d-%u%s", bench->frames, of->identity, of->species,
		of->unseen, of->number, tail);
}

static FILE *open_frames(const struct bench *bench, const struct gh_attack_case *of, bool write)
{
	char path[4096];

	if (!bench->frames)
		return NULL;
	place_frames(bench, of, write ? ".part" : "", path);
	return fopen(path, write ? "wb" : "rb");
}

static void close_frames(const struct bench *bench, const struct gh_attack_case *of, FILE *file)
{
	char part[4096], path[4096];

	if (!file)
		return;
	place_frames(bench, of, ".part", part);
	place_frames(bench, of, "", path);
	if (fclose(file) != 0 || rename(part, path) != 0)
		must(GH_INTERNAL, &(struct gh_error){ .text = "frames cannot be written" });
}

static bool read_frame(struct bench *bench, FILE *file, struct sight *sight, bool wanted)
{
	struct gh_error error = GH_ERROR_NONE;
	struct gh_picture picture;

	if (fread(sight, sizeof(*sight), 1, file) != 1 || sight->jpeg_bytes > JPEG_BYTES ||
		fread(bench->jpeg, 1, sight->jpeg_bytes, file) != sight->jpeg_bytes)
		return false;
	if (!wanted)
		return true;
	must(gh_picture_decode(
		     (struct gh_view){ bench->jpeg, sight->jpeg_bytes }, &picture, &error),
		&error);
	memcpy(rgb, picture.rgb.data, sizeof(rgb));
	gh_picture_finish(&picture);
	return true;
}

static void conclude(const struct bench *bench, struct gh_attack_case *to)
{
	struct gh_attack attack;

	gh_attack_scan_conclude(&bench->scan, &attack);
	to->acquired = attack.frames > 0;
	memcpy(to->cues, attack.cues, sizeof(attack.cues));
}

static bool show_again(struct bench *bench, struct shown *made)
{
	FILE *file = open_frames(bench, &made->is, false);
	struct sight sight;
	bool whole = file != NULL && fread(&made->photo, sizeof(made->photo), 1, file) == 1;

	for (uint32_t i = 0; i < FRAMES && whole; i++) {
		whole = read_frame(bench, file, &sight, i < bench->shots);
		if (whole && i < bench->shots)
			judge(bench, &sight, made);
		if (i == 0)
			conclude(bench, &made->first);
	}
	if (file)
		fclose(file);
	return whole;
}

static void show_new(struct bench *bench, struct shown *made)
{
	static const uint32_t inner[4] = { 95, 95, 155, 170 };
	const struct gh_attack_case *is = &made->is;
	struct simulation_take take = { (enum simulation_species)is->species, is->unseen,
		is->identity * 16 + is->number, 0 };
	FILE *file = open_frames(bench, is, true);
	struct gh_picture person, other;

	load(is->identity, &person);
	load(is->identity + 75, &other);
	made->photo = light_of(person.rgb.data, person.width_px, inner);
	if (file)
		fwrite(&made->photo, sizeof(made->photo), 1, file);
	for (; take.frame < (file ? FRAMES : bench->shots); take.frame++) {
		struct sight sight;
		struct gh_view jpeg;

		if (!simulation_draw(bench->simulation, &person, &other, &take, rgb))
			must(GH_INTERNAL,
				&(struct gh_error){ .text = "a picture of another size" });
		look(bench, &sight);
		jpeg = simulation_file(bench->simulation);
		sight.jpeg_bytes = (uint32_t)jpeg.length_bytes;
		if (take.frame < bench->shots)
			judge(bench, &sight, made);
		if (take.frame == 0)
			conclude(bench, &made->first);
		if (file &&
			(fwrite(&sight, sizeof(sight), 1, file) != 1 ||
				fwrite(jpeg.data, 1, jpeg.length_bytes, file) != jpeg.length_bytes))
			must(GH_INTERNAL, &(struct gh_error){ .text = "frames: disk full" });
	}
	close_frames(bench, is, file);
	gh_picture_finish(&person);
	gh_picture_finish(&other);
}

static void present(struct bench *bench, const struct gh_attack_case *wanted)
{
	struct shown made = { .is = *wanted, .first = *wanted };

	if (find_case(wanted))
		return;
	gh_attack_scan_wipe(&bench->scan);
	if (!show_again(bench, &made)) {
		if (bench->drawn_only)
			return;
		gh_attack_scan_wipe(&bench->scan);
		show_new(bench, &made);
	}
	conclude(bench, &made.is);
	keep(bench, &made);
}

/* Every third person is measured, the others are fitted on. */
static bool is_test(uint32_t person)
{
	return person % 3 == 2;
}

/* Nobody shows all species: so there are more people for the same time. */
static void present_all(struct bench *bench, uint32_t person)
{
	bool test = is_test(person);
	uint32_t attacks = SIMULATION_SPECIES_COUNT - 1;

	for (uint32_t n = 0; n < (test ? BONA_FIDE : BONA_FIDE - 1u); n++)
		present(bench, &(struct gh_attack_case){ .identity = person, .number = n });
	present(bench,
		&(struct gh_attack_case){ .identity = person,
			.species = 1 + (person / 3 + person % 3 * 2) % attacks });
	for (uint32_t n = 0; n < 2 && test; n++)
		present(bench,
			&(struct gh_attack_case){ .identity = person,
				.species = 1 + (person / 3 + n * 3) % attacks,
				.unseen = true,
				.number = 1 });
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

static float take_number(const char **line)
{
	char word[32];

	return take_word(line, word) ? strtof(word, NULL) : NAN;
}

static bool read_cues(const char **line, struct gh_attack_case *made)
{
	char word[32];

	made->acquired = take_number(line) > 0.0f;
	for (int i = 0; i < GH_ATTACK_CUE_COUNT; i++) {
		if (!take_word(line, word))
			return false;
		made->cues[i].assessed = strcmp(word, "-") != 0;
		made->cues[i].native = made->cues[i].assessed ? strtof(word, NULL) : 0.0f;
	}
	return true;
}

static bool read_case(const char *line, struct shown *to)
{
	uint32_t head[4];

	memset(to, 0, sizeof(*to));
	for (int i = 0; i < 4; i++)
		head[i] = (uint32_t)take_number(&line);
	to->is = (struct gh_attack_case){
		.identity = head[0], .species = head[1], .unseen = head[2] != 0, .number = head[3]
	};
	to->first = to->is;
	to->photo = take_number(&line);
	to->seen = take_number(&line);
	return read_cues(&line, &to->is) && read_cues(&line, &to->first) &&
		to->is.species < SIMULATION_SPECIES_COUNT;
}

static void open_cues(struct bench *bench, const char *path)
{
	char line[1024];
	FILE *old = fopen(path, "r");

	while (old && fgets(line, sizeof(line), old) && case_count < CASES_MAX)
		case_count += read_case(line, &shown[case_count]);
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

/* Whether a capture has all its frames or ends after one. */
static bool one_frame;

static const struct gh_attack_case *case_of(const struct shown *of)
{
	return one_frame ? &of->first : &of->is;
}

static size_t select_cases(bool test, bool unseen, struct gh_attack_case *to)
{
	size_t count = 0;

	for (size_t i = 0; i < case_count; i++) {
		const struct gh_attack_case *is = case_of(&shown[i]);

		if (is_test(is->identity) == test && is->acquired &&
			(is->species == 0 || is->unseen == unseen))
			to[count++] = *is;
	}
	return count;
}

static void print_rate(const struct gh_attack_rate *rate)
{
	printf("  %5.1f (%4.1f to %5.1f)", 100 * rate->rate, 100 * rate->low, 100 * rate->high);
}

static void print_row(const char *name, const struct gh_attack_rate rates[3])
{
	printf("%-22s %5u", name, rates[0].shown);
	for (int i = 0; i < 3; i++)
		print_rate(&rates[i]);
	printf("\n");
}

static struct gh_attack_case chosen[2 * CASES_MAX];

static void print_rows(const struct gh_attack_parameters *parameters, bool unseen)
{
	size_t count = select_cases(true, unseen, chosen);

	printf("\n%s, %s\n%-22s %5s  %-22s  %-22s  %-22s\n",
		unseen ? "variants of the instruments that no fit has seen"
		       : "settings like those fitted, other people",
		one_frame ? "one frame" : "all frames", "species", "shown", "all cues",
		"without fr_liveness", "fr_liveness alone");
	for (uint32_t s = 0; s < SIMULATION_SPECIES_COUNT; s++) {
		struct gh_attack_rate rates[3];

		gh_attack_measure_species(chosen, count, s, parameters, 50, rates);
		print_row(simulation_word((enum simulation_species)s), rates);
	}
}

/* Whether the limits carry over to other people, share by share. */
static void print_shares(const struct gh_attack_parameters *parameters)
{
	size_t count = select_cases(true, false, chosen);

	printf("\nbona fide of other people called attack, by the share set, %s\n",
		one_frame ? "one frame" : "all frames");
	for (int i = 0; i < GH_ATTACK_BPCER_COUNT; i++) {
		struct gh_attack_rate rates[3];
		char name[32];

		gh_attack_measure_species(
			chosen, count, 0, parameters, gh_attack_bpcers_permille[i], rates);
		snprintf(name, sizeof(name), "set %4.1f %%",
			(double)gh_attack_bpcers_permille[i] / 10.0);
		print_row(name, rates);
	}
}

static int compare_floats(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

static float light(const struct shown *of, bool seen)
{
	return seen ? of->seen : of->photo;
}

/* Bona fide in three parts of equal size, from dark faces to light ones. */
static void print_thirds(const struct gh_attack_parameters *parameters, bool seen)
{
	static const char *const words[] = { "darkest third", "middle", "lightest third" };
	static float levels[CASES_MAX];
	size_t all = 0;

	for (size_t i = 0; i < case_count; i++)
		if (shown[i].is.species == 0 && shown[i].is.acquired &&
			is_test(shown[i].is.identity))
			levels[all++] = light(&shown[i], seen);
	if (all < 3)
		return;
	qsort(levels, all, sizeof(levels[0]), compare_floats);
	printf("\nbona fide called attack by the face's light %s\n",
		seen ? "as the camera saw it" : "in the photograph it was made from");
	for (size_t third = 0; third < 3; third++) {
		float from = levels[third * all / 3];
		float to = third == 2 ? INFINITY : levels[(third + 1) * all / 3];
		struct gh_attack_rate rates[3];
		size_t count = 0;

		for (size_t i = 0; i < case_count; i++)
			if (shown[i].is.species == 0 && shown[i].is.acquired &&
				is_test(shown[i].is.identity) && light(&shown[i], seen) >= from &&
				light(&shown[i], seen) < to)
				chosen[count++] = *case_of(&shown[i]);
		gh_attack_measure_species(chosen, count, 0, parameters, 50, rates);
		print_row(words[third], rates);
	}
}

/* How a cue is distributed: 10th, 50th, 90th and 97th of a hundred. */
static void print_spread(uint32_t species, bool unseen)
{
	static float natives[CASES_MAX];
	size_t all = select_cases(true, unseen, chosen);

	printf("%-16s", simulation_word((enum simulation_species)species));
	for (int c = 0; c < GH_ATTACK_CUE_COUNT; c++) {
		size_t count = 0, of = 0;

		for (size_t i = 0; i < all; i++)
			if (chosen[i].species == species) {
				of++;
				if (chosen[i].cues[c].assessed)
					natives[count++] = chosen[i].cues[c].native;
			}
		qsort(natives, count, sizeof(natives[0]), compare_floats);
		if (count > 0)
			printf(" | %6.2f %6.2f %6.2f %6.2f %3zu%%", (double)natives[count / 10],
				(double)natives[count / 2], (double)natives[count * 9 / 10],
				(double)natives[count * 97 / 100], 100 * count / of);
	}
	printf("\n");
}

static void print_spreads(void)
{
	printf("\n%-16s", "");
	for (int c = 0; c < GH_ATTACK_CUE_COUNT; c++)
		printf(" | %-32s", gh_attack_cue_word((enum gh_attack_cue)c));
	printf("\n");
	for (uint32_t s = 0; s < SIMULATION_SPECIES_COUNT; s++)
		print_spread(s, s > 0);
}

static int report(const char *path, bool spread)
{
	size_t count = select_cases(false, false, chosen), lost = 0;
	struct gh_attack_parameters parameters = { .simulated_only = true };
	struct gh_error error = GH_ERROR_NONE;

	snprintf(parameters.data_set, sizeof(parameters.data_set),
		"simulations from LFW deep-funneled (research only)");
	/* Fitted on both, so that no cue of one frame rests on what only several show. */
	one_frame = true;
	count += select_cases(false, false, chosen + count);
	one_frame = false;
	must(gh_attack_fit(chosen, count, &parameters, &error), &error);
	parameters.bona_fide /= 2;
	parameters.attacks /= 2;
	for (size_t i = 0; i < case_count; i++)
		lost += !shown[i].is.acquired;
	printf("%u people, %u bona fide and %u attack presentations fitted on; %zu of %zu shown "
	       "gave no face\n%s\n%% called attack (95 %% interval by identity), limits set for "
	       "5 %% of the bona fide fitted on\n",
		parameters.people, parameters.bona_fide, parameters.attacks, lost, case_count,
		GH_ATTACK_CAVEAT);
	print_rows(&parameters, false);
	print_rows(&parameters, true);
	print_shares(&parameters);
	one_frame = true;
	print_rows(&parameters, true);
	print_shares(&parameters);
	one_frame = false;
	print_thirds(&parameters, false);
	print_thirds(&parameters, true);
	if (spread)
		print_spreads();
	if (path)
		must(gh_attack_write(path, &parameters, &error), &error);
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
	struct gh_image whole = { large, 1280, 720, 3 * 1280 };
	struct gh_box box = { 530, 190, 750, 470 };
	struct gh_landmarks landmarks = { .has_all = true };
	static uint8_t aligned[3 * ALIGNED_PIXELS];
	struct gh_attack_view view = { &whole, &box, &landmarks, aligned, false, 0.0f, NULL };
	double best = INFINITY;

	drawn_fill(&canvas, 150, 155, 160);
	drawn_face_paint(&canvas, &drawn);
	for (int i = 0; i < 300; i++) {
		double from = now_ms();

		/* It moves: somebody who stands still costs less. */
		for (int k = 0; k < ALL_POINTS; k++)
			landmarks.all[k].x = 640.0f + 3.0f * (float)(k + i % 2);
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

static bool has_option(int argc, char **argv, const char *name)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return false;
}

static uint32_t number(int argc, char **argv, const char *name, uint32_t usual)
{
	const char *text = option(argc, argv, name);

	return text ? (uint32_t)strtoul(text, NULL, 10) : usual;
}

int main(int argc, char **argv)
{
	static struct bench bench;
	struct gh_vision_options options;
	uint32_t left[2] = { number(argc, argv, "--fit", 300), number(argc, argv, "--test", 150) };
	uint32_t half = number(argc, argv, "--half", 2);

	if (!models_options(&options) || !list_people())
		return 77;
	open_bench(&bench, &options);
	if (has_option(argc, argv, "--cost"))
		return cost(&bench);
	bench.frames = option(argc, argv, "--frames");
	bench.drawn_only = has_option(argc, argv, "--drawn-only");
	bench.shots = number(argc, argv, "--shots", FRAMES);
	bench.shots = bench.shots < 1 ? 1 : bench.shots > FRAMES ? FRAMES : bench.shots;
	if (option(argc, argv, "--cues"))
		open_cues(&bench, option(argc, argv, "--cues"));
	for (uint32_t i = 0; i < person_count; i++) {
		if (left[is_test(i)] == 0)
			continue;
		left[is_test(i)]--;
		if (half > 1 || half == i / 3 % 2)
			present_all(&bench, i);
	}
	if (bench.cues)
		fclose(bench.cues);
	return half < 2 ? 0
			: report(option(argc, argv, "--write"), has_option(argc, argv, "--spread"));
}
