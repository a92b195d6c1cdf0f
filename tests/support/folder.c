/* SPDX-License-Identifier: Apache-2.0 */
/* Makes and removes a test's folder. */
#include "support/folder.h"

#include <dirent.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLACES 8
#define DEPTH_MAX 16

static char root[PATH_MAX];

int folder_set_up(void **state)
{
	const char *parent = getenv("TMPDIR");

	(void)state;
	snprintf(root, sizeof(root), "%s/gatehouse-test-XXXXXX", parent ? parent : "/tmp");
	return mkdtemp(root) ? 0 : -1;
}

const char *folder_path(void)
{
	return root;
}

const char *folder_place(const char *name)
{
	static char places[PLACES][PATH_MAX + 256];
	static size_t turn;
	char *place = places[turn++ % PLACES];

	snprintf(place, sizeof(places[0]), "%s/%s", root, name);
	return place;
}

static int is_entry(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

int folder_count(const char *name)
{
	DIR *dir = opendir(folder_place(name));
	struct dirent *entry;
	int count = 0;

	if (!dir)
		return -1;
	while ((entry = readdir(dir)))
		count += is_entry(entry);
	closedir(dir);
	return count;
}

static int remove_below(const char *path, int depth)
{
	char inner[PATH_MAX + 512];
	struct dirent *entry;
	struct stat found;
	DIR *dir;

	if (lstat(path, &found) != 0 || depth > DEPTH_MAX)
		return -1;
	if (!S_ISDIR(found.st_mode))
		return unlink(path);
	chmod(path, 0700);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		snprintf(inner, sizeof(inner), "%.*s/%s", PATH_MAX, path, entry->d_name);
		if (is_entry(entry))
			remove_below(inner, depth + 1);
	}
	if (dir)
		closedir(dir);
	return rmdir(path);
}

int folder_tear_down(void **state)
{
	(void)state;
	return remove_below(root, 0);
}
