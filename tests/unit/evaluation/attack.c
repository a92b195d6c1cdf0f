/* SPDX-License-Identifier: Apache-2.0 */
/* Fitting and measuring attack detection on cases whose truth is known. */
#include "gatehouse/evaluation/attack.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "attack_fit.h"

enum {
	PEOPLE = 60,
	EACH = 3, /* bona fide, an attack seen by one cue, one seen by none */
	COUNT = PEOPLE * EACH
};

static struct gh_attack_case cases[COUNT];

static float noise(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return (float)(*state >> 8) / 16777216.0f - 0.5f;
}

static void make_cases(void)
{
	uint32_t state = 5;

	memset(cases, 0, sizeof(cases));
	for (uint32_t i = 0; i < COUNT; i++) {
		cases[i].identity = i / EACH;
		cases[i].species = i % EACH;
		cases[i].acquired = true;
		for (int c = 0; c < GH_ATTACK_CUE_COUNT; c++)
			cases[i].cues[c] = (struct gh_attack_measure){ true, noise(&state) };
		if (i % EACH == 1)
			cases[i].cues[GH_ATTACK_CUE_HALFTONE].native += 5.0f;
	}
}

static void what_can_be_seen_is_found(void **state)
{
	struct gh_attack_parameters made = { .data_set = "x" };
	struct gh_attack_rate rates[3];

	(void)state;
	make_cases();
	assert_int_equal(gh_attack_fit(cases, COUNT, &made, NULL), GH_OK);
	assert_int_equal(made.people, PEOPLE);
	assert_int_equal(made.bona_fide, PEOPLE);
	assert_int_equal(made.attacks, 2 * PEOPLE);
	for (int c = 0; c < GH_ATTACK_CUE_COUNT; c++)
		assert_true(made.with_network.terms[c].weight >= 0.0f);
	assert_float_equal(made.without_network.terms[GH_ATTACK_CUE_NETWORK].weight, 0.0f, 0);
	gh_attack_measure_species(cases, COUNT, 0, &made, 50, rates);
	assert_true(rates[0].rate <= 0.05 && rates[1].rate <= 0.05 && rates[2].rate <= 0.05);
	gh_attack_measure_species(cases, COUNT, 1, &made, 50, rates);
	assert_int_equal(rates[0].shown, PEOPLE);
	assert_true(rates[0].rate > 0.99 && rates[1].rate > 0.99);
	/* All were called: the lower end is Wilson's. */
	assert_true(rates[0].low > 0.93 && rates[0].low < 0.95 && rates[0].high >= 0.999);
	/* What no cue sees is called as often as bona fide, and the network saw neither. */
	assert_true(rates[2].rate < 0.2);
	gh_attack_measure_species(cases, COUNT, 2, &made, 50, rates);
	assert_true(rates[0].rate < 0.25);
}

static void the_same_cases_fit_the_same(void **state)
{
	struct gh_attack_parameters a = { .data_set = "x" }, b = { .data_set = "x" };

	(void)state;
	make_cases();
	assert_int_equal(gh_attack_fit(cases, COUNT, &a, NULL), GH_OK);
	assert_int_equal(gh_attack_fit(cases, COUNT, &b, NULL), GH_OK);
	assert_memory_equal(&a, &b, sizeof(a));
}

static void too_little_or_wrong_is_refused(void **state)
{
	struct gh_attack_parameters made = { .data_set = "x" };

	(void)state;
	make_cases();
	assert_int_equal(gh_attack_fit(cases, 0, &made, NULL), GH_MALFORMED);
	assert_int_equal(gh_attack_fit(cases, 30, &made, NULL), GH_MALFORMED);
	for (uint32_t i = 0; i < COUNT; i++)
		cases[i].acquired = i >= 45;
	assert_int_equal(gh_attack_fit(cases, COUNT, &made, NULL), GH_OK);
	assert_int_equal(made.people, PEOPLE - 15);
	cases[0].species = GH_ATTACK_SPECIES_MAX;
	assert_int_equal(gh_attack_fit(cases, COUNT, &made, NULL), GH_MALFORMED);
}

static void a_species_that_was_not_shown_has_no_rate(void **state)
{
	struct gh_attack_parameters made = { .data_set = "x" };
	struct gh_attack_rate rates[3];

	(void)state;
	make_cases();
	assert_int_equal(gh_attack_fit(cases, COUNT, &made, NULL), GH_OK);
	gh_attack_measure_species(cases, COUNT, 9, &made, 50, rates);
	assert_int_equal(rates[0].shown, 0);
	assert_true(isnan(rates[0].rate));
}

static void quantiles_are_reached_by_so_many(void **state)
{
	float values[10] = { 3, 1, 2, 9, 8, 7, 6, 5, 4, 0 }, equal[4] = { 2, 2, 2, 2 };

	(void)state;
	assert_float_equal(gh_attack_upper_quantile(values, 10, 200), 8.0f, 0);
	assert_true(gh_attack_upper_quantile(values, 10, 50) > 9.0f);
	/* Equal values are not parted. */
	assert_true(gh_attack_upper_quantile(equal, 4, 500) > 2.0f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_can_be_seen_is_found),
		cmocka_unit_test(the_same_cases_fit_the_same),
		cmocka_unit_test(too_little_or_wrong_is_refused),
		cmocka_unit_test(a_species_that_was_not_shown_has_no_rate),
		cmocka_unit_test(quantiles_are_reached_by_so_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
