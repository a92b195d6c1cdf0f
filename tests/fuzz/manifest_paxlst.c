/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a PAXLST file, brought into a voyage twice and checked. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/manifest/finding.h"
#include "gatehouse/manifest/paxlst.h"

static const int64_t today_ms = INT64_C(1795521600000);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void apply(const struct gh_paxlst *paxlst)
{
	struct gh_voyage voyage = { .persons = NULL };
	struct gh_findings findings;
	enum gh_status status = gh_voyage_apply(&voyage, paxlst, 60, NULL);

	assert(status == GH_OK || status == GH_CONFLICT);
	if (status == GH_OK) {
		size_t count = voyage.person_count;

		assert(count <= paxlst->voyage.person_count && voyage.version == 1);
		status = gh_voyage_apply(&voyage, paxlst, 60, NULL);
		assert(status == GH_OK || status == GH_EXISTS);
		assert(voyage.person_count >= count && voyage.version >= 1);
		assert(gh_voyage_check(&voyage, today_ms, &findings, NULL) == GH_OK);
		gh_findings_finish(&findings);
	}
	gh_voyage_finish(&voyage);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct gh_paxlst paxlst;
	struct gh_error error = GH_ERROR_NONE;

	if (gh_paxlst_parse((struct gh_view){ bytes, size }, today_ms, &paxlst, &error) != GH_OK) {
		assert(error.text[0] != '\0' && !paxlst.voyage.persons);
		return 0;
	}
	apply(&paxlst);
	assert(paxlst.begin_bytes < paxlst.end_bytes && paxlst.end_bytes <= size);
	gh_paxlst_finish(&paxlst);
	return 0;
}
