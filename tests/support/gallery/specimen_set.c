/* SPDX-License-Identifier: Apache-2.0 */
/* One gallery and one voyage at a time, as tests of whole galleries share them. */
#include "support/gallery/specimen_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/folder.h"

struct specimen_gallery set;
struct specimen_voyage specimen;

int set_begin(void **state)
{
	if (folder_set_up(state) != 0)
		return -1;
	specimen_gallery_init(&set, folder_path());
	return specimen_gallery_start(&set, NULL) == GH_OK ? 0 : -1;
}

int set_end(void **state)
{
	specimen_gallery_finish(&set);
	return folder_tear_down(state);
}

/* Load a voyage of so many persons, or refuse to. */
enum gh_status set_load(uint8_t name, uint32_t version, size_t persons, uint32_t portraits)
{
	enum gh_status status;

	specimen_init(&specimen, name, version, persons, portraits);
	status = specimen_load(&set, &specimen);
	specimen_finish(&specimen);
	return status;
}

void set_restart(void)
{
	specimen_gallery_stop(&set);
	assert_int_equal(specimen_gallery_start(&set, NULL), GH_OK);
}

void set_probe(uint64_t who, struct gh_template *probe)
{
	fake_template(who, 1000, probe);
}

/* Search with a fresh picture of a person. */
enum gh_status set_search(uint64_t who, struct gh_search *found)
{
	struct gh_template probe;

	set_probe(who, &probe);
	return gh_gallery_search(set.gallery, &probe, found, NULL);
}

/* Rows are numbered anew in each version; specimen `who` ends its id with who + 1. */
bool set_has(const struct gh_candidate *candidate, uint8_t voyage, uint64_t who)
{
	struct gh_id id = specimen_id(voyage);

	return gh_id_equal(&candidate->voyage, &id) && candidate->person.id.bytes[15] == who + 1;
}

/* Whether the person is the best candidate and reaches the threshold. */
bool set_matched(uint64_t who, uint8_t voyage)
{
	struct gh_search found;

	assert_int_equal(set_search(who, &found), GH_OK);
	return found.count > 0 && set_has(&found.candidates[0], voyage, who) &&
		found.candidates[0].score >= found.threshold.score;
}

bool set_lists(uint64_t who, uint8_t voyage)
{
	struct gh_search found;

	assert_int_equal(set_search(who, &found), GH_OK);
	for (size_t i = 0; i < found.count; i++)
		if (set_has(&found.candidates[i], voyage, who))
			return true;
	return false;
}
