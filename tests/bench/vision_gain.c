/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What might make templates better, each against the chain as it is, on the same pictures:
 *
 *	vision_gain [INDEX [PEOPLE]]
 *
 * Tried are test-time augmentation by scale and by shift, the five points averaged with
 * CenterFace's, the template averaged with that by CenterFace's points, and averages over two and
 * three pictures weighted by the length of the vector (which falls with the quality of a picture)
 * or by the detector's score. Only people with four pictures or more are taken, the first PEOPLE
 * of them.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/file.h"
#include "gatehouse/vision/picture.h"

#include "chain.h"
#include "support/vision/models.h"

enum {
	EXIT_SKIPPED = 77,
	PICTURES_MAX = 4000,
	PICTURES_LEAST = 4,
	SIDE_MAX_PX = 1024,
	LINE_BYTES = 4200
};

enum method {
	PLAIN,
	SCALES,
	SHIFTS,
	POINTS,
	BOTH,
	METHODS
};

static const char *const method_names[METHODS] = {
	"the chain",
	"three scales (0.96, 1, 1.04) averaged",
	"five shifts (0, 2 px each way) averaged",
	"five points averaged with CenterFace's",
	"template averaged with that by CenterFace's points",
};

/* One picture: its person, what each method gave, and what it may be weighted by. */
struct sample {
	uint32_t person;
	char file[LINE_BYTES];
	struct gh_template templates[METHODS];
	double length;
	double detection;
};

static struct sample *samples;
static size_t sample_count;
static struct gh_chain chain;
static struct gh_chain other; /* by CenterFace */
static struct gh_error error;

static void need(enum gh_status status, const char *what)
{
	if (status == GH_OK)
		return;
	fprintf(stderr, "%s: %s\n", what, error.text);
	exit(status == GH_NOT_FOUND ? EXIT_SKIPPED : 1);
}

/* The template of the picture as aligned with its targets grown and moved. */
static struct gh_template embed(const struct gh_image *image, const struct gh_point *five,
	float growth, float x_px, float y_px)
{
	static uint8_t aligned[3 * ALIGNED_PIXELS];
	struct gh_point to[FIVE_POINTS];
	struct gh_alignment alignment = { five, to, ALIGNED_SIDE_PX };
	struct gh_similarity map;
	struct gh_template made;

	for (int i = 0; i < FIVE_POINTS; i++) {
		to[i].x = 56.0f + growth * (gh_aligned_points[i].x - 56.0f) + x_px;
		to[i].y = 56.0f + growth * (gh_aligned_points[i].y - 56.0f) + y_px;
	}
	gh_align(image, &chain.reducer, &alignment, &map, aligned);
	need(gh_feature(chain.networks[GH_ROLE_EMBEDDER], aligned, true, &made, &error), "embed");
	return made;
}

static void add(struct gh_template *sum, const struct gh_template *one, double weight)
{
	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++)
		sum->values[i] += (float)(weight * (double)one->values[i]);
}

static void normalise(struct gh_template *sum)
{
	need(gh_template_normalise(sum, &error), "average");
}

static const struct gh_face *central(const struct gh_faces *faces, const struct gh_image *image)
{
	const struct gh_face *nearest = NULL;
	float least = INFINITY;

	for (uint32_t i = 0; i < faces->count; i++) {
		struct gh_point centre = gh_box_centre(&faces->list[i].box);
		float distance = hypotf(centre.x - 0.5f * (float)image->width_px,
			centre.y - 0.5f * (float)image->height_px);

		if (distance < least) {
			least = distance;
			nearest = &faces->list[i];
		}
	}
	return nearest;
}

/* Length of the vector that the network gave last, before it was brought to one. */
static double raw_length(void)
{
	const float *values = chain.networks[GH_ROLE_EMBEDDER]->outputs[0];
	double square = 0.0;

	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++)
		square += (double)values[i] * (double)values[i];
	return sqrt(square);
}

static void try_augmentation(
	const struct gh_image *image, const struct gh_point *five, struct sample *sample)
{
	static const float scales[] = { 0.96f, 1.04f };
	static const float shifts[][2] = { { 2, 0 }, { -2, 0 }, { 0, 2 }, { 0, -2 } };

	sample->templates[SCALES] = sample->templates[PLAIN];
	for (int i = 0; i < 2; i++) {
		struct gh_template one = embed(image, five, scales[i], 0.0f, 0.0f);

		add(&sample->templates[SCALES], &one, 1.0);
	}
	sample->templates[SHIFTS] = sample->templates[PLAIN];
	for (int i = 0; i < 4; i++) {
		struct gh_template one = embed(image, five, 1.0f, shifts[i][0], shifts[i][1]);

		add(&sample->templates[SHIFTS], &one, 1.0);
	}
	normalise(&sample->templates[SCALES]);
	normalise(&sample->templates[SHIFTS]);
}

static void try_points(const struct gh_image *image, const struct gh_face *face,
	const struct gh_point *five, struct sample *sample)
{
	struct gh_canvas canvas = { image, 0.0f };
	struct gh_point mean[FIVE_POINTS];
	const struct gh_face *same;
	struct gh_faces faces;
	struct gh_template one;

	need(gh_chain_detect(&other, &canvas, &faces, &error), "CenterFace");
	same = central(&faces, image);
	sample->templates[POINTS] = sample->templates[PLAIN];
	sample->templates[BOTH] = sample->templates[PLAIN];
	if (!same || gh_box_overlap(&same->box, &face->box) < 0.3f)
		return;
	for (int i = 0; i < FIVE_POINTS; i++) {
		mean[i].x = 0.5f * (five[i].x + same->points[i].x);
		mean[i].y = 0.5f * (five[i].y + same->points[i].y);
	}
	sample->templates[POINTS] = embed(image, mean, 1.0f, 0.0f, 0.0f);
	one = embed(image, same->points, 1.0f, 0.0f, 0.0f);
	add(&sample->templates[BOTH], &one, 1.0);
	normalise(&sample->templates[BOTH]);
}

static void take_sample(struct sample *sample)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	struct gh_picture picture;
	struct gh_image image;
	struct gh_canvas canvas = { &image, 0.0f };
	struct gh_landmarks landmarks;
	const struct gh_face *face;
	struct gh_faces faces;

	need(gh_file_read(sample->file, GH_PICTURE_BYTES_MAX, &bytes, &error), "picture");
	need(gh_picture_decode(gh_bytes_view(&bytes), &picture, &error), "picture");
	image = (struct gh_image){ picture.rgb.data, picture.width_px, picture.height_px,
		3 * (size_t)picture.width_px };
	need(gh_chain_detect(&chain, &canvas, &faces, &error), "detect");
	face = central(&faces, &image);
	if (!face) {
		fprintf(stderr, "a picture without a face\n");
		exit(1);
	}
	need(gh_landmark(chain.networks[GH_ROLE_LANDMARKS], &chain.resizer, &image, &face->box,
		     &landmarks, &error),
		"landmarks");
	sample->detection = (double)face->score;
	sample->templates[PLAIN] = embed(&image, landmarks.five, 1.0f, 0.0f, 0.0f);
	sample->length = raw_length();
	try_augmentation(&image, landmarks.five, sample);
	try_points(&image, face, landmarks.five, sample);
	gh_picture_finish(&picture);
	gh_bytes_finish(&bytes);
}

/* Lines of the index that name people with pictures enough; they stand together there. */
static void read_index(const char *path, uint32_t people)
{
	char line[LINE_BYTES], name[LINE_BYTES] = "", folder[LINE_BYTES];
	FILE *file = fopen(path, "r");
	uint32_t person = 0;
	size_t first = 0;
	char *slash;

	if (!file || !fgets(line, sizeof(line), file)) {
		fprintf(stderr, "%s cannot be read\n", path);
		exit(EXIT_SKIPPED);
	}
	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	*(slash ? slash : folder) = '\0';
	while (person < people && sample_count < PICTURES_MAX && fgets(line, sizeof(line), file)) {
		char *tab = strchr(line, '\t');

		line[strcspn(line, "\r\n")] = '\0';
		if (!tab)
			continue;
		*tab = '\0';
		if (strcmp(name, line) != 0) {
			if (sample_count - first < PICTURES_LEAST)
				sample_count = first;
			else
				person++;
			first = sample_count;
			snprintf(name, sizeof(name), "%s", line);
		}
		samples[sample_count].person = person;
		if (snprintf(samples[sample_count].file, LINE_BYTES, "%.2000s/%.2000s", folder,
			    tab + 1) > 0)
			sample_count++;
	}
	if (sample_count - first < PICTURES_LEAST || person == people)
		sample_count = first;
	fclose(file);
}

static int falling(const void *left, const void *right)
{
	float a = *(const float *)left;
	float b = *(const float *)right;

	return (a < b) - (a > b);
}

/* A probe, the pictures that went into it, and whose it is. */
struct probe {
	struct gh_template made;
	size_t members[3];
	size_t member_count;
	uint32_t person;
};

struct probes {
	struct probe *list;
	size_t count;
};

static bool went_into(const struct probe *probe, size_t i)
{
	for (size_t k = 0; k < probe->member_count; k++)
		if (probe->members[k] == i)
			return true;
	return false;
}

/* FNMR at three false match rates of all probes against all single pictures by one method. */
static void judge(const char *name, const struct probes *probes, enum method references)
{
	static const double targets[] = { 1e-3, 1e-4, 1e-5 };
	size_t all = probes->count * sample_count;
	float *impostors = malloc(all * sizeof(float));
	float *genuine = malloc(all * sizeof(float));
	size_t impostor_count = 0, genuine_count = 0;

	if (!impostors || !genuine)
		exit(1);
	for (size_t p = 0; p < probes->count; p++)
		for (size_t r = 0; r < sample_count; r++) {
			float score = gh_template_score(
				&probes->list[p].made, &samples[r].templates[references]);

			if (probes->list[p].person != samples[r].person)
				impostors[impostor_count++] = score;
			else if (!went_into(&probes->list[p], r))
				genuine[genuine_count++] = score;
		}
	qsort(impostors, impostor_count, sizeof(float), falling);
	printf("%-52s", name);
	for (int t = 0; t < 3; t++) {
		float limit = impostors[(size_t)(targets[t] * (double)impostor_count)];
		size_t missed = 0;

		for (size_t i = 0; i < genuine_count; i++)
			missed += genuine[i] <= limit;
		printf("  %6.2f", 100.0 * (double)missed / (double)genuine_count);
	}
	printf("\n");
	fflush(stdout);
	free(impostors);
	free(genuine);
}

enum weighting {
	EQUAL,
	BY_LENGTH,
	BY_LENGTH_FOURTH,
	BY_DETECTION
};

static double weight_of(const struct sample *sample, enum weighting weighting)
{
	switch (weighting) {
	case BY_LENGTH:
		return sample->length;
	case BY_LENGTH_FOURTH:
		return pow(sample->length, 4.0);
	case BY_DETECTION:
		return pow(sample->detection, 8.0);
	default:
		return 1.0;
	}
}

static void add_probe(struct probes *probes, const size_t *members, size_t count,
	enum method method, enum weighting weighting)
{
	struct probe *probe = &probes->list[probes->count++];

	memset(probe, 0, sizeof(*probe));
	probe->person = samples[members[0]].person;
	probe->member_count = count;
	for (size_t i = 0; i < count; i++) {
		const struct sample *sample = &samples[members[i]];

		probe->members[i] = members[i];
		add(&probe->made, &sample->templates[method], weight_of(sample, weighting));
	}
	normalise(&probe->made);
}

/* Every picture with the next ones of the person, round and round: as many probes as pictures. */
static void judge_averages(
	const char *name, size_t count, enum method method, enum weighting weighting)
{
	struct probes probes = { calloc(sample_count, sizeof(struct probe)), 0 };

	if (!probes.list)
		exit(1);
	for (size_t first = 0, end; first < sample_count; first = end) {
		for (end = first; end < sample_count; end++)
			if (samples[end].person != samples[first].person)
				break;
		for (size_t i = first; i < end; i++) {
			size_t members[3];

			for (size_t k = 0; k < count; k++)
				members[k] = first + (i - first + k) % (end - first);
			add_probe(&probes, members, count, method, weighting);
		}
	}
	judge(name, &probes, method);
	free(probes.list);
}

static void judge_all(void)
{
	printf("%-52s  FNMR %% at FMR 1e-3, 1e-4, 1e-5\n", "one picture");
	for (enum method method = 0; method < METHODS; method++)
		judge_averages(method_names[method], 1, method, EQUAL);
	for (size_t count = 2; count <= 3; count++) {
		printf("%zu pictures averaged\n", count);
		judge_averages("equal weights", count, PLAIN, EQUAL);
		judge_averages("weighted by the vector's length", count, PLAIN, BY_LENGTH);
		judge_averages("by its fourth power", count, PLAIN, BY_LENGTH_FOURTH);
		judge_averages(
			"by the eighth power of the detector's score", count, PLAIN, BY_DETECTION);
	}
}

int main(int argc, char **argv)
{
	struct gh_extent extent = { SIDE_MAX_PX, SIDE_MAX_PX };
	struct gh_vision_options options;
	char index[4096];

	models_data_path("faces/index.tsv", index);
	if (!models_options(&options) || (argc < 2 && index[0] == '\0'))
		return EXIT_SKIPPED;
	samples = calloc(PICTURES_MAX, sizeof(*samples));
	if (!samples)
		return 1;
	read_index(argc > 1 ? argv[1] : index, argc > 2 ? (uint32_t)atoi(argv[2]) : UINT32_MAX);
	need(gh_chain_init(&chain, &options, extent, GH_CHAIN_PORTRAITS, &error), "models");
	options.model_set = "fr-centerface";
	need(gh_chain_init(&other, &options, extent, GH_CHAIN_PORTRAITS, &error), "models");
	for (size_t i = 0; i < sample_count; i++) {
		take_sample(&samples[i]);
		fprintf(stderr, "\r%zu of %zu", i + 1, sample_count);
	}
	fprintf(stderr, "\n");
	printf("%zu pictures of %u people\n", sample_count,
		sample_count > 0 ? samples[sample_count - 1].person + 1 : 0);
	judge_all();
	gh_wipe(samples, PICTURES_MAX * sizeof(*samples));
	free(samples);
	gh_chain_finish(&chain);
	gh_chain_finish(&other);
	return 0;
}
