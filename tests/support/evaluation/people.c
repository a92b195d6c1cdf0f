/* SPDX-License-Identifier: Apache-2.0 */
/* A data set of files that say which template they give, and its index, in the test's folder. */
#include "support/evaluation/people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "support/folder.h"

enum {
	JOBS_MAX = 8
};

static struct gh_bytes lines;
static char path[512];

void people_begin(const char *columns)
{
	gh_bytes_clear(&lines);
	assert_int_equal(gh_bytes_print(&lines, NULL, "identity\tfile%s\n", columns), GH_OK);
}

void people_add(unsigned who, unsigned picture, enum fake_portrait_kind kind, const char *fields)
{
	struct fake_portrait portrait = { kind, who, picture };
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	char name[64];

	snprintf(name, sizeof(name), "%u-%u.jpg", who, picture);
	fake_portrait_write(&portrait, &bytes);
	assert_int_equal(
		gh_file_replace(folder_place(name), gh_bytes_view(&bytes), 0600, NULL), GH_OK);
	assert_int_equal(gh_bytes_print(&lines, NULL, "p%u\t%s%s\n", who, name, fields), GH_OK);
	gh_bytes_finish(&bytes);
}

const char *people_index(void)
{
	snprintf(path, sizeof(path), "%s/index.tsv", folder_path());
	assert_int_equal(gh_file_replace(path, gh_bytes_view(&lines), 0600, NULL), GH_OK);
	return path;
}

void people_finish(void)
{
	gh_bytes_finish(&lines);
}

struct gh_evaluation_options people_options(size_t jobs)
{
	static struct gh_enroller *enrollers[JOBS_MAX];

	for (size_t i = 0; i < JOBS_MAX; i++)
		enrollers[i] = fake_enroller();
	return (struct gh_evaluation_options){ .index = path,
		.enrollers = enrollers,
		.enroller_count = jobs,
		.clock = gh_clock_system(),
		.rounds = 50 };
}

struct gh_evaluation *people_run(const struct gh_evaluation_options *options)
{
	struct gh_evaluation *evaluation = NULL;
	struct gh_error error = GH_ERROR_NONE;

	if (gh_evaluation_run(options, &evaluation, &error) != GH_OK)
		fail_msg("%s", error.text);
	return evaluation;
}
