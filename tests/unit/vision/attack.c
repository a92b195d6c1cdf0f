/* SPDX-License-Identifier: Apache-2.0 */
/* The fusion of cues and its file: what a score is, what a limit is, what a file may say. */
#include "gatehouse/vision/attack.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "gatehouse/crypto/hash.h"

#include "support/folder.h"

static struct gh_attack_parameters specimen(void)
{
	struct gh_attack_parameters made = { .data_set = "specimen shapes",
		.simulated_only = true,
		.people = 7,
		.bona_fide = 20,
		.attacks = 30 };

	made.with_network.bias = -4.0f;
	for (int i = 0; i < GH_ATTACK_CUE_COUNT; i++)
		made.with_network.terms[i] = (struct gh_attack_term){ 0.5f, 1.0f + (float)i, 0.25f,
			0.5f + 0.125f * (float)i };
	for (int i = 0; i < GH_ATTACK_BPCER_COUNT; i++)
		made.with_network.limits[i] = 3.0f - (float)i;
	made.without_network = made.with_network;
	made.without_network.bias = -3.5f;
	return made;
}

static void write_specimen(char path[4096], struct gh_bytes *text)
{
	struct gh_attack_parameters made = specimen();

	snprintf(path, 4096, "%s", folder_place("attack.txt"));
	assert_int_equal(gh_attack_write(path, &made, NULL), GH_OK);
	assert_int_equal(gh_file_read(path, GH_ATTACK_FILE_BYTES_MAX, text, NULL), GH_OK);
}

static void cues_have_words(void **state)
{
	(void)state;
	assert_string_equal(gh_attack_cue_word(GH_ATTACK_CUE_NETWORK), "network");
	assert_string_equal(gh_attack_cue_word(GH_ATTACK_CUE_DETAIL), "detail");
	assert_string_equal(gh_attack_cue_word(GH_ATTACK_CUE_COUNT), "unknown");
	assert_string_equal(gh_attack_cue_word((enum gh_attack_cue) - 1), "unknown");
}

static void evidence_begins_at_the_centre(void **state)
{
	const struct gh_attack_term term = { 0.0f, 2.0f, 0.5f, 3.0f };
	float last = -1.0f;

	(void)state;
	for (int i = -40; i <= 40; i++) {
		struct gh_attack_measure cue = { true, (float)i };
		float evidence = gh_attack_evidence(&term, &cue);

		assert_true(isfinite(evidence) && evidence >= last);
		last = evidence;
	}
	assert_float_equal(gh_attack_evidence(&term, &(struct gh_attack_measure){ true, 2.0f }),
		3.0f * logf(2.0f), 1e-5);
	assert_float_equal(
		gh_attack_evidence(&term, &(struct gh_attack_measure){ true, -9.0f }), 0.0f, 1e-5);
	/* A line far above. */
	assert_float_equal(
		gh_attack_evidence(&term, &(struct gh_attack_measure){ true, 12.0f }), 60.0f, 1e-3);
	assert_true(
		isfinite(gh_attack_evidence(&term, &(struct gh_attack_measure){ true, 3.4e37f })));
}

static void what_is_not_assessed_counts_as_typical(void **state)
{
	struct gh_attack_parameters made = specimen();
	struct gh_attack_measure cues[GH_ATTACK_CUE_COUNT] = { { false, 99.0f } };
	float none = gh_attack_score(&made.with_network, cues), all;

	(void)state;
	for (int i = 0; i < GH_ATTACK_CUE_COUNT; i++)
		cues[i] = (struct gh_attack_measure){ true, made.with_network.terms[i].typical };
	all = gh_attack_score(&made.with_network, cues);
	assert_float_equal(none, all, 1e-5);
	/* Neither is a value that is no number. */
	cues[2].native = NAN;
	cues[3].native = INFINITY;
	assert_float_equal(gh_attack_score(&made.with_network, cues), all, 1e-5);
	cues[2].native = 50.0f;
	assert_true(gh_attack_score(&made.with_network, cues) > all + 10.0f);
}

static void suspicion_begins_at_the_limit(void **state)
{
	struct gh_attack attack = { .assessed = true, .score = 1.0f, .limit = 1.0f };

	(void)state;
	assert_true(gh_attack_suspected(&attack));
	attack.limit = 1.001f;
	assert_false(gh_attack_suspected(&attack));
	attack.score = NAN;
	assert_true(gh_attack_suspected(&attack));
	attack.assessed = false;
	assert_false(gh_attack_suspected(&attack));
	memset(&attack, 0, sizeof(attack));
	assert_false(gh_attack_suspected(&attack));
}

static void limits_fall_as_more_may_be_suspected(void **state)
{
	struct gh_attack_parameters made = specimen();
	float last = INFINITY;

	(void)state;
	for (uint32_t i = 0; i < GH_ATTACK_BPCER_COUNT; i++)
		assert_float_equal(
			gh_attack_limit(&made.with_network, gh_attack_bpcers_permille[i]),
			made.with_network.limits[i], 1e-6);
	for (uint32_t share = 0; share <= 1000; share++) {
		float limit = gh_attack_limit(&made.with_network, share);

		assert_true(limit <= last);
		last = limit;
	}
	assert_float_equal(gh_attack_limit(&made.with_network, 0), 3.0f, 0);
	assert_float_equal(gh_attack_limit(&made.with_network, 1000), -2.0f, 0);
}

static void a_file_reads_back_as_written(void **state)
{
	struct gh_attack_parameters made = specimen(), back;
	struct gh_bytes text = GH_BYTES_EMPTY;
	char path[4096];

	(void)state;
	write_specimen(path, &text);
	assert_int_equal(gh_attack_read(path, &back, NULL), GH_OK);
	assert_string_equal(back.data_set, made.data_set);
	assert_true(back.simulated_only);
	assert_int_equal(back.attacks, made.attacks);
	assert_memory_equal(&back.with_network, &made.with_network, sizeof(made.with_network));
	assert_memory_equal(
		&back.without_network, &made.without_network, sizeof(made.without_network));
	gh_bytes_finish(&text);
	unlink(path);
	assert_int_equal(gh_attack_read(path, &back, NULL), GH_NOT_FOUND);
}

/* Whatever single byte changes, the file is refused and nothing of it is kept. */
static void every_changed_byte_is_refused(void **state)
{
	static const struct gh_attack_parameters none;
	struct gh_attack_parameters back;
	struct gh_bytes text = GH_BYTES_EMPTY;
	char path[4096];

	(void)state;
	write_specimen(path, &text);
	for (size_t i = 0; i < text.length_bytes; i++) {
		text.data[i] ^= 1;
		assert_int_not_equal(gh_attack_parse(gh_bytes_view(&text), &back, NULL), GH_OK);
		assert_memory_equal(&back, &none, sizeof(none));
		text.data[i] ^= 1;
		assert_int_not_equal(
			gh_attack_parse((struct gh_view){ text.data, i }, &back, NULL), GH_OK);
	}
	assert_int_equal(gh_attack_parse(gh_bytes_view(&text), &back, NULL), GH_OK);
	gh_bytes_finish(&text);
	unlink(path);
}

/* Replace the first `old` by `new`, sign anew, and parse. */
static enum gh_status parse_changed(const char *old, const char *new, struct gh_error *error)
{
	static char changed[GH_ATTACK_FILE_BYTES_MAX];
	struct gh_attack_parameters back;
	struct gh_bytes text = GH_BYTES_EMPTY;
	char path[4096], hash_text[GH_SHA256_TEXT_BYTES], *at, *end;
	struct gh_sha256 hash;

	write_specimen(path, &text);
	assert_int_equal(gh_bytes_append(&text, "", 1, NULL), GH_OK);
	at = strstr((char *)text.data, old);
	assert_non_null(at);
	snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - (char *)text.data),
		(char *)text.data, new, at + strlen(old));
	end = strstr(changed, "sha256 ");
	assert_non_null(end);
	assert_int_equal(
		gh_sha256_of((struct gh_view){ (uint8_t *)changed, (size_t)(end - changed) }, &hash,
			NULL),
		GH_OK);
	gh_sha256_format(&hash, hash_text);
	snprintf(end, sizeof(changed) - (size_t)(end - changed), "sha256 %s\n", hash_text);
	gh_bytes_finish(&text);
	unlink(path);
	return gh_attack_parse(gh_view_of_text(changed), &back, error);
}

static void what_a_file_may_not_say(void **state)
{
	struct gh_error error = GH_ERROR_NONE;

	(void)state;
	assert_int_equal(parse_changed("people 7", "people 8", NULL), GH_OK);
	assert_int_equal(
		parse_changed("gatehouse-attack 1", "gatehouse-attack 2", NULL), GH_UNSUPPORTED);
	assert_int_equal(parse_changed("people 7", "people -7", NULL), GH_MALFORMED);
	assert_int_equal(parse_changed("only yes", "only perhaps", NULL), GH_MALFORMED);
	/* A scale of zero, a weight below zero, no number, a number too many, rising limits. */
	assert_int_equal(parse_changed("1 0.25 0.5", "1 0 0.5", NULL), GH_MALFORMED);
	assert_int_equal(parse_changed("1 0.25 0.5", "1 0.25 -0.5", NULL), GH_MALFORMED);
	assert_int_equal(parse_changed("1 0.25 0.5", "nan 0.25 0.5", NULL), GH_MALFORMED);
	assert_int_equal(parse_changed("1 0.25 0.5", "1 0.25 1e30", NULL), GH_MALFORMED);
	assert_int_equal(parse_changed("1 0.25 0.5", "1 0.25 0.5 1", NULL), GH_MALFORMED);
	assert_int_equal(parse_changed("limits 3 2", "limits 2 3", &error), GH_MALFORMED);
	assert_non_null(strstr(error.text, "line 18"));
	assert_int_equal(parse_changed("halftone ", "halftones ", NULL), GH_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cues_have_words),
		cmocka_unit_test(evidence_begins_at_the_centre),
		cmocka_unit_test(what_is_not_assessed_counts_as_typical),
		cmocka_unit_test(suspicion_begins_at_the_limit),
		cmocka_unit_test(limits_fall_as_more_may_be_suspected),
		cmocka_unit_test(a_file_reads_back_as_written),
		cmocka_unit_test(every_changed_byte_is_refused),
		cmocka_unit_test(what_a_file_may_not_say),
	};

	return cmocka_run_group_tests(tests, folder_set_up, folder_tear_down);
}
