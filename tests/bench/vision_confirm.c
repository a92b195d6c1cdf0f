/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often something is taken for a face where nobody is, and how often somebody's face is
 * refused, with the second detector's word and without (src/vision/confirm.h).
 *
 *	vision_confirm [--empty N] [--people N] [--seen FOLDER] [--new FOLDER]
 *		[--only drawn|real|whole|spoilt|stream]
 *
 * --empty        pictures of each kind (1,000)
 * --people       photographs of each way to spoil them (300); of unspoilt ones all are taken
 * --seen, --new  folders of PNG and JPEG pictures without people. Seen were those of Debian's
 *                python3-skimage but astronaut and camera; new those of mate-backgrounds and those
 *                of opencv-doc that show nobody
 *
 * The limit was chosen on what is marked "seen"; the other empty pictures were never looked at for
 * it. Of the faces as they are, 778 of people of both halves were. Photographs are those of
 * GATEHOUSE_TEST_DATA/faces (research only), 64 to 420 px high in a frame. Its index has no column
 * of age, skin or sex, so nothing is told by group. Intervals are those of Wilson for 95 %.
 */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gatehouse/base/file.h"
#include "gatehouse/vision/picture.h"

#include "confirm.h"
#include "support/drawn_face.h"
#include "support/vision/empty.h"
#include "support/vision/models.h"
#include "upright.h"

enum {
	WIDTH = 800,
	HEIGHT = 720,
	PHOTOGRAPHS_MAX = 4000,
	TEXTURES_MAX = 200
};

#define SCORE_GATE 0.9f

static uint8_t rgb[3 * WIDTH * HEIGHT];
static const struct gh_image image = { rgb, WIDTH, HEIGHT, 3 * WIDTH };
static const struct drawn_canvas canvas = { rgb, WIDTH, HEIGHT, 3 * WIDTH };
static struct gh_chain chain;

static struct photograph {
	uint32_t person;
	struct gh_picture picture;
} photographs[PHOTOGRAPHS_MAX];
static uint32_t photograph_count;

static void must(enum gh_status status, const struct gh_error *error)
{
	if (status == GH_OK)
		return;
	fprintf(stderr, "vision_confirm: %s\n", error->text);
	exit(1);
}

/* Shares with 95 % intervals. */
struct share {
	uint32_t hits, trials;
};

static double wilson(const struct share *share, double sign)
{
	double n = share->trials, p = share->hits / n, z = 1.96;

	return fmin(1.0,
		fmax(0.0,
			(p + z * z / (2 * n) +
				sign * z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))) /
				(1 + z * z / n)));
}

static void detect(struct gh_faces *faces)
{
	struct gh_canvas whole = { &image, 0.0f };
	struct gh_error error = GH_ERROR_NONE;

	must(gh_chain_detect(&chain, &whole, faces, &error), &error);
}

static float heat_of(const struct gh_box *box)
{
	struct gh_error error = GH_ERROR_NONE;
	float heat;

	must(gh_confirm_face(&chain, &image, box, &heat, &error), &error);
	return heat;
}

static bool stands_on_its_head(const struct gh_box *box)
{
	struct gh_error error = GH_ERROR_NONE;
	struct gh_uprightness found;

	must(gh_uprightness(chain.networks[GH_ROLE_LANDMARKS], &chain.resizer, &image, box, &found,
		     &error),
		&error);
	return gh_upside_down(&found);
}

/* False faces of one kind of empty pictures. */
struct tally {
	uint32_t pictures, found, gated, kept;
	struct share with; /* pictures with a false face that was not refused */
	float hottest;
};

static void look(struct tally *tally)
{
	struct gh_faces faces;
	uint32_t kept = 0;

	detect(&faces);
	for (uint32_t i = 0; i < faces.count; i++) {
		float heat = heat_of(&faces.list[i].box);

		tally->gated += faces.list[i].score > SCORE_GATE;
		tally->hottest = fmaxf(tally->hottest, heat);
		kept += heat >= CONFIRM_HEAT_MIN;
	}
	tally->pictures++;
	tally->found += faces.count;
	tally->kept += kept;
	tally->with.trials++;
	tally->with.hits += kept > 0;
}

static void add(struct tally *sum, const struct tally *part)
{
	sum->pictures += part->pictures;
	sum->found += part->found;
	sum->gated += part->gated;
	sum->kept += part->kept;
	sum->with.trials += part->with.trials;
	sum->with.hits += part->with.hits;
	sum->hottest = fmaxf(sum->hottest, part->hottest);
}

static void tell(const char *name, const char *fitted, const struct tally *tally)
{
	double per = 1e3 / tally->pictures;

	printf("%-34s %-6s %8u %8.1f %8.1f %8.2f   %5.2f to %5.2f   %.2f\n", name, fitted,
		tally->pictures, per * tally->found, per * tally->gated, per * tally->kept,
		1e3 * wilson(&tally->with, -1), 1e3 * wilson(&tally->with, 1),
		(double)tally->hottest);
	fflush(stdout);
}

static bool load(const char *path, struct gh_picture *picture)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	bool read = gh_file_read(path, GH_PICTURE_BYTES_MAX, &bytes, NULL) == GH_OK &&
		gh_picture_decode(gh_bytes_view(&bytes), picture, NULL) == GH_OK;

	gh_bytes_finish(&bytes);
	return read;
}

static void load_photographs(void)
{
	char path[4096], line[1024], last[512] = "";
	FILE *index = fopen(models_data_path("faces/index.tsv", path), "re");
	uint32_t person = 0;

	while (index && photograph_count < PHOTOGRAPHS_MAX && fgets(line, sizeof(line), index)) {
		char *tab = strchr(line, '\t'), name[1024];

		if (!tab || !strncmp(line, "identity\t", 9))
			continue;
		*tab = '\0';
		tab[1 + strcspn(tab + 1, "\t\r\n")] = '\0';
		person += strcmp(line, last) != 0;
		snprintf(last, sizeof(last), "%.500s", line);
		snprintf(name, sizeof(name), "faces/%.900s", tab + 1);
		photographs[photograph_count].person = person;
		photograph_count +=
			load(models_data_path(name, path), &photographs[photograph_count].picture);
	}
	if (index)
		fclose(index);
}

static struct empty_dice dice_of(uint32_t kind, uint32_t number)
{
	struct empty_dice dice = { 1000003u * (kind + 11u) + 7919u * (uint64_t)number };

	empty_drawn(&dice, 2);
	empty_drawn(&dice, 2);
	return dice;
}

static void drawn_kind(enum empty_kind kind, uint32_t count, struct tally *tally)
{
	for (uint32_t i = 0; i < count; i++) {
		struct empty_dice dice = dice_of(kind, i);

		empty_make(&canvas, kind, &dice);
		look(tally);
	}
}

static void patchworks(uint32_t half, uint32_t count, struct tally *tally)
{
	static struct gh_picture pictures[PHOTOGRAPHS_MAX];
	uint32_t of_half = 0;

	for (uint32_t i = 0; i < photograph_count; i++)
		if (photographs[i].person % 2 == half)
			pictures[of_half++] = photographs[i].picture;
	for (uint32_t i = 0; i < count && of_half > 0; i++) {
		struct empty_dice dice = dice_of(20 + half, i);

		empty_patchwork(&canvas, pictures, of_half, &dice);
		look(tally);
	}
}

/* Magnify a photograph to the height of the frame, mirrored beside it; a face's box with it. */
static struct gh_box fill_frame(const struct gh_picture *picture, const struct gh_box *box)
{
	float scale = (float)HEIGHT / (float)picture->height_px;
	float left = 0.5f * ((float)WIDTH / scale - (float)picture->width_px);
	struct empty_area area = { -left, 0.0f, scale };

	empty_show(&canvas, picture, &area);
	return (struct gh_box){ (box->left + left) * scale, box->top * scale,
		(box->right + left) * scale, box->bottom * scale };
}

/* Paint over a head from side to side, in the colours that are there at either. */
static void cover(const struct gh_box *face, struct empty_dice *dice)
{
	float wide = gh_box_width(face), high = gh_box_height(face);
	int left = (int)fmaxf(0, face->left - 0.5f * wide);
	int right = (int)fminf(WIDTH, face->right + 0.5f * wide) - 1;
	int bottom = (int)fminf(HEIGHT, face->bottom + 0.1f * high);

	for (int y = (int)fmaxf(0, face->top - 0.6f * high); y < bottom; y++)
		for (int x = left; x <= right; x++)
			for (int c = 0; c < 3; c++) {
				float at = (float)(x - left) / (float)(right - left);
				float from = (float)rgb[3 * (y * WIDTH + left) + c];
				float to = (float)rgb[3 * (y * WIDTH + right) + c];
				float light =
					(1 - at) * from + at * to + empty_between(dice, -4, 4);

				if (x > left && x < right)
					rgb[3 * (y * WIDTH + x) + c] =
						(uint8_t)fminf(255, fmaxf(0, light));
			}
}

/* Photographs of one face whose head is painted over: collars, hands, shoulders, rooms. */
static void headless(uint32_t half, uint32_t count, struct tally *tally)
{
	static const struct gh_box whole = { 0, 0, 250, 250 };

	for (uint32_t i = 0; i < photograph_count && tally->pictures < count; i++) {
		struct empty_dice dice = dice_of(22, i);
		struct gh_faces faces;

		if (photographs[i].person % 2 != half)
			continue;
		fill_frame(&photographs[i].picture, &whole);
		detect(&faces);
		if (faces.count != 1)
			continue;
		cover(&faces.list[0].box, &dice);
		look(tally);
	}
}

static void textures(const char *folder, uint32_t count, struct tally *tally)
{
	static struct gh_picture pictures[TEXTURES_MAX];
	uint32_t found = 0;
	struct dirent *entry;
	DIR *list = opendir(folder);

	while (list && found < TEXTURES_MAX && (entry = readdir(list)) != NULL) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		found += load(path, &pictures[found]);
	}
	if (list)
		closedir(list);
	for (uint32_t i = 0; i < count && found > 0; i++) {
		struct empty_dice dice = dice_of(30, i);

		empty_enlarge(&canvas, &pictures[i % found], &dice);
		look(tally);
	}
	for (uint32_t i = 0; i < found; i++)
		gh_picture_finish(&pictures[i]);
}

/* Pictures of a folder; sum is given for those that were never fitted on. */
static void tell_textures(const char *name, const char *folder, uint32_t count, struct tally *sum)
{
	struct tally tally = { 0 };

	if (folder)
		textures(folder, count, &tally);
	if (tally.pictures == 0)
		return;
	tell(name, sum ? "no" : "seen", &tally);
	if (sum)
		add(sum, &tally);
}

static void tell_head(void)
{
	printf("empty pictures of 800 x 720        fitted pictures    false  of them  not      "
	       "95 %% of pictures  hottest\n%42s %8s %8s %8s %8s\n",
		"", "", "/ 1,000", "> 0.90", "refused");
}

static void report_drawn(uint32_t count)
{
	static const bool seen[EMPTY_KINDS] = { [EMPTY_FURNITURE] = true,
		[EMPTY_LIT] = true,
		[EMPTY_FABRIC] = true,
		[EMPTY_DOLLS] = true };
	struct tally bench = { 0 }, unseen = { 0 };

	tell_head();
	for (uint32_t kind = 0; kind < EMPTY_KINDS; kind++) {
		struct tally tally = { 0 };

		drawn_kind((enum empty_kind)kind, count, &tally);
		tell(empty_words[kind], seen[kind] ? "seen" : "no", &tally);
		if (kind <= EMPTY_LIT)
			add(&bench, &tally);
		if (!seen[kind])
			add(&unseen, &tally);
	}
	tell("the first five, as vision_detection", "part", &bench);
	tell("drawn ones never fitted on", "no", &unseen);
}

static void report_real(uint32_t count, const char *const folders[2])
{
	struct tally unseen = { 0 };
	char path[4096];

	tell_head();
	for (uint32_t half = 0; half < 2; half++) {
		struct tally tally = { 0 }, other = { 0 };

		patchworks(half, count, &tally);
		if (tally.pictures > 0)
			tell("patchworks of photographs' edges", half ? "no" : "seen", &tally);
		headless(half, count, &other);
		if (other.pictures > 0)
			tell("photographs, the head covered", half ? "no" : "seen", &other);
		if (half) {
			add(&unseen, &tally);
			add(&unseen, &other);
		}
	}
	tell_textures("fingerprints", models_data_path("fingerprints", path), count, NULL);
	tell_textures("photographs without people", folders[0], count, NULL);
	tell_textures("others without people", folders[1], count, &unseen);
	if (unseen.pictures > 0)
		tell("real ones never fitted on", "no", &unseen);
}

/* A way in which a face in a frame is spoilt. */
enum spoil {
	AS_IT_IS,
	SMALL,
	TILTED,
	DARK,
	BLURRED,
	NOISY,
	GREY,
	BRIGHT,
	MASK,
	GLASSES,
	MASK_AND_GLASSES,
	CUT,
	UPSIDE_DOWN,
	SPOILS
};

static const char *const spoil_words[SPOILS] = { "as they are, 64 to 420 px", "56 to 90 px",
	"tilted up to 45 degrees", "8 to 30 % of the light, noise", "out of focus by 1 to 3 %",
	"noise of 20 to 80", "without colour", "overexposed", "mask", "dark glasses",
	"mask and dark glasses", "a quarter beyond the frame", "upside down, without colour" };

/* Fill an ellipse or a box given in shares of a face. */
static void paint_on(
	const struct gh_box *face, const struct gh_box *shares, bool round, const uint8_t colour[3])
{
	float wide = gh_box_width(face), high = gh_box_height(face);
	struct gh_box at = { face->left + shares->left * wide, face->top + shares->top * high,
		face->left + shares->right * wide, face->top + shares->bottom * high };

	for (int y = (int)fmaxf(0, at.top); y < (int)fminf(HEIGHT, at.bottom); y++)
		for (int x = (int)fmaxf(0, at.left); x < (int)fminf(WIDTH, at.right); x++) {
			float u = 2 * ((float)x - at.left) / gh_box_width(&at) - 1;
			float v = 2 * ((float)y - at.top) / gh_box_height(&at) - 1;

			if (!round || u * u + v * v < 1)
				memcpy(rgb + 3 * (y * WIDTH + x), colour, 3);
		}
}

static void put_on(enum spoil spoil, const struct gh_box *face, struct empty_dice *dice)
{
	static const struct gh_box mouth = { 0.02f, 0.58f, 0.98f, 1.04f };
	static const struct gh_box lenses[2] = { { 0.1f, 0.29f, 0.5f, 0.55f },
		{ 0.5f, 0.29f, 0.9f, 0.55f } };
	static const uint8_t black[3] = { 25, 25, 28 };
	uint8_t cloth[3];

	for (int c = 0; c < 3; c++)
		cloth[c] = (uint8_t)empty_drawn(dice, 256);
	if (spoil != GLASSES)
		paint_on(face, &mouth, false, cloth);
	for (int i = 0; i < 2 && spoil != MASK; i++)
		paint_on(face, &lenses[i], true, black);
}

static void without_colour(void)
{
	for (size_t i = 0; i < sizeof(rgb); i += 3) {
		float light = 0.299f * rgb[i] + 0.587f * rgb[i + 1] + 0.114f * rgb[i + 2];

		memset(rgb + i, (uint8_t)light, 3);
	}
}

static void spoil_frame(enum spoil spoil, const struct gh_box *face, struct empty_dice *dice)
{
	switch (spoil) {
	case DARK:
		drawn_light(&canvas, empty_between(dice, 0.08f, 0.3f), 0);
		drawn_noise(&canvas, empty_drawn(dice, 1u << 30), 4);
		break;
	case BLURRED:
		drawn_blur(&canvas,
			(uint32_t)(gh_box_height(face) * empty_between(dice, 0.01f, 0.03f)));
		break;
	case NOISY:
		drawn_noise(&canvas, empty_drawn(dice, 1u << 30), 20 + empty_drawn(dice, 60));
		break;
	case GREY:
	case UPSIDE_DOWN:
		without_colour();
		break;
	case BRIGHT:
		drawn_light(&canvas, empty_between(dice, 1.5f, 2.5f), empty_between(dice, 0, 60));
		break;
	case MASK:
	case GLASSES:
	case MASK_AND_GLASSES:
		put_on(spoil, face, dice);
		break;
	default:
		break;
	}
}

/* Where a face of a photograph is shown, how large and how tilted. */
struct pose {
	float x, y, height, roll_degrees;
};

static struct pose pose_of(enum spoil spoil, struct empty_dice *dice)
{
	struct pose pose = { 0, 0, empty_between(dice, 64, 420), 0 };

	if (spoil == SMALL)
		pose.height = empty_between(dice, 56, 90);
	if (spoil == TILTED)
		pose.roll_degrees = empty_between(dice, -45, 45);
	if (spoil == UPSIDE_DOWN)
		pose.roll_degrees = 180 + empty_between(dice, -15, 15);
	pose.x = empty_between(dice, 0.6f * pose.height, WIDTH - 0.6f * pose.height);
	pose.y = empty_between(dice, 0.6f * pose.height, HEIGHT - 0.6f * pose.height);
	if (spoil == CUT)
		pose.x = empty_drawn(dice, 2) ? 0.15f * pose.height : WIDTH - 0.15f * pose.height;
	return pose;
}

/* Show a photograph so that its face stands as posed, on made scenery. */
static struct gh_box show(const struct gh_picture *picture, const struct gh_box *box,
	const struct pose *pose, struct empty_dice *dice)
{
	float scale = pose->height / gh_box_height(box), half = 0.5f * pose->height;
	float angle = pose->roll_degrees / 57.29578f;
	struct gh_point centre = gh_box_centre(box);
	struct gh_similarity back = { cosf(angle) / scale, -sinf(angle) / scale, 0, 0 };
	struct gh_point corner = gh_similarity_apply(&back, (struct gh_point){ pose->x, pose->y });
	struct gh_image whole = { picture->rgb.data, picture->width_px, picture->height_px,
		3 * (size_t)picture->width_px };
	static uint8_t shown[3 * WIDTH * HEIGHT];

	back.c = centre.x - corner.x;
	back.d = centre.y - corner.y;
	drawn_fill(&canvas, (uint8_t)(60 + empty_drawn(dice, 140)),
		(uint8_t)(60 + empty_drawn(dice, 140)), (uint8_t)(60 + empty_drawn(dice, 140)));
	drawn_noise(&canvas, empty_drawn(dice, 1u << 30), 6);
	gh_image_sample(&whole, &chain.reducer, &back, &image, shown, 0);
	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++) {
			struct gh_point at =
				gh_similarity_apply(&back, (struct gh_point){ (float)x, (float)y });

			if (at.x >= 0 && at.y >= 0 && at.x < (float)picture->width_px - 1 &&
				at.y < (float)picture->height_px - 1)
				memcpy(rgb + 3 * (y * WIDTH + x), shown + 3 * (y * WIDTH + x), 3);
		}
	half *= gh_box_width(box) / gh_box_height(box);
	return (struct gh_box){ pose->x - half, pose->y - 0.5f * pose->height, pose->x + half,
		pose->y + 0.5f * pose->height };
}

/* What becomes of faces. */
struct outcome {
	uint32_t shown;
	uint32_t found;
	struct share refused; /* of those found */
	float coldest;
	uint32_t upside_down;
};

/* The heat of what is found where a face is; below 0 where nothing is. */
static float judge(const struct gh_box *truth, struct gh_box *found)
{
	struct gh_faces faces;
	float best = 0.25f;
	bool any = false;

	detect(&faces);
	for (uint32_t i = 0; i < faces.count; i++) {
		float overlap = gh_box_overlap(&faces.list[i].box, truth);

		if (overlap <= best)
			continue;
		best = overlap;
		any = true;
		*found = faces.list[i].box;
	}
	return any ? heat_of(found) : -1.0f;
}

static void note(struct outcome *outcome, float heat)
{
	outcome->shown++;
	if (heat < 0.0f)
		return;
	outcome->coldest = outcome->found == 0 ? heat : fminf(outcome->coldest, heat);
	outcome->found++;
	outcome->refused.trials++;
	outcome->refused.hits += heat < CONFIRM_HEAT_MIN;
}

static void tell_outcome(const char *name, const struct outcome *outcome)
{
	if (outcome->found == 0)
		return;
	printf("%-34s %8u %8.2f %8u %8.3f   %.3f to %.3f   %.2f   %6.2f\n", name, outcome->shown,
		100.0 * outcome->found / outcome->shown, outcome->refused.hits,
		100.0 * outcome->refused.hits / outcome->found, 100 * wilson(&outcome->refused, -1),
		100 * wilson(&outcome->refused, 1), (double)outcome->coldest,
		100.0 * outcome->upside_down / outcome->found);
	fflush(stdout);
}

/* The photograph's own face, in it and in the frame that it fills; as judge(). */
static float find_own(const struct gh_picture *picture, struct gh_box *box, struct gh_box *seen)
{
	static const struct gh_box middle = { 75, 75, 175, 180 };
	float scale = (float)HEIGHT / (float)picture->height_px;
	float left = 0.5f * ((float)WIDTH / scale - (float)picture->width_px);
	struct gh_box wanted = fill_frame(picture, &middle), found = wanted;
	float heat = judge(&wanted, &found);

	*seen = found;
	*box = (struct gh_box){ found.left / scale - left, found.top / scale,
		found.right / scale - left, found.bottom / scale };
	return heat;
}

static void tell_faces_head(void)
{
	printf("faces of photographs                  shown  found %%  refused        %%   95 %%"
	       "             coldest  upside down %%\n");
}

static void report_whole(void)
{
	struct outcome halves[2] = { { 0 } }, whole = { 0 };

	tell_faces_head();
	for (uint32_t i = 0; i < photograph_count; i++) {
		struct gh_box box, own;
		float heat = find_own(&photographs[i].picture, &box, &own);

		note(&whole, heat);
		whole.upside_down += heat >= 0.0f && stands_on_its_head(&own);
		note(&halves[photographs[i].person % 2], heat);
	}
	tell_outcome("all, as large as the frame", &whole);
	tell_outcome("  of people of even number", &halves[0]);
	tell_outcome("  of odd number", &halves[1]);
}

static void spoil_one(uint32_t at, enum spoil spoil, struct outcome *outcome)
{
	struct empty_dice dice = dice_of(40 + (uint32_t)spoil, at);
	struct pose pose = pose_of(spoil, &dice);
	struct gh_box box, face, found;
	float heat;

	if (find_own(&photographs[at].picture, &box, &found) < 0.0f)
		return;
	face = show(&photographs[at].picture, &box, &pose, &dice);
	spoil_frame(spoil, &face, &dice);
	heat = judge(&face, &found);
	note(outcome, heat);
	outcome->upside_down += heat >= 0.0f && stands_on_its_head(&found);
}

/* Of people of odd number. */
static void report_spoilt(uint32_t count)
{
	tell_faces_head();
	for (int spoil = 0; spoil < SPOILS; spoil++) {
		struct outcome outcome = { 0 };

		for (uint32_t i = 0; i < photograph_count && outcome.shown < count; i++) {
			uint32_t at = (uint32_t)((uint64_t)i * 1009 % photograph_count);

			if (photographs[at].person % 2 == 1)
				spoil_one(at, (enum spoil)spoil, &outcome);
		}
		tell_outcome(spoil_words[spoil], &outcome);
	}
}

static double cpu_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return 1e3 * (double)now.tv_sec + 1e-6 * (double)now.tv_nsec;
}

/*
 * One frame for a peer: a line with the true box (0 where nobody is), how many were found there and
 * elsewhere, each without and with the second detector, and the CPU time of both; then the pixels.
 */
static void stream_frame(const char *kind, const struct gh_box *truth)
{
	struct gh_faces faces;
	uint32_t here[2] = { 0 }, elsewhere[2] = { 0 };
	double from_ms = cpu_ms(), detected_ms, confirmed_ms;

	detect(&faces);
	detected_ms = cpu_ms();
	for (uint32_t i = 0; i < faces.count; i++) {
		bool kept = heat_of(&faces.list[i].box) >= CONFIRM_HEAT_MIN;
		bool right = gh_box_overlap(&faces.list[i].box, truth) > 0.25f;

		here[0] += right;
		here[1] += right && kept;
		elsewhere[0] += !right;
		elsewhere[1] += !right && kept;
	}
	confirmed_ms = cpu_ms();
	printf("%s|%d %d|%.1f %.1f %.1f %.1f|%u %u %u %u|%.3f %.3f\n", kind, WIDTH, HEIGHT,
		(double)truth->left, (double)truth->top, (double)truth->right,
		(double)truth->bottom, here[0], here[1], elsewhere[0], elsewhere[1],
		detected_ms - from_ms, confirmed_ms - from_ms);
	fwrite(rgb, 1, sizeof(rgb), stdout);
	fflush(stdout);
}

static void stream_faces(enum spoil spoil, uint32_t count)
{
	for (uint32_t i = 0, shown = 0; i < photograph_count && shown < count; i++) {
		uint32_t at = (uint32_t)((uint64_t)i * 1009 % photograph_count);
		struct empty_dice dice = dice_of(40 + (uint32_t)spoil, at);
		struct pose pose = pose_of(spoil, &dice);
		struct gh_box box, face, found;

		if (find_own(&photographs[at].picture, &box, &found) < 0.0f)
			continue;
		face = show(&photographs[at].picture, &box, &pose, &dice);
		spoil_frame(spoil, &face, &dice);
		stream_frame(spoil_words[spoil], &face);
		shown++;
	}
}

/* Frames for tests/bench/detection_peer.py. */
static void stream(uint32_t people, uint32_t empty)
{
	static const struct gh_box nobody = { 0, 0, 0, 0 };

	for (int spoil = 0; spoil < SPOILS; spoil++)
		stream_faces((enum spoil)spoil, people);
	for (uint32_t kind = 0; kind < EMPTY_KINDS; kind++)
		for (uint32_t i = 0; i < empty; i++) {
			struct empty_dice dice = dice_of(50 + kind, i);

			empty_make(&canvas, (enum empty_kind)kind, &dice);
			stream_frame("nobody", &nobody);
		}
}

static bool asked(const char *only, const char *part)
{
	return !*only || !strcmp(only, part);
}

int main(int argc, char **argv)
{
	struct gh_vision_options options;
	struct gh_error error = GH_ERROR_NONE;
	const char *folders[2] = { NULL, NULL }, *only = "";
	uint32_t empty = 1000, people = 300;

	if (!models_options(&options))
		return 77;
	for (int i = 1; i + 1 < argc; i += 2) {
		if (!strcmp(argv[i], "--empty"))
			empty = (uint32_t)strtoul(argv[i + 1], NULL, 10);
		else if (!strcmp(argv[i], "--people"))
			people = (uint32_t)strtoul(argv[i + 1], NULL, 10);
		else if (!strcmp(argv[i], "--seen"))
			folders[0] = argv[i + 1];
		else if (!strcmp(argv[i], "--new"))
			folders[1] = argv[i + 1];
		else if (!strcmp(argv[i], "--only"))
			only = argv[i + 1];
		else
			return 2;
	}
	must(gh_chain_init(
		     &chain, &options, (struct gh_extent){ WIDTH, HEIGHT }, GH_CHAIN_LIVE, &error),
		&error);
	load_photographs();
	if (!strcmp(only, "stream")) {
		stream(people, empty);
		return 0;
	}
	printf("%s, the limit of heat %.2f\n", chain.engine_name, (double)CONFIRM_HEAT_MIN);
	fflush(stdout);
	if (asked(only, "drawn"))
		report_drawn(empty);
	if (asked(only, "real"))
		report_real(empty, folders);
	if (asked(only, "whole"))
		report_whole();
	if (asked(only, "spoilt"))
		report_spoilt(people);
	for (uint32_t i = 0; i < photograph_count; i++)
		gh_picture_finish(&photographs[i].picture);
	gh_chain_finish(&chain);
	return 0;
}
