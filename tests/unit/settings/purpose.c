/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what a purpose forbids: each rule alone, none of them in the other purpose. */
#include "gatehouse/settings/purpose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct gh_settings settings_for(enum gh_purpose purpose)
{
	struct gh_settings settings;

	gh_settings_default(&settings);
	settings.lane.purpose = purpose;
	settings.central.purpose = purpose;
	return settings;
}

static void expect_refusal(enum gh_status status, const struct gh_error *error, const char *story)
{
	assert_int_equal(status, GH_SETTINGS);
	assert_int_equal(error->status, GH_SETTINGS);
	assert_string_equal(error->text, story);
}

/* One fact each that a lane in service refuses. */
static const struct {
	struct gh_purpose_facts facts;
	bool rehearsal;
	uint32_t demo_padding;
	const char *story;
} rules[] = {
	{ .facts.virtual_driver = true,
		.story = "purpose = service refuses a replay or virtual driver" },
	{ .facts.demo_certificate = true,
		.story = "purpose = service refuses a certificate made by the demo" },
	{ .facts.unfit_keys = true,
		.story = "purpose = service refuses the key provider (keys are on the disk)" },
	{ .facts.key_in_file = true,
		.story = "purpose = service refuses [uplink] key_file in a file "
			 "(gatehouse keys import)" },
	{ .facts.test_voyage = true, .story = "purpose = service refuses a test voyage" },
	{ .facts.research_calibration = true,
		.story = "purpose = service refuses a calibration marked research-only" },
	{ .facts.test_urls = true, .story = "purpose = service refuses test-only state URLs" },
	{ .rehearsal = true, .story = "purpose = service refuses [lane] rehearsal" },
	{ .demo_padding = 1, .story = "purpose = service refuses [gallery] demo_padding" },
};

static void service_refuses_each_thing_of_the_demo(void **state)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct gh_settings settings = settings_for(GH_PURPOSE_SERVICE);
		struct gh_error error = GH_ERROR_NONE;

		settings.lane.rehearsal = rules[i].rehearsal;
		settings.gallery.demo_padding = rules[i].demo_padding;
		expect_refusal(gh_purpose_check_lane(&settings, &rules[i].facts, &error), &error,
			rules[i].story);
	}
}

static void the_demo_allows_all_of_them(void **state)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct gh_settings settings = settings_for(GH_PURPOSE_DEMO);

		settings.lane.rehearsal = rules[i].rehearsal;
		settings.gallery.demo_padding = rules[i].demo_padding;
		assert_int_equal(gh_purpose_check_lane(&settings, &rules[i].facts, NULL), GH_OK);
	}
}

static void several_are_told_at_once(void **state)
{
	struct gh_settings settings = settings_for(GH_PURPOSE_SERVICE);
	struct gh_purpose_facts facts = { .virtual_driver = true, .test_voyage = true };
	struct gh_error error = GH_ERROR_NONE;

	settings.gallery.demo_padding = 1000;
	expect_refusal(gh_purpose_check_lane(&settings, &facts, &error), &error,
		"purpose = service refuses a replay or virtual driver; a test voyage; "
		"[gallery] demo_padding");
}

static void a_lane_with_nothing_of_the_demo_serves(void **state)
{
	struct gh_settings settings = settings_for(GH_PURPOSE_SERVICE);
	struct gh_purpose_facts facts = { .real_gate = true };

	assert_int_equal(gh_purpose_check_lane(&settings, &facts, NULL), GH_OK);
	settings.lane.traffic = GH_TRAFFIC_SEA;
	assert_int_equal(gh_purpose_check_lane(&settings, &facts, NULL), GH_OK);
}

static void the_demo_moves_no_real_gate(void **state)
{
	struct gh_settings settings = settings_for(GH_PURPOSE_DEMO);
	struct gh_purpose_facts facts = { .real_gate = true };
	struct gh_error error = GH_ERROR_NONE;

	expect_refusal(gh_purpose_check_lane(&settings, &facts, &error), &error,
		"purpose = demo refuses a gate driver that is not virtual");
}

static void land_needs_a_reader_of_chips(void **state)
{
	static const enum gh_purpose purposes[] = { GH_PURPOSE_DEMO, GH_PURPOSE_SERVICE };

	for (size_t i = 0; i < 2; i++) {
		struct gh_settings settings = settings_for(purposes[i]);
		struct gh_purpose_facts facts = { .chip_reader = false };
		struct gh_error error = GH_ERROR_NONE;

		settings.lane.traffic = GH_TRAFFIC_LAND;
		expect_refusal(gh_purpose_check_lane(&settings, &facts, &error), &error,
			"traffic = land needs a document reader that reads chips, "
			"and there is none");
		facts.chip_reader = true;
		assert_int_equal(gh_purpose_check_lane(&settings, &facts, NULL), GH_OK);
	}
}

static void the_centre_has_rules_of_its_own(void **state)
{
	struct gh_settings settings = settings_for(GH_PURPOSE_SERVICE);
	struct gh_purpose_facts facts = { .demo_certificate = true };
	struct gh_error error = GH_ERROR_NONE;

	/* The centre's purpose counts, not the lane's. */
	settings.central.registered_only = true;
	settings.lane.purpose = GH_PURPOSE_DEMO;
	expect_refusal(gh_purpose_check_central(&settings, &facts, &error), &error,
		"[central] purpose = service refuses a certificate made by the demo");
	facts = (struct gh_purpose_facts){ .test_voyage = true };
	expect_refusal(gh_purpose_check_central(&settings, &facts, &error), &error,
		"[central] purpose = service refuses a test voyage");
	facts = (struct gh_purpose_facts){ .key_in_file = true };
	expect_refusal(gh_purpose_check_central(&settings, &facts, &error), &error,
		"[central] purpose = service refuses [central] issuer_key_file in a file "
		"(gatehouse keys import)");
	facts = (struct gh_purpose_facts){ .test_voyage = false };
	settings.central.registered_only = false;
	expect_refusal(gh_purpose_check_central(&settings, &facts, &error), &error,
		"[central] purpose = service refuses registered_only = no");
	settings.central.registered_only = true;
	facts = (struct gh_purpose_facts){ .virtual_driver = true, .unfit_keys = true };
	assert_int_equal(gh_purpose_check_central(&settings, &facts, &error), GH_OK);

	settings = settings_for(GH_PURPOSE_DEMO);
	facts = (struct gh_purpose_facts){ .demo_certificate = true, .test_voyage = true };
	assert_int_equal(gh_purpose_check_central(&settings, &facts, &error), GH_OK);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(service_refuses_each_thing_of_the_demo),
		cmocka_unit_test(the_demo_allows_all_of_them),
		cmocka_unit_test(several_are_told_at_once),
		cmocka_unit_test(a_lane_with_nothing_of_the_demo_serves),
		cmocka_unit_test(the_demo_moves_no_real_gate),
		cmocka_unit_test(land_needs_a_reader_of_chips),
		cmocka_unit_test(the_centre_has_rules_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
