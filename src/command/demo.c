/* SPDX-License-Identifier: Apache-2.0 */
/* What the demo needs and nothing else has: its keys, and its scenes. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/file.h"
#include "gatehouse/crypto/certificate.h"
#include "gatehouse/daemon/compose.h"
#include "gatehouse/vision/enrol.h"
#include "command.h"
#include "scene.h"
#include "tables.h"

#define CLIENTS_MAX 32
#define FRAME_BYTES_MAX (1024u * 1024u)
#define PATH_BYTES 512

/* demo keys FOLDER NAME:ROLE... */
static int run_keys(struct call *call)
{
	static char names[CLIENTS_MAX][65];
	const char *name_list[CLIENTS_MAX];
	const char *role_list[CLIENTS_MAX];
	size_t count = call->word_count - 1;
	enum gh_status status;

	for (size_t i = 0; i < count; i++) {
		const char *colon = strchr(call->words[i + 1], ':');

		if (!colon || (size_t)(colon - call->words[i + 1]) >= sizeof(names[i])) {
			fprintf(stderr, "gatehouse: \"%s\" is not NAME:ROLE\n", call->words[i + 1]);
			return EXIT_USAGE;
		}
		memcpy(names[i], call->words[i + 1], (size_t)(colon - call->words[i + 1]));
		name_list[i] = names[i];
		role_list[i] = colon + 1;
	}
	status = gh_demo_certificates_make(
		call->words[0], name_list, role_list, count, &call->error);
	if (status != GH_OK)
		return call_fail(call, status);
	if (call->json)
		return call_print_json(json_pack("{s:s,s:I,s:i}", "folder", call->words[0],
			"clients", (json_int_t)count, "days", GH_DEMO_DAYS));
	printf("keys in %s, for %d days, " GH_DEMO_ORGANISATION "\n", call->words[0], GH_DEMO_DAYS);
	return EXIT_FINE;
}

/* "PICTURE@X,Y,HEIGHT" in thousandths of the scene. */
static bool read_place(const char *text, char *path, struct scene_person *person)
{
	const char *at = strrchr(text, '@');
	int x;
	int y;
	int height;
	char rest;

	if (!at || (size_t)(at - text) >= PATH_BYTES)
		return false;
	memcpy(path, text, (size_t)(at - text));
	path[at - text] = '\0';
	if (sscanf(at + 1, "%d,%d,%d%c", &x, &y, &height, &rest) != 3)
		return false;
	if (x < -500 || x > 1500 || y < -500 || y > 1500 || height < 10 || height > 2000)
		return false;
	person->at_x = (float)x / 1000.0f;
	person->at_y = (float)y / 1000.0f;
	person->height = (float)height / 1000.0f;
	return true;
}

static enum gh_status place_face(struct call *call, struct gh_enroller *enroller,
	struct gh_view file, struct scene_person *person)
{
	struct gh_enrolment found;
	enum gh_status status = gh_enroller_enrol(enroller, file, &found, &call->error);
	float width = (float)person->picture.width_px;
	float height = (float)person->picture.height_px;

	if (status == GH_OK) {
		person->face_x = 0.5f * (found.face_left + found.face_right) * width;
		person->face_y = 0.5f * (found.face_top + found.face_bottom) * height;
		person->face_height_px = (found.face_bottom - found.face_top) * height;
	}
	gh_wipe(&found, sizeof(found));
	return status;
}

static enum gh_status load_person(struct call *call, struct gh_enroller *enroller, const char *word,
	struct scene_person *person)
{
	char path[PATH_BYTES];
	struct gh_bytes file = GH_BYTES_EMPTY;
	enum gh_status status;

	if (!read_place(word, path, person))
		return gh_error_set(&call->error, GH_MALFORMED,
			"\"%s\" is not PICTURE@X,Y,HEIGHT in thousandths of the scene", word);
	status = gh_file_read(path, GH_PICTURE_BYTES_MAX, &file, &call->error);
	if (status == GH_OK)
		status = gh_picture_decode(gh_bytes_view(&file), &person->picture, &call->error);
	if (status == GH_OK)
		status = place_face(call, enroller, gh_bytes_view(&file), person);
	if (status != GH_OK)
		gh_error_wrap(&call->error, "%s", path);
	gh_bytes_finish(&file);
	return status;
}

static enum gh_status write_frame(struct call *call, const char *folder, uint32_t number,
	const struct gh_picture *scene, uint8_t *jpeg)
{
	char name[32];
	char path[PATH_BYTES];
	size_t length_bytes = FRAME_BYTES_MAX;
	enum gh_status status;

	snprintf(name, sizeof(name), "%05" PRIu32 ".jpg", number);
	status = gh_path_join(folder, name, path, sizeof(path), &call->error);
	if (status == GH_OK)
		status = gh_picture_encode_jpeg(scene, 92, jpeg, &length_bytes, &call->error);
	if (status == GH_OK)
		status = gh_file_replace(
			path, (struct gh_view){ jpeg, length_bytes }, 0644, &call->error);
	return status;
}

static enum gh_status write_frames(struct call *call, const struct scene_person *people,
	size_t count, const char *folder, uint32_t frames)
{
	struct gh_picture scene = { SCENE_WIDTH_PX, SCENE_HEIGHT_PX, GH_BYTES_EMPTY };
	size_t size_bytes = 3u * SCENE_WIDTH_PX * SCENE_HEIGHT_PX;
	uint8_t *jpeg = malloc(FRAME_BYTES_MAX);
	enum gh_status status = gh_bytes_reserve(&scene.rgb, size_bytes, &call->error);

	if (!jpeg)
		status = gh_error_set(&call->error, GH_NO_MEMORY, "no memory for a frame");
	scene.rgb.length_bytes = size_bytes;
	for (uint32_t i = 0; i < frames && status == GH_OK; i++) {
		scene_draw(people, count, i, scene.rgb.data);
		status = write_frame(call, folder, i, &scene, jpeg);
	}
	free(jpeg);
	gh_picture_finish(&scene);
	return status;
}

static enum gh_status load_people(struct call *call, struct scene_person *people, size_t count)
{
	struct gh_vision_options options = gh_compose_vision(&call->settings);
	struct gh_enroller *enroller = NULL;
	enum gh_status status = GH_OK;

	if (count > 0)
		status = gh_enroller_create(&options, &enroller, &call->error);
	for (size_t i = 0; i < count && status == GH_OK; i++)
		status = load_person(call, enroller, call->words[i + 1], &people[i]);
	gh_enroller_destroy(enroller);
	return status;
}

/* demo scene FOLDER PICTURE@X,Y,HEIGHT... */
static int run_scene(struct call *call)
{
	struct scene_person people[SCENE_PEOPLE_MAX];
	size_t count = call->word_count - 1;
	uint64_t frames = 24;
	uint64_t light_permille = 1000;
	enum gh_status status;

	if (!call_number(call, "--frames", 1, 10000, &frames) ||
		!call_number(call, "--light", 0, 16000, &light_permille))
		return EXIT_USAGE;
	memset(people, 0, sizeof(people));
	for (size_t i = 0; i < count; i++) {
		people[i].light = (float)light_permille / 1000.0f;
		people[i].printed = call_has(call, "--print");
	}
	status = load_people(call, people, count);
	if (status == GH_OK)
		status = gh_folder_make(call->words[0], &call->error);
	if (status == GH_OK)
		status = write_frames(call, people, count, call->words[0], (uint32_t)frames);
	for (size_t i = 0; i < count; i++)
		gh_picture_finish(&people[i].picture);
	if (status != GH_OK)
		return call_fail(call, status);
	if (call->json)
		return call_print_json(json_pack(
			"{s:s,s:I}", "folder", call->words[0], "frames", (json_int_t)frames));
	printf("%" PRIu64 " frames in %s\n", frames, call->words[0]);
	return EXIT_FINE;
}

static const struct option_known scene_options[] = {
	{ "--frames", "N", "frames to draw (24)" },
	{ "--print", NULL, "a simulated print of each picture is held up, not the person" },
	{ "--light", "N", "light on people, of 1000 as taken: less before a window (1000)" },
	{ NULL, NULL, NULL },
};

const struct command demo_commands[] = {
	{ "demo keys", "FOLDER NAME:ROLE...", 1, CLIENTS_MAX,
		"Make a demo's authority and certificates, for seven days.",
		"gatehouse demo keys keys/ lane-1:lane operator:operator", NULL, run_keys },
	{ "demo scene", "FOLDER [PICTURE@X,Y,HEIGHT...]", 1, SCENE_PEOPLE_MAX + 1,
		"Draw frames of people in a hall, from pictures with one face each.",
		"gatehouse demo scene scene/ a.jpg@500,450,300", scene_options, run_scene },
	{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};
