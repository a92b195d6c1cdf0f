/* SPDX-License-Identifier: Apache-2.0 */
/* Which masters a folder holds, and how one follows the other there. */
#include "master_files.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/id.h"

#define NAME_BYTES 64

static void name_of(const struct gh_master_files *files, uint64_t generation, char name[NAME_BYTES])
{
	if (generation == 1)
		snprintf(name, NAME_BYTES, "master%s", files->form->suffix);
	else
		snprintf(name, NAME_BYTES, "master-%" PRIu64 "%s", generation, files->form->suffix);
}

/* The generation whose file has this name; 0 if none has. */
static uint64_t generation_of(const struct gh_master_files *files, const char *name)
{
	char whole[NAME_BYTES];
	uint64_t generation = 1;

	if (strncmp(name, "master-", 7) == 0)
		generation = strtoull(name + 7, NULL, 10);
	if (generation == 0)
		return 0;
	name_of(files, generation, whole);
	return strcmp(name, whole) == 0 ? generation : 0;
}

/* The newest generation there is, and how many there are besides. */
struct finding {
	const struct gh_master_files *files;
	uint64_t newest;
	struct gh_masters *masters;
};

static enum gh_status find_newest(void *ctx, const char *name, struct gh_error *error)
{
	struct finding *finding = ctx;
	uint64_t generation = generation_of(finding->files, name);

	(void)error;
	if (generation > finding->newest)
		finding->newest = generation;
	return GH_OK;
}

static bool is_overwritten(struct gh_view file)
{
	for (size_t i = 0; i < file.length_bytes; i++)
		if (file.data[i] != 0)
			return false;
	return file.length_bytes > 0;
}

static enum gh_status read_master(const struct gh_master_files *files, uint64_t generation,
	struct gh_aead_key *master, bool *overwritten, struct gh_error *error)
{
	struct gh_bytes file = GH_BYTES_EMPTY;
	char name[NAME_BYTES];
	enum gh_status status;

	name_of(files, generation, name);
	status = gh_key_file_read(files->folder, name, files->form->limit_bytes, &file, error);
	if (status != GH_OK)
		return status;
	*overwritten = is_overwritten(gh_bytes_view(&file));
	if (!*overwritten)
		status = files->form->decode(files->ctx, name, gh_bytes_view(&file), master, error);
	if (status == GH_OK && !*overwritten && gh_key_is_blank(master))
		status = gh_error_set(error, GH_INTEGRITY, "the key is all zero");
	if (status != GH_OK)
		gh_error_wrap(error, "%s/%s", files->folder->path, name);
	gh_bytes_finish(&file);
	return status;
}

/* An older master is the one before, or what a cut-off destruction left of it. */
static enum gh_status take_older(void *ctx, const char *name, struct gh_error *error)
{
	struct finding *finding = ctx;
	const struct gh_master_files *files = finding->files;
	uint64_t generation = generation_of(files, name);
	struct gh_masters *masters = finding->masters;
	bool overwritten = false;
	enum gh_status status;

	if (generation == 0 || generation == finding->newest)
		return GH_OK;
	status = read_master(files, generation, &masters->before, &overwritten, error);
	if (status != GH_OK)
		return status;
	if (overwritten)
		return gh_key_file_destroy(files->folder, name, error);
	if (generation + 1 != finding->newest)
		return gh_error_set(error, GH_MALFORMED,
			"%s: masters of generations %" PRIu64 " and %" PRIu64
			" side by side: was an old one put back?",
			files->folder->path, generation, finding->newest);
	masters->changing = true;
	return GH_OK;
}

static enum gh_status write_newest(const struct gh_master_files *files,
	const struct gh_masters *masters, struct gh_error *error)
{
	struct gh_bytes file = GH_BYTES_EMPTY;
	char name[NAME_BYTES];
	enum gh_status status;

	name_of(files, masters->generation, name);
	status = files->form->encode(files->ctx, name, &masters->newest, &file, error);
	if (status == GH_OK)
		status = gh_key_file_write(files->folder, name, gh_bytes_view(&file), error);
	gh_bytes_finish(&file);
	return status;
}

static enum gh_status make_first(
	const struct gh_master_files *files, struct gh_masters *masters, struct gh_error *error)
{
	enum gh_status status =
		gh_random_fill(masters->newest.bytes, sizeof(masters->newest.bytes), error);

	masters->generation = 1;
	return status == GH_OK ? write_newest(files, masters, error) : status;
}

enum gh_status gh_master_files_load(
	const struct gh_master_files *files, struct gh_masters *masters, struct gh_error *error)
{
	struct finding finding = { .files = files, .masters = masters };
	bool overwritten = false;
	enum gh_status status = gh_key_folder_each(files->folder, find_newest, &finding, error);

	if (status != GH_OK)
		return status;
	if (finding.newest == 0)
		return make_first(files, masters, error);
	masters->generation = finding.newest;
	status = read_master(files, finding.newest, &masters->newest, &overwritten, error);
	if (status == GH_OK && overwritten)
		status = gh_error_set(error, GH_INTEGRITY, "%s: the newest master is overwritten",
			files->folder->path);
	if (status == GH_OK)
		status = gh_key_folder_each(files->folder, take_older, &finding, error);
	return status;
}

enum gh_status gh_master_files_begin(
	const struct gh_master_files *files, const struct gh_masters *after, struct gh_error *error)
{
	return write_newest(files, after, error);
}

enum gh_status gh_master_files_finish(
	const struct gh_master_files *files, const struct gh_masters *now, struct gh_error *error)
{
	char name[NAME_BYTES];

	name_of(files, now->generation - 1, name);
	return gh_key_file_destroy(files->folder, name, error);
}
