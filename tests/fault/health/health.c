/* SPDX-License-Identifier: Apache-2.0 */
/* Without memory the snapshot is refused; it is never told in part. */
#include "gatehouse/health/health.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "inject.h"

typedef enum gh_status form(
	const struct gh_health *health, struct gh_bytes *text, struct gh_error *error);

static struct gh_health *busy_lane(void)
{
	struct gh_health *health = calloc(1, sizeof(*health));

	assert_non_null(health);
	health->outbox_known = true;
	health->uplink_known = true;
	health->device_count = 2;
	strcpy(health->devices[0].driver, "camera/replay");
	strcpy(health->devices[1].driver, "gate/virtual");
	strcpy(health->lane_id, "lane-1");
	health->lane.lost_devices = 1u << GH_DEVICE_CAMERA | 1u << GH_DEVICE_GATE;
	for (int i = 0; i < 3; i++) {
		health->lane.last[i].number = (uint64_t)(3 - i);
		health->lane.last[i].referral_count = 2;
	}
	health->lane.answers = 3;
	return health;
}

static void each_allocation_of(form *write)
{
	struct gh_health *health = busy_lane();
	struct gh_bytes whole = GH_BYTES_EMPTY;

	assert_int_equal(write(health, &whole, NULL), GH_OK);
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct gh_bytes text = GH_BYTES_EMPTY;
		struct gh_error error = GH_ERROR_NONE;
		enum gh_status status = write(health, &text, &error);

		inject_pause();
		if (status == GH_OK) {
			assert_int_equal(text.length_bytes, whole.length_bytes);
			assert_memory_equal(text.data, whole.data, whole.length_bytes);
		} else {
			assert_true(inject_hit());
			assert_int_equal(status, GH_NO_MEMORY);
			assert_int_equal(error.status, GH_NO_MEMORY);
		}
		gh_bytes_finish(&text);
	}
	gh_bytes_finish(&whole);
	free(health);
}

static void json_is_whole_or_refused(void **unused)
{
	(void)unused;
	each_allocation_of(gh_health_json);
}

static void metrics_are_whole_or_refused(void **unused)
{
	(void)unused;
	each_allocation_of(gh_health_metrics);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_is_whole_or_refused),
		cmocka_unit_test(metrics_are_whole_or_refused),
	};

	/* From here these names go through the injection, for the library too. */
	json_set_alloc_funcs(malloc, free);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
