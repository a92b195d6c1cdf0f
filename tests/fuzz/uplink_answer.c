/* SPDX-License-Identifier: Apache-2.0 */
/* The centre's answers, whatever they are: read within bounds, and never taken for a delivery. */
#include "answer.h"

#include <stdlib.h>
#include <string.h>

#include "gatehouse/uplink/verdict.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct listed_voyage voyages[ANSWER_VOYAGES_MAX];
static struct gh_id persons[ANSWER_PASSAGES_MAX];

static void must(bool fine)
{
	if (!fine)
		abort();
}

static void try_lists(struct gh_view answer)
{
	struct gh_error error;
	int64_t next;
	size_t count = 1;

	if (answer_voyages(answer, voyages, &count, &error) != GH_OK)
		must(count == 0);
	for (size_t i = 0; i < count; i++)
		must(!gh_id_is_none(&voyages[i].id) && strlen(voyages[i].etag) == 64);
	count = 1;
	if (answer_passages(answer, persons, &count, &next, &error) != GH_OK)
		must(count == 0);
	else
		must(next >= 0);
	for (size_t i = 0; i < count; i++)
		must(!gh_id_is_none(&persons[i]));
}

static void try_verdict(struct gh_view answer)
{
	struct gh_id asked = { { 0x10, 0x20 } };
	struct gh_id answered;
	struct gh_judgement judgement = gh_verdict_of_answer(0, 200, &asked, answer);
	bool same = answer_id(answer, &answered) == GH_OK && gh_id_equal(&asked, &answered);

	must((judgement.verdict == GH_VERDICT_DELIVERED) == same);
	must(same || judgement.verdict == GH_VERDICT_ALARM);
}

/* No answer is a receipt that this key has not signed. */
static void try_receipt(struct gh_view answer)
{
	struct gh_expected expected = { .id = { { 0x10, 0x20 } },
		.kind = GH_RECEIPT_ENCOUNTER,
		.receipts = true,
		.key_known = true };
	struct gh_receipt receipt;
	bool given = true;
	struct gh_judgement judgement = gh_verdict_of_receipt(&expected, answer, &receipt, &given);

	must(judgement.verdict == GH_VERDICT_ALARM && !given && !judgement.centre_wide);
	expected.receipts = false;
	judgement = gh_verdict_of_receipt(&expected, answer, &receipt, &given);
	must(!given);
	must(judgement.verdict == GH_VERDICT_DELIVERED || judgement.verdict == GH_VERDICT_ALARM);
}

static void try_words(struct gh_view answer)
{
	char word[24];
	char value[64];
	size_t length = answer.length_bytes < 63 ? answer.length_bytes : 63;

	answer_error_code(answer, word, sizeof(word));
	must(strspn(word, "abcdefghijklmnopqrstuvwxyz_") == strlen(word));
	if (length > 0)
		memcpy(value, answer.data, length);
	value[length] = '\0';
	must(answer_retry_after(value, INT64_C(1764000000000)) <= 3600);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct gh_view answer = { bytes, size };

	try_lists(answer);
	try_verdict(answer);
	try_receipt(answer);
	try_words(answer);
	return 0;
}
