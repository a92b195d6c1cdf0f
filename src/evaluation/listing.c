/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures and people as a list names them, on the way to an index. */
#include "listing.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/file.h"

static int by_identity(const void *left, const void *right)
{
	const struct gh_listed *a = left;
	const struct gh_listed *b = right;
	int order = strcmp(a->identity, b->identity);

	return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

/* Two of one person may stand in one line of a list of pairs. */
static int by_number(const void *left, const void *right)
{
	const struct gh_listed *a = left;
	const struct gh_listed *b = right;

	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return (a->key > b->key) - (a->key < b->key);
}

static int by_line(const void *left, const void *right)
{
	const struct gh_listed *a = left;
	const struct gh_listed *b = right;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return (a->key > b->key) - (a->key < b->key);
}

/* Number the identities in the order in which they are mentioned. */
static uint32_t number_identities(struct gh_listed *listed, size_t count)
{
	uint32_t identities = 0;
	uint32_t last = 0;

	/* For now, the place of the first mention itself is the number. */
	qsort(listed, count, sizeof(*listed), by_line);
	for (size_t i = 0; i < count; i++)
		listed[i].number = (uint32_t)i;
	qsort(listed, count, sizeof(*listed), by_identity);
	for (size_t i = 0, first = 0; i < count; i = first) {
		uint32_t least = UINT32_MAX;

		for (first = i;
			first < count && strcmp(listed[first].identity, listed[i].identity) == 0;
			first++)
			if (listed[first].number < least)
				least = listed[first].number;
		for (size_t k = i; k < first; k++)
			listed[k].number = least;
	}
	qsort(listed, count, sizeof(*listed), by_number);
	for (size_t i = 0; i < count; i++) {
		bool same = i > 0 && listed[i].number == last;

		last = listed[i].number;
		listed[i].number = same ? listed[i - 1].number : identities++;
	}
	return identities;
}

/* Room for all paths, joined. */
static size_t paths_bytes(const struct gh_listed *listed, size_t count, const char *folder)
{
	size_t bytes = 1;

	for (size_t i = 0; i < count; i++)
		bytes += strlen(folder) + 1 + strlen(listed[i].file) + 1;
	return bytes;
}

static enum gh_status write_path(const char *folder, const char *file, char *place, size_t left)
{
	if (file[0] != '/' && folder[0] != '\0')
		return gh_path_join(folder, file, place, left, NULL);
	return gh_text_copy(place, left, file) ? GH_OK : GH_TOO_LARGE;
}

enum gh_status gh_listing_make(struct gh_tsv *lines, const char *folder, struct gh_listed *listed,
	size_t count, struct gh_index *index)
{
	size_t bytes = paths_bytes(listed, count, folder);
	char *place;

	index->identity_count = number_identities(listed, count);
	index->pictures = calloc(count, sizeof(*index->pictures));
	index->texts = calloc(bytes, 1);
	if (!index->pictures || !index->texts)
		return gh_error_set(lines->error, GH_NO_MEMORY, "%s", lines->name);
	place = index->texts;
	for (size_t i = 0; i < count; i++) {
		size_t left = bytes - (size_t)(place - index->texts);
		enum gh_status status = write_path(folder, listed[i].file, place, left);

		if (status != GH_OK || strlen(place) >= PATH_MAX)
			return gh_tsv_fail(lines, listed[i].line, "the path is too long");
		index->pictures[i] = (struct gh_index_picture){
			.file = place, .identity = listed[i].number, .line = listed[i].line
		};
		memcpy(index->pictures[i].groups, listed[i].groups, sizeof(listed[i].groups));
		place += strlen(place) + 1;
	}
	index->picture_count = count;
	return GH_OK;
}

enum gh_status gh_listing_folder(
	const char *path, char *folder, size_t folder_bytes, struct gh_error *error)
{
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (slash == path ? 1 : (size_t)(slash - path)) : 0;

	folder[0] = '\0';
	if (length >= folder_bytes)
		return gh_error_set(error, GH_TOO_LARGE, "the list's path is too long");
	memcpy(folder, path, length);
	folder[length] = '\0';
	return GH_OK;
}
