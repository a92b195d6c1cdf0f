/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the cache folder, as config/setup does. */
#include "models.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *cache(char folder[4096])
{
	const char *set = getenv("GATEHOUSE_CACHE");
	const char *xdg = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");

	if (set && *set)
		snprintf(folder, 4096, "%s", set);
	else if (xdg && *xdg)
		snprintf(folder, 4096, "%s/gatehouse", xdg);
	else
		snprintf(folder, 4096, "%s/.cache/gatehouse", home ? home : "");
	return folder;
}

static const char *join(const char *folder, const char *name, char path[4096])
{
	int length = snprintf(path, 4096, "%s/%s", folder, name);

	if (length < 0 || length >= 4096)
		path[0] = '\0';
	return path;
}

const char *models_cache_path(const char *name, char path[4096])
{
	char folder[4096];

	return join(cache(folder), name, path);
}

const char *models_data_path(const char *name, char path[4096])
{
	const char *folder = getenv("GATEHOUSE_TEST_DATA");

	path[0] = '\0';
	return folder && *folder ? join(folder, name, path) : path;
}

static bool there(const char *path)
{
	if (access(path, R_OK) == 0)
		return true;
	printf("not there, so this test is skipped: %s (sh config/test fetches it)\n", path);
	return false;
}

bool models_options(struct gh_vision_options *options)
{
	static char models[4096], engine[4096], list[4096];
	const char *source = getenv("GATEHOUSE_SOURCE_DIR");
	char probe[4096];

	models_cache_path("models", models);
	models_cache_path("engine/libonnxruntime.so.1.28.0", engine);
	join(source && *source ? source : ".", "models/MANIFEST", list);
	*options = gh_vision_options_default();
	options->models_directory = models;
	options->models_manifest = list;
	options->engine_library = engine;
	options->width_max_px = 1280;
	options->height_max_px = 720;
	/* Somebody new counts at once; tests of coming and going set it. */
	options->settle_ms = 0;
	return there(join(models, "fr_feature.onnx", probe)) && there(engine) && there(list);
}

struct gh_frame models_frame(uint8_t *rgb, uint32_t width_px, uint32_t height_px)
{
	return (struct gh_frame){
		.width_px = width_px,
		.height_px = height_px,
		.format = GH_PIXEL_RGB24,
		.planes = { { rgb, 3 * width_px, 3 * width_px * height_px } },
		.exposure_us = GH_FRAME_UNKNOWN,
		.gain_permille = GH_FRAME_UNKNOWN,
	};
}
