/* SPDX-License-Identifier: Apache-2.0 */
/* Caps are shared, time-outs grow with them, and a proxy is named without its secrets. */
#include "way.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void a_cap_is_shared_evenly_and_never_nothing(void **state)
{
	assert_int_equal(way_share_of(0, 3), 0);
	assert_int_equal(way_share_of(1000, 0), 1000);
	assert_int_equal(way_share_of(1000, 1), 1000);
	assert_int_equal(way_share_of(1000, 4), 250);
	assert_int_equal(way_share_of(3, 4), 1);
	assert_int_equal(way_share_of(INT32_MAX, 5), INT32_MAX / 5);
}

static void what_is_capped_has_not_stalled(void **state)
{
	struct way way = { .transfers_max = 5 };

	assert_int_equal(way_slow_bytes_per_s(&way), 200);
	way.send_bytes_per_s = 1000000;
	assert_int_equal(way_slow_bytes_per_s(&way), 200);
	way.receive_bytes_per_s = 1000;
	assert_int_equal(way_slow_bytes_per_s(&way), 100);
	way.send_bytes_per_s = 1;
	assert_int_equal(way_slow_bytes_per_s(&way), 1);
}

static void a_body_gets_the_time_it_takes(void **state)
{
	struct way way = { .transfers_max = 5 };

	assert_int_equal(way_timeout_ms(&way, 190000, 60000), 60000);
	way.send_bytes_per_s = 5000;
	assert_int_equal(way_timeout_ms(&way, 190000, 60000), 60000 + 190000);
	/* What has no time-out gets none. */
	assert_int_equal(way_timeout_ms(&way, 190000, 0), 0);
}

static enum gh_status set(struct way *way, const char *url, const char *ca, const char *credentials)
{
	const struct gh_uplink_options options = { .proxy_url = url,
		.proxy_ca_file = ca,
		.proxy_credentials = gh_view_of_text(credentials) };

	return way_set(way, &options, NULL);
}

static void a_proxy_is_of_a_kind_that_is_known(void **state)
{
	struct way way;

	assert_int_equal(set(&way, NULL, NULL, ""), GH_OK);
	assert_int_equal(way.proxy, WAY_DIRECT);
	assert_int_equal(set(&way, "http://proxy:3128", NULL, ""), GH_OK);
	assert_int_equal(way.proxy, WAY_HTTP);
	assert_int_equal(set(&way, "socks5h://proxy:1080", "", ""), GH_OK);
	assert_int_equal(way.proxy, WAY_SOCKS);
	assert_int_equal(set(&way, "https://proxy:3129", "ca.pem", ""), GH_OK);
	assert_int_equal(way.proxy, WAY_HTTPS);
	assert_int_equal(set(&way, "https://proxy:3129", "", ""), GH_SETTINGS);
	assert_int_equal(set(&way, "ftp://proxy", "", ""), GH_SETTINGS);
	/* With its name looked up on this side a proxy would not be asked for it: not offered. */
	assert_int_equal(set(&way, "socks5://proxy:1080", "", ""), GH_SETTINGS);
}

static void credentials_are_two_and_are_wiped(void **state)
{
	static const uint8_t none[256] = { 0 };
	char large[700];
	struct way way;

	assert_int_equal(set(&way, "http://proxy:3128", NULL, "lane:a:b c\r\n"), GH_OK);
	assert_string_equal(way.proxy_user, "lane");
	assert_string_equal(way.proxy_password, "a:b c");
	way_finish(&way);
	assert_memory_equal(way.proxy_user, none, sizeof(way.proxy_user));
	assert_memory_equal(way.proxy_password, none, sizeof(way.proxy_password));
	assert_int_equal(set(&way, "http://proxy:3128", NULL, "no password"), GH_SETTINGS);
	assert_int_equal(set(&way, "http://proxy:3128", NULL, "\nlane:word"), GH_SETTINGS);
	memset(large, 'x', sizeof(large));
	large[5] = ':';
	large[sizeof(large) - 1] = '\0';
	assert_int_equal(set(&way, "http://proxy:3128", NULL, large), GH_SETTINGS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cap_is_shared_evenly_and_never_nothing),
		cmocka_unit_test(what_is_capped_has_not_stalled),
		cmocka_unit_test(a_body_gets_the_time_it_takes),
		cmocka_unit_test(a_proxy_is_of_a_kind_that_is_known),
		cmocka_unit_test(credentials_are_two_and_are_wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
