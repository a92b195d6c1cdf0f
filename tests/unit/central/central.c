/* SPDX-License-Identifier: Apache-2.0 */
/* The service opens, listens, stops and refuses what it must; its API is tested from outside. */
#include "gatehouse/central/central.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "gatehouse/base/log.h"
#include "gatehouse/crypto/certificate.h"

static char folder[64];
static struct gh_settings settings;

static void set_path(char *to, const char *name)
{
	snprintf(to, GH_SETTINGS_TEXT_BYTES, "%s/%s", folder, name);
}

static int set_up(void **state)
{
	static const char *const clients[] = { "lane-1" };
	static const char *const roles[] = { GH_ROLE_LANE };

	strcpy(folder, "/tmp/central-XXXXXX");
	assert_non_null(mkdtemp(folder));
	assert_int_equal(gh_demo_certificates_make(folder, clients, roles, 1, NULL), GH_OK);
	gh_settings_default(&settings);
	settings.central.listen_port = 0;
	set_path(settings.central.data_directory, "data");
	set_path(settings.central.ca_file, "ca.pem");
	set_path(settings.central.certificate_file, "central.pem");
	set_path(settings.central.key_file, "central.key");
	set_path(settings.central.signer_certificate_file, "signer.pem");
	set_path(settings.central.signer_key_file, "signer.key");
	strcpy(settings.keys.provider, "file");
	set_path(settings.keys.directory, "keys");
	return 0;
}

static void remove_tree(const char *path)
{
	DIR *open = opendir(path);
	struct dirent *entry;
	char name[512];

	while (open && (entry = readdir(open))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		if (unlink(name) != 0)
			remove_tree(name);
	}
	if (open)
		closedir(open);
	rmdir(path);
}

static int tear_down(void **state)
{
	remove_tree(folder);
	return 0;
}

static enum gh_status try_open(struct gh_error *error)
{
	struct gh_central *central = NULL;
	enum gh_status status = gh_central_open(&settings, gh_clock_system(), &central, error);

	assert_true((central != NULL) == (status == GH_OK));
	gh_central_close(central);
	return status;
}

static bool accepts(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int probe = socket(AF_INET, SOCK_STREAM, 0);
	bool connected;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	connected = connect(probe, (struct sockaddr *)&address, sizeof(address)) == 0;
	close(probe);
	return connected;
}

static void *serve(void *ctx)
{
	return gh_central_serve(ctx, NULL) == GH_OK ? NULL : ctx;
}

static void it_listens_until_it_is_stopped(void **state)
{
	struct gh_central *central;
	pthread_t thread;
	void *failed;

	assert_int_equal(gh_central_open(&settings, gh_clock_system(), &central, NULL), GH_OK);
	uint16_t port = gh_central_port(central);
	assert_int_not_equal(port, 0);
	assert_int_equal(pthread_create(&thread, NULL, serve, central), 0);
	assert_true(accepts(port));
	gh_central_stop(central);
	pthread_join(thread, &failed);
	assert_null(failed);
	gh_central_close(central);
	assert_false(accepts(port));
	gh_central_close(NULL);
}

static void a_stop_before_it_serves_is_a_stop(void **state)
{
	struct gh_central *central;

	assert_int_equal(gh_central_open(&settings, gh_clock_system(), &central, NULL), GH_OK);
	gh_central_stop(central);
	assert_int_equal(gh_central_serve(central, NULL), GH_OK);
	gh_central_close(central);
	/* And all it held is free again. */
	assert_int_equal(try_open(NULL), GH_OK);
}

static void a_service_does_not_start_with_demo_keys(void **state)
{
	struct gh_error error = GH_ERROR_NONE;

	settings.central.purpose = GH_PURPOSE_SERVICE;
	assert_int_equal(try_open(&error), GH_SETTINGS);
	assert_non_null(strstr(error.text, "demo"));
}

static void keys_must_be_there_and_belong_together(void **state)
{
	struct gh_error error = GH_ERROR_NONE;

	set_path(settings.central.key_file, "lane-1.key");
	assert_int_equal(try_open(&error), GH_SETTINGS);
	assert_non_null(strstr(error.text, "does not belong"));
	set_path(settings.central.key_file, "nowhere.key");
	assert_int_equal(try_open(&error), GH_NOT_FOUND);
	set_path(settings.central.key_file, "central.key");
	set_path(settings.central.ca_file, "nowhere.pem");
	assert_int_equal(try_open(&error), GH_NOT_FOUND);
	set_path(settings.central.ca_file, "ca.pem");
	strcpy(settings.keys.provider, "none");
	assert_int_equal(try_open(&error), GH_UNSUPPORTED);
}

static void a_port_and_a_folder_have_one_owner(void **state)
{
	struct gh_central *central;
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(gh_central_open(&settings, gh_clock_system(), &central, NULL), GH_OK);
	assert_int_equal(try_open(&error), GH_BUSY);
	assert_non_null(strstr(error.text, "another process"));
	set_path(settings.keys.directory, "keys-2");
	assert_int_equal(try_open(&error), GH_BUSY);
	assert_non_null(strstr(error.text, "another process"));
	set_path(settings.central.data_directory, "data-2");
	settings.central.listen_port = gh_central_port(central);
	assert_int_equal(try_open(&error), GH_BUSY);
	assert_non_null(strstr(error.text, "listen"));
	gh_central_close(central);
	assert_int_equal(try_open(&error), GH_OK);
}

static void an_address_must_be_one_of_ours(void **state)
{
	struct gh_error error = GH_ERROR_NONE;

	snprintf(settings.central.listen_address, sizeof(settings.central.listen_address),
		"nonsense");
	assert_int_equal(try_open(&error), GH_SETTINGS);
	snprintf(settings.central.listen_address, sizeof(settings.central.listen_address),
		"192.0.2.1");
	assert_int_not_equal(try_open(&error), GH_OK);
	assert_non_null(strstr(error.text, "192.0.2.1"));
}

static void uploads_of_an_earlier_run_are_removed(void **state)
{
	char path[200];
	struct stat file;

	assert_int_equal(try_open(NULL), GH_OK);
	snprintf(path, sizeof(path), "%s/data/voyages/x.part", folder);
	FILE *left = fopen(path, "w");
	assert_non_null(left);
	fclose(left);
	assert_int_equal(try_open(NULL), GH_OK);
	assert_int_not_equal(stat(path, &file), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(it_listens_until_it_is_stopped),
		TEST(a_stop_before_it_serves_is_a_stop),
		TEST(a_service_does_not_start_with_demo_keys),
		TEST(keys_must_be_there_and_belong_together),
		TEST(a_port_and_a_folder_have_one_owner),
		TEST(an_address_must_be_one_of_ours),
		TEST(uploads_of_an_earlier_run_are_removed),
	};

	gh_log_set_level((enum gh_log_level)0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
