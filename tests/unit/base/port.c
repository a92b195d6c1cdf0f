/* SPDX-License-Identifier: Apache-2.0 */
/* Ports that are taken, addresses that are none. */
#include "gatehouse/base/port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void a_port_is_free_until_somebody_listens(void **state)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);
	struct gh_error error = GH_ERROR_NONE;
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	(void)state;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
	assert_int_equal(gh_port_check_free("127.0.0.1", ntohs(address.sin_port), &error), GH_BUSY);
	assert_non_null(strstr(error.text, "in use"));
	close(listener);
	assert_int_equal(gh_port_check_free("127.0.0.1", ntohs(address.sin_port), &error), GH_OK);
	assert_int_equal(gh_port_check_free("127.0.0.1", 0, &error), GH_OK);
}

static void an_address_is_a_number(void **state)
{
	struct gh_error error = GH_ERROR_NONE;

	(void)state;
	assert_int_equal(gh_port_check_free("hall-3", 1, &error), GH_SETTINGS);
	assert_int_equal(gh_port_check_free("", 1, &error), GH_SETTINGS);
}

static void loopback_is_this_machine_alone(void **state)
{
	(void)state;
	assert_true(gh_port_is_loopback("127.0.0.1"));
	assert_true(gh_port_is_loopback("127.9.8.7"));
	assert_false(gh_port_is_loopback("0.0.0.0"));
	assert_false(gh_port_is_loopback("192.0.2.1"));
	assert_false(gh_port_is_loopback("127.0.0.1.example.com"));
	assert_false(gh_port_is_loopback("127.1"));
	assert_false(gh_port_is_loopback("lo"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_is_free_until_somebody_listens),
		cmocka_unit_test(an_address_is_a_number),
		cmocka_unit_test(loopback_is_this_machine_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
