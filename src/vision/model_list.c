/* SPDX-License-Identifier: Apache-2.0 */
/* The sets of models that stand beside the list of files. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/file.h"
#include "gatehouse/vision/model.h"

#include "chain.h"

/* Sets told at most. */
#define SETS_MAX 32

struct names {
	uint32_t count;
	char list[SETS_MAX][WORDLINE_WORD_BYTES];
};

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static enum gh_status find_names(const char *folder, struct names *names, struct gh_error *error)
{
	char path[4096];
	const struct dirent *entry;
	enum gh_status status = gh_path_join(folder, "sets", path, sizeof(path), error);
	DIR *sets;

	if (status != GH_OK)
		return status;
	sets = opendir(path);
	if (!sets)
		return gh_error_errno(error, errno, "%s", path);
	while ((entry = readdir(sets)) != NULL && names->count < SETS_MAX) {
		size_t length = strlen(entry->d_name);

		if (entry->d_name[0] == '.' || length >= WORDLINE_WORD_BYTES)
			continue;
		memcpy(names->list[names->count++], entry->d_name, length + 1);
	}
	closedir(sets);
	qsort(names->list, names->count, sizeof(names->list[0]), by_name);
	return GH_OK;
}

static enum gh_status check_files(const struct gh_vision_options *options,
	const struct gh_models *models, const struct gh_model_set *set, struct gh_error *error)
{
	enum gh_status status = GH_OK;

	for (int role = 0; role < GH_ROLES && status == GH_OK; role++) {
		struct gh_bytes bytes = GH_BYTES_EMPTY;

		if (!set->has[role])
			continue;
		status = gh_models_load(
			models, options->models_directory, set->forms[role].model, &bytes, error);
		gh_bytes_finish(&bytes);
	}
	return status;
}

static void tell_one(const struct gh_vision_options *options, const struct gh_models *models,
	const char *name, struct gh_chain *chain, struct gh_model_listing *listing)
{
	struct gh_vision_options of_set = *options;
	struct gh_error error = GH_ERROR_NONE;

	of_set.model_set = name;
	listing->name = name;
	listing->chosen = options->model_set && !strcmp(options->model_set, name);
	listing->status = gh_chain_read_set(chain, &of_set, &error);
	for (int role = 0; role < GH_ROLES; role++) {
		listing->role_names[role] = gh_role_name((enum gh_role)role);
		listing->models[role] = chain->set.has[role] ? chain->set.forms[role].model : NULL;
	}
	if (listing->status == GH_OK)
		listing->status = check_files(options, models, &chain->set, &error);
	gh_text_copy(listing->reason_text, sizeof(listing->reason_text),
		listing->status == GH_OK ? "" : error.text);
}

enum gh_status gh_model_list(const struct gh_vision_options *options, gh_model_tell tell, void *ctx,
	struct gh_error *error)
{
	struct gh_models *models = malloc(sizeof(*models));
	struct gh_chain *chain = calloc(1, sizeof(*chain));
	struct names names = { 0 };
	char folder[4096];
	enum gh_status status = GH_OK;

	if (!models || !chain)
		status = gh_error_set(error, GH_NO_MEMORY, "list of models");
	else if (!options->models_manifest || !options->models_directory)
		status = gh_error_set(error, GH_SETTINGS, "no list or folder of models is set");
	if (status == GH_OK)
		status = gh_models_read(options->models_manifest, models, error);
	if (status == GH_OK)
		status = gh_chain_folder(options, folder, error);
	if (status == GH_OK)
		status = find_names(folder, &names, error);
	for (uint32_t i = 0; i < names.count && status == GH_OK; i++) {
		struct gh_model_listing listing = { 0 };

		memset(&chain->set, 0, sizeof(chain->set));
		tell_one(options, models, names.list[i], chain, &listing);
		tell(ctx, &listing);
	}
	free(chain);
	free(models);
	return status;
}
