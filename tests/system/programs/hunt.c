/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Draws a bystander with planted rows of noise, and looks for them in a process and in files.
 *
 *   hunt draw FOLDER PICTURE...            the pictures with a bystander who walks by, as PNG
 *   hunt search PID FORMAT FOLDER FILE...  runs of 16 bytes and more of the planted rows: as the
 *                                          camera delivers them, as RGB, as the detector's floats,
 *                                          and the face's template as floats and as codes
 *
 * What is looked for is computed by the product's own code from the same files. Exit status 0:
 * nothing was found, 1: something was, 2: it could not be done.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <png.h>

#include "gatehouse/base/file.h"
#include "gatehouse/vision/picture.h"

#include "chain.h"
#include "drivers/camera/replay/picture.h"
#include "scene.h"
#include "support/drawn_face.h"
#include "support/vision/models.h"

enum {
	WIDTH = 1280,
	HEIGHT = 720,
	FACE_Y = 250,
	FACE_PX = 120,
	PLANTED_PX = 64,
	PLANTED_ROWS = 12,
	PLANTED_BELOW = 10, /* of the face's middle: on nose and cheeks */
	RUN_BYTES = 16,
	BLOCK_BYTES = 8,
	ROWS_MAX = 100000,
	TABLE_SIZE = 1 << 21,
	FILE_MAX = 64 << 20
};

static void give_up(const char *what)
{
	fprintf(stderr, "hunt: %s\n", what);
	exit(2);
}

/*
 * Where the bystander is in a picture: always within what vision unpacks, and with an even left
 * edge of what is planted.
 */
static uint32_t place_of(uint32_t number)
{
	return 700 + 14 * (number % 20);
}

static void plant(uint8_t *rgb, uint32_t number)
{
	uint32_t left = place_of(number) - PLANTED_PX / 2, seed = 12345;

	for (uint32_t y = 0; y < PLANTED_ROWS; y++)
		for (uint32_t i = 0; i < 3 * PLANTED_PX; i++) {
			seed = seed * 1664525u + 1013904223u;
			rgb[3 * ((size_t)(FACE_Y + PLANTED_BELOW + y) * WIDTH + left) + i] =
				(uint8_t)(80 + (seed >> 24) / 2);
		}
}

static void draw_one(const char *from, const char *folder, uint32_t number)
{
	struct gh_bytes file = GH_BYTES_EMPTY;
	struct gh_picture picture;
	struct drawn_canvas canvas = { NULL, WIDTH, HEIGHT, 3 * WIDTH };
	struct drawn_face face =
		drawn_face_usual((float)place_of(number), (float)FACE_Y, (float)FACE_PX);
	png_image out = { .version = PNG_IMAGE_VERSION,
		.width = WIDTH,
		.height = HEIGHT,
		.format = PNG_FORMAT_RGB };
	char path[4096];

	if (gh_file_read(from, FILE_MAX, &file, NULL) != GH_OK ||
		gh_picture_decode(gh_bytes_view(&file), &picture, NULL) != GH_OK ||
		picture.width_px != WIDTH || picture.height_px != HEIGHT)
		give_up(from);
	canvas.rgb = picture.rgb.data;
	drawn_face_paint(&canvas, &face);
	plant(picture.rgb.data, number);
	snprintf(path, sizeof(path), "%s/%04u.png", folder, number);
	if (!png_image_write_to_file(&out, path, 0, picture.rgb.data, 0, NULL))
		give_up(path);
	gh_picture_finish(&picture);
	gh_bytes_finish(&file);
}

/* What is looked for: rows of bytes, and where each block of eight of them begins. */
struct row {
	const char *what;
	uint8_t *bytes;
	size_t length_bytes;
};

struct entry {
	uint64_t block;
	uint32_t row;
	uint32_t at;
};

static struct row rows[ROWS_MAX];
static uint32_t row_count;
static struct entry table[TABLE_SIZE];
static uint64_t filter[TABLE_SIZE / 4];

static uint64_t block_at(const uint8_t *bytes)
{
	uint64_t block;

	memcpy(&block, bytes, sizeof(block));
	return block;
}

static uint32_t mix(uint64_t block)
{
	return (uint32_t)((block * 0x9e3779b97f4a7c15u) >> 32);
}

static void note_block(uint64_t block, uint32_t row, uint32_t at)
{
	uint32_t hash = mix(block), place = hash % TABLE_SIZE;

	filter[hash / 64 % (TABLE_SIZE / 4)] |= (uint64_t)1 << hash % 64;
	while (table[place].block != 0 && table[place].block != block)
		place = (place + 1) % TABLE_SIZE;
	table[place] = (struct entry){ block, row, at };
}

/* Every run of sixteen bytes of a row holds one of its blocks whole. */
static void note(const char *what, const void *bytes, size_t length_bytes)
{
	if (row_count == ROWS_MAX)
		give_up("too many rows");
	rows[row_count] = (struct row){ what, malloc(length_bytes), length_bytes };
	if (!rows[row_count].bytes)
		give_up("memory");
	memcpy(rows[row_count].bytes, bytes, length_bytes);
	for (size_t at = 0; at + BLOCK_BYTES <= length_bytes; at += BLOCK_BYTES)
		if (block_at(rows[row_count].bytes + at) != 0)
			note_block(block_at(rows[row_count].bytes + at), row_count, (uint32_t)at);
	row_count++;
}

/* The run around a block that was met in length bytes of memory. */
static size_t run_around(const struct entry *entry, const uint8_t *memory, size_t at, size_t length)
{
	const struct row *row = &rows[entry->row];
	size_t before = 0, after = BLOCK_BYTES;

	while (before < at && before < entry->at &&
		memory[at - before - 1] == row->bytes[entry->at - before - 1])
		before++;
	while (at + after < length && entry->at + after < row->length_bytes &&
		memory[at + after] == row->bytes[entry->at + after])
		after++;
	return before + after;
}

static uint64_t searched_bytes, found_runs;

static void look_up(const uint8_t *memory, size_t at, size_t length, const char *where)
{
	uint64_t block = block_at(memory + at);
	uint32_t place = mix(block) % TABLE_SIZE;

	while (table[place].block != 0 && table[place].block != block)
		place = (place + 1) % TABLE_SIZE;
	if (table[place].block != block ||
		run_around(&table[place], memory, at, length) < RUN_BYTES)
		return;
	if (found_runs++ < 12)
		printf("found: %s in %s at +0x%zx\n", rows[table[place].row].what, where, at);
}

static void search(const uint8_t *memory, size_t length, const char *where)
{
	searched_bytes += length;
	for (size_t at = 0; at + BLOCK_BYTES <= length; at++) {
		uint64_t block = block_at(memory + at);
		uint32_t hash = mix(block);

		if (block != 0 && filter[hash / 64 % (TABLE_SIZE / 4)] >> hash % 64 & 1)
			look_up(memory, at, length, where);
	}
}

static void search_file(const char *path)
{
	struct gh_bytes file = GH_BYTES_EMPTY;

	if (gh_file_read(path, FILE_MAX, &file, NULL) != GH_OK)
		give_up(path);
	search(file.data, file.length_bytes, path);
	gh_bytes_finish(&file);
}

static void search_region(int memory, uint64_t from, uint64_t to, const char *name)
{
	size_t length = (size_t)(to - from), done = 0;
	uint8_t *copy = malloc(length);

	if (!copy)
		give_up("memory");
	while (done < length) {
		ssize_t n = pread(memory, copy + done, length - done, (off_t)(from + done));

		if (n <= 0)
			break;
		done += (size_t)n;
	}
	search(copy, done, name);
	free(copy);
}

/* All that a core dump would hold: of the maps of files those that can be written to. */
static void search_process(const char *pid)
{
	char path[64], line[4096];
	FILE *maps;
	int memory;

	snprintf(path, sizeof(path), "/proc/%s/mem", pid);
	memory = open(path, O_RDONLY);
	snprintf(path, sizeof(path), "/proc/%s/maps", pid);
	maps = fopen(path, "r");
	if (memory < 0 || !maps)
		give_up("the process cannot be read");
	while (fgets(line, sizeof(line), maps)) {
		uint64_t from, to;
		int name = 0;

		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %*s %*s %*s %n", &from, &to, &name) <
				2 ||
			strstr(line, "[v") || (strchr(line, '/') && !strstr(line, " rw")))
			continue;
		search_region(memory, from, to, line);
	}
	fclose(maps);
	close(memory);
}

/* The frame of a picture as the camera's driver delivers it. */
static struct gh_frame frame_of(const char *path, enum gh_pixel_format format)
{
	struct gh_replay_shape shape = { format, WIDTH, HEIGHT };
	struct gh_frame frame = { .width_px = WIDTH, .height_px = HEIGHT, .format = format };
	static uint8_t *memory;
	struct gh_replay_decoder *decoder;
	struct gh_bytes file = GH_BYTES_EMPTY;

	if (!memory)
		memory = malloc(gh_replay_shape_bytes(&shape));
	if (!memory || gh_file_read(path, FILE_MAX, &file, NULL) != GH_OK ||
		gh_replay_decoder_create(&shape, &decoder, NULL) != GH_OK)
		give_up(path);
	gh_replay_shape_planes(&shape, memory, frame.planes);
	if (gh_replay_decode(decoder, gh_bytes_view(&file), frame.planes, NULL) != GH_OK)
		give_up(path);
	gh_replay_decoder_destroy(decoder);
	gh_bytes_finish(&file);
	return frame;
}

static void note_frame(const struct gh_frame *frame, uint32_t left)
{
	uint32_t bytes = frame->format == GH_PIXEL_RGB24 ? 3
		: frame->format == GH_PIXEL_YUYV         ? 2
							 : 1;

	for (uint32_t y = FACE_Y + PLANTED_BELOW; y < FACE_Y + PLANTED_BELOW + PLANTED_ROWS; y++) {
		note("a row of the frame",
			frame->planes[0].data + (size_t)y * frame->planes[0].stride_bytes +
				(size_t)bytes * left,
			(size_t)bytes * PLANTED_PX);
		if (frame->format == GH_PIXEL_NV12 && y % 2 == 0)
			note("a row of the frame's chroma",
				frame->planes[1].data +
					(size_t)(y / 2) * frame->planes[1].stride_bytes + left,
				PLANTED_PX);
	}
}

/* Rows of the picture that vision unpacks; its left edge is at an eighth of the usual zone. */
static void note_scene(const struct gh_scene *scene, uint32_t left)
{
	uint32_t first = (uint32_t)lroundf(WIDTH * 0.25f - scene->zone.left);

	for (uint32_t y = FACE_Y + PLANTED_BELOW; y < FACE_Y + PLANTED_BELOW + PLANTED_ROWS; y++)
		note("a row of RGB",
			scene->image.rgb + (size_t)y * scene->image.stride_bytes +
				3 * (size_t)(left - first),
			3 * PLANTED_PX);
}

/* The part of the detector's input that shows what was planted. */
static void note_tensor(const struct gh_chain *chain, const struct gh_scene *scene, uint32_t left)
{
	const struct gh_canvas canvas = { &scene->image, 0.0f };
	const int64_t *sizes = chain->networks[GH_ROLE_DETECTOR]->contract->input.sizes;
	float width = (float)sizes[3], height = (float)sizes[2];
	struct gh_box box = gh_canvas_box(&canvas, width / height);
	float scale = width / gh_box_width(&box);
	float first = (float)left - (WIDTH * 0.25f - scene->zone.left);
	uint32_t x = (uint32_t)ceilf(first * scale) + 1;
	uint32_t end = (uint32_t)floorf((first + PLANTED_PX) * scale) - 1;
	uint32_t top = (uint32_t)ceilf((FACE_Y + PLANTED_BELOW) * scale);
	uint32_t bottom = (uint32_t)floorf((FACE_Y + PLANTED_BELOW + PLANTED_ROWS) * scale);

	for (uint32_t plane = 0; plane < 3; plane++)
		for (uint32_t y = top; y < bottom; y++)
			note("a row of the detector's floats",
				chain->networks[GH_ROLE_DETECTOR]->input +
					((size_t)plane * (size_t)sizes[2] + y) * (size_t)sizes[3] +
					x,
				(end - x) * sizeof(float));
}

/* As the gallery keeps rows: codes of 127 steps to the largest value. */
static void note_template(const struct gh_template *made)
{
	int8_t codes[GH_TEMPLATE_VALUES];
	float largest = 0.0f;

	for (int i = 0; i < GH_TEMPLATE_VALUES; i++)
		largest = fmaxf(largest, fabsf(made->values[i]));
	for (int i = 0; i < GH_TEMPLATE_VALUES; i++)
		codes[i] = (int8_t)lroundf(made->values[i] * 127.0f / largest);
	note("the template", made->values, sizeof(made->values));
	note("the template as codes", codes, sizeof(codes));
}

static bool note_face(
	struct gh_chain *chain, struct gh_scene *scene, const struct gh_faces *faces, uint32_t left)
{
	float x = (float)left + PLANTED_PX / 2.0f - (WIDTH * 0.25f - scene->zone.left);

	for (uint32_t i = 0; i < faces->count; i++) {
		const struct gh_face *face = &faces->list[i];
		struct gh_stage stage = scene->stage;
		struct gh_description description;
		struct gh_quality quality = { 0 };
		struct gh_template made;

		if (x < face->box.left || x > face->box.right || FACE_Y < face->box.top ||
			FACE_Y > face->box.bottom)
			continue;
		stage.faces = faces;
		if (gh_chain_describe(chain, &scene->image, face, &stage, &description, &quality,
			    NULL) != GH_OK ||
			gh_chain_embed(chain, &made, NULL) != GH_OK)
			give_up("the bystander's template");
		note_template(&made);
		return true;
	}
	return false;
}

static struct gh_chain chain;
static struct gh_viewer viewer;

static void prepare(void)
{
	struct gh_vision_options options;
	struct gh_error error = GH_ERROR_NONE;

	if (!models_options(&options))
		give_up("models");
	if (gh_viewer_init(&viewer, &options, &error) != GH_OK ||
		gh_chain_init(&chain, &options, (struct gh_extent){ WIDTH, HEIGHT }, GH_CHAIN_LIVE,
			&error) != GH_OK)
		give_up(error.text);
}

static uint32_t note_pictures(const char *folder, enum gh_pixel_format format)
{
	uint32_t number = 0, detected = 0;
	char path[4096];

	for (; snprintf(path, sizeof(path), "%s/%04u.png", folder, number), !access(path, R_OK);
		number++) {
		uint32_t left = place_of(number) - PLANTED_PX / 2;
		struct gh_frame frame = frame_of(path, format);
		struct gh_scene scene;
		struct gh_faces faces = { 0 };
		struct gh_canvas canvas = { &scene.image, 0.0f };

		if (gh_viewer_show(&viewer, &frame, &scene, NULL) != GH_OK ||
			gh_chain_detect(&chain, &canvas, &faces, NULL) != GH_OK)
			give_up(path);
		note_frame(&frame, left);
		note_scene(&scene, left);
		note_tensor(&chain, &scene, left);
		detected += note_face(&chain, &scene, &faces, left);
	}
	printf("%u pictures, in %u of them the bystander is detected; %u rows\n", number, detected,
		row_count);
	return detected;
}

static enum gh_pixel_format format_of(const char *name)
{
	for (int i = GH_PIXEL_GREY; i <= GH_PIXEL_YUYV; i++)
		if (!strcmp(gh_pixel_format_name((enum gh_pixel_format)i), name))
			return (enum gh_pixel_format)i;
	give_up(name);
	return GH_PIXEL_GREY;
}

int main(int argc, char **argv)
{
	if (argc >= 4 && !strcmp(argv[1], "draw")) {
		for (int i = 3; i < argc; i++)
			draw_one(argv[i], argv[2], (uint32_t)(i - 3));
		return 0;
	}
	if (argc < 5 || strcmp(argv[1], "search") != 0)
		give_up("draw FOLDER PICTURE... or search PID FORMAT FOLDER FILE...");
	prepare();
	if (note_pictures(argv[4], format_of(argv[3])) == 0)
		give_up("nobody but the subject is in the pictures");
	search_process(argv[2]);
	for (int i = 5; i < argc; i++)
		search_file(argv[i]);
	printf("searched %" PRIu64 " bytes, found %" PRIu64 " runs\n", searched_bytes, found_runs);
	return found_runs > 0;
}
