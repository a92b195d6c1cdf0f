/* SPDX-License-Identifier: Apache-2.0 */
/* Key provider "tpm2" against a TPM in software: refusals, the bus, wear, an end midway. */
#define _GNU_SOURCE
#include "gatehouse/crypto/provider.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "provider_state.h"
#include "support/crypto/swtpm.h"
#include "support/folder.h"
#include "tpm.h"

#define KEYS "keys"
#define CONTEXT gh_view_of_text("record 1")
#define INDEX 0x0181a7e0u

static struct swtpm tpm;

/* How the next write of the index goes, and how many there were. */
static enum {
	WRITE_GOES,
	WRITE_IS_LOST,
	ANSWER_IS_LOST
} write_fate;
static unsigned writes;

enum gh_status __real_gh_tpm_write(struct gh_tpm *to, const uint8_t auth[GH_TPM_AUTH_BYTES],
	const uint8_t *bytes, uint16_t length_bytes, struct gh_error *error);
enum gh_status __wrap_gh_tpm_write(struct gh_tpm *to, const uint8_t auth[GH_TPM_AUTH_BYTES],
	const uint8_t *bytes, uint16_t length_bytes, struct gh_error *error);

enum gh_status __wrap_gh_tpm_write(struct gh_tpm *to, const uint8_t auth[GH_TPM_AUTH_BYTES],
	const uint8_t *bytes, uint16_t length_bytes, struct gh_error *error)
{
	enum gh_status status = GH_OK;

	writes++;
	if (write_fate != WRITE_IS_LOST)
		status = __real_gh_tpm_write(to, auth, bytes, length_bytes, error);
	if (write_fate != WRITE_GOES)
		status = gh_error_set(error, GH_OFFLINE, "no answer");
	return status;
}

static enum gh_status try_open(
	const char *tcti, const char *pcrs, struct gh_provider **provider, struct gh_error *error)
{
	struct gh_provider_options options = {
		.kind = "tpm2", .folder = folder_place(KEYS), .tpm2_tcti = tcti, .tpm2_pcrs = pcrs
	};

	return gh_provider_open_with(&options, provider, error);
}

static struct gh_provider *open_keys(void)
{
	struct gh_provider *provider;
	struct gh_error error = GH_ERROR_NONE;

	if (try_open(tpm.tcti, NULL, &provider, &error) != GH_OK)
		fail_msg("%s", error.text);
	return provider;
}

static void refuse(const char *pcrs, enum gh_status expected, const char *reason)
{
	struct gh_provider *provider;
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(try_open(tpm.tcti, pcrs, &provider, &error), expected);
	assert_null(provider);
	if (!strstr(error.text, reason))
		fail_msg("'%s' says nothing of '%s'", error.text, reason);
}

static struct gh_bytes wrap_key(struct gh_provider *provider, uint8_t first)
{
	struct gh_bytes wrapped = GH_BYTES_EMPTY;
	struct gh_aead_key key = { { first } };

	assert_int_equal(gh_provider_wrap(provider, CONTEXT, &key, &wrapped, NULL), GH_OK);
	return wrapped;
}

static enum gh_status unwrap(struct gh_provider *provider, const struct gh_bytes *wrapped)
{
	struct gh_aead_key key;

	return gh_provider_unwrap(provider, CONTEXT, gh_bytes_view(wrapped), &key, NULL);
}

static void without_a_tpm(void **state)
{
	struct gh_provider *provider;
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(
		try_open("swtpm:host=127.0.0.1,port=1", NULL, &provider, &error), GH_UNSUPPORTED);
	assert_non_null(strstr(error.text, "swtpm:host=127.0.0.1,port=1"));
	assert_int_equal(
		try_open("device:/dev/null/none", NULL, &provider, &error), GH_UNSUPPORTED);
	assert_non_null(strstr(error.text, "group tss"));
}

/* PCR 7 is chosen when nothing is said. */
static void other_pcrs_open_nothing(void **state)
{
	struct gh_provider *provider = open_keys();
	struct gh_bytes wrapped = wrap_key(provider, 1);

	gh_provider_close(provider);
	swtpm_extend(&tpm, 4);
	gh_provider_close(open_keys());
	swtpm_extend(&tpm, 7);
	refuse(NULL, GH_DENIED, "PCR 7 not as when the keys were made");
	swtpm_restart(&tpm);
	provider = open_keys();
	assert_int_equal(unwrap(provider, &wrapped), GH_OK);
	assert_int_equal(gh_provider_begin_change(provider, NULL), GH_OK);
	swtpm_extend(&tpm, 7);
	assert_int_equal(gh_provider_finish_change(provider, NULL), GH_DENIED);
	assert_int_equal(unwrap(provider, &wrapped), GH_OK);
	gh_provider_close(provider);
	gh_bytes_finish(&wrapped);
}

static void pcrs_are_chosen(void **state)
{
	struct gh_provider *provider;
	const char *mask = "0+4+23";

	assert_int_equal(try_open(tpm.tcti, mask, &provider, NULL), GH_OK);
	gh_provider_close(provider);
	swtpm_extend(&tpm, 7);
	assert_int_equal(try_open(tpm.tcti, mask, &provider, NULL), GH_OK);
	gh_provider_close(provider);
	swtpm_extend(&tpm, 23);
	refuse(mask, GH_DENIED, "PCR 0,4,23 not");
}

static void settings_that_are_none(void **state)
{
	static const char *const pcrs[] = { "x", "24", "7,8", "7+", "+7", "-1", "7 " };
	static const char *const indexes[] = { "x", "0x017fffff", "0x01c00000", "0x0181a7e0 ",
		"-1" };
	struct gh_provider *provider;

	for (size_t i = 0; i < sizeof(pcrs) / sizeof(pcrs[0]); i++)
		refuse(pcrs[i], GH_SETTINGS, "tpm2_pcrs");
	for (size_t i = 0; i < sizeof(indexes) / sizeof(indexes[0]); i++) {
		struct gh_provider_options options = { .kind = "tpm2",
			.folder = folder_place(KEYS),
			.tpm2_tcti = tpm.tcti,
			.tpm2_index = indexes[i] };

		assert_int_equal(gh_provider_open_with(&options, &provider, NULL), GH_SETTINGS);
	}
}

static void a_folder_that_is_lost(void **state)
{
	gh_provider_close(open_keys());
	assert_int_equal(rename(folder_place(KEYS), folder_place("away")), 0);
	refuse(NULL, GH_DENIED, "tpm2_nvundefine 0x0181a7e0");
	swtpm_undefine(&tpm, INDEX);
	gh_provider_close(open_keys());
}

static void an_index_that_is_lost(void **state)
{
	gh_provider_close(open_keys());
	swtpm_undefine(&tpm, INDEX);
	refuse(NULL, GH_DENIED, "is gone");
}

static void a_tpm_that_was_cleared(void **state)
{
	gh_provider_close(open_keys());
	swtpm_clear(&tpm);
	refuse(NULL, GH_DENIED, "before it was cleared");
}

static void another_tpm(void **state)
{
	gh_provider_close(open_keys());
	swtpm_stop(&tpm);
	swtpm_start(&tpm, folder_place("other tpm"));
	refuse(NULL, GH_DENIED, "another TPM");
}

/* Of another size: any index that is not as ours are made. */
static void an_index_of_somebody_else(void **state)
{
	struct gh_tpm_place place = { .tcti = tpm.tcti, .pcr_mask = 1u << 7, .index = INDEX };
	struct gh_tpm *other;
	uint8_t auth[GH_TPM_AUTH_BYTES] = { 1 };

	assert_int_equal(gh_tpm_open(&place, &other, NULL), GH_OK);
	assert_int_equal(gh_tpm_define(other, 17, auth, NULL), GH_OK);
	gh_tpm_close(other);
	refuse(NULL, GH_DENIED, "0x0181a7e0 is taken by something else");
}

/* Of the same make, and nothing was ever written to it: with a password that we do not have. */
static void an_index_with_another_password(void **state)
{
	struct gh_tpm_place place = { .tcti = tpm.tcti, .pcr_mask = 1u << 7, .index = INDEX };
	struct gh_tpm *other;
	uint8_t auth[GH_TPM_AUTH_BYTES] = { 1 };

	gh_provider_close(open_keys());
	swtpm_undefine(&tpm, INDEX);
	assert_int_equal(gh_tpm_open(&place, &other, NULL), GH_OK);
	assert_int_equal(gh_tpm_define(other, 52, auth, NULL), GH_OK);
	assert_int_equal(gh_tpm_write(other, auth, auth, 32, NULL), GH_OK);
	gh_tpm_close(other);
	refuse(NULL, GH_DENIED, "wrong password");
}

/* With our password, and other content than ours. */
static void damaged_content(void **state)
{
	struct gh_provider *provider = open_keys();
	struct gh_tpm_place place = { .tcti = tpm.tcti, .pcr_mask = 1u << 7, .index = INDEX };
	struct gh_bytes binding = GH_BYTES_EMPTY;
	struct gh_tpm *other;
	uint8_t content[52];

	gh_provider_close(provider);
	assert_int_equal(
		gh_file_read(folder_place(KEYS "/tpm2.binding"), 4096, &binding, NULL), GH_OK);
	assert_int_equal(gh_tpm_open(&place, &other, NULL), GH_OK);
	assert_int_equal(gh_tpm_read(other, binding.data, content, 52, NULL), GH_OK);
	content[20] ^= 1;
	assert_int_equal(gh_tpm_write(other, binding.data, content, 52, NULL), GH_OK);
	gh_tpm_close(other);
	refuse(NULL, GH_INTEGRITY, "holds no master");
	gh_bytes_finish(&binding);
}

static void a_start_that_was_cut_off(void **state)
{
	struct gh_provider *provider;

	write_fate = WRITE_IS_LOST;
	assert_int_equal(try_open(tpm.tcti, NULL, &provider, NULL), GH_OFFLINE);
	write_fate = WRITE_GOES;
	provider = open_keys();
	assert_int_equal(gh_provider_generation(provider), 1);
	gh_provider_close(provider);
}

/* The TPM leaves before, and comes back: in the same process, and after a new start. */
static void a_tpm_that_leaves_in_the_middle(void **state)
{
	struct gh_provider *provider = open_keys();
	struct gh_bytes left = wrap_key(provider, 1);
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(gh_provider_begin_change(provider, NULL), GH_OK);
	swtpm_stop(&tpm);
	assert_int_equal(gh_provider_finish_change(provider, &error), GH_OFFLINE);
	assert_true(gh_provider_changing(provider));
	assert_int_equal(unwrap(provider, &left), GH_OK);
	swtpm_resume(&tpm);
	assert_int_equal(gh_provider_finish_change(provider, NULL), GH_OK);
	assert_int_equal(unwrap(provider, &left), GH_GONE);
	gh_provider_close(provider);
	gh_bytes_finish(&left);
}

static void end_midway(int fate, bool crash)
{
	struct gh_provider *provider = open_keys();
	struct gh_bytes left = wrap_key(provider, 1);
	struct gh_bytes live;

	assert_int_equal(gh_provider_begin_change(provider, NULL), GH_OK);
	live = wrap_key(provider, 2);
	write_fate = fate;
	assert_int_equal(gh_provider_finish_change(provider, NULL), GH_OFFLINE);
	write_fate = WRITE_GOES;
	assert_int_equal(unwrap(provider, &live), GH_OK);
	if (crash) {
		gh_provider_close(provider);
		provider = open_keys();
		assert_int_equal(gh_provider_changing(provider), fate == WRITE_IS_LOST);
	}
	assert_int_equal(unwrap(provider, &live), GH_OK);
	if (gh_provider_changing(provider))
		assert_int_equal(gh_provider_finish_change(provider, NULL), GH_OK);
	gh_provider_close(provider);
	provider = open_keys();
	assert_false(gh_provider_changing(provider));
	assert_int_equal(unwrap(provider, &live), GH_OK);
	assert_int_equal(unwrap(provider, &left), GH_GONE);
	assert_int_equal(access(folder_place(KEYS "/next.master"), F_OK), -1);
	gh_provider_close(provider);
	gh_bytes_finish(&left);
	gh_bytes_finish(&live);
}

static void a_write_or_its_answer_is_lost(void **state)
{
	end_midway(WRITE_IS_LOST, false);
	end_midway(WRITE_IS_LOST, true);
	end_midway(ANSWER_IS_LOST, false);
	end_midway(ANSWER_IS_LOST, true);
}

static void a_change_wears_the_tpm_once(void **state)
{
	struct gh_provider *provider = open_keys();

	writes = 0;
	for (unsigned n = 1; n <= 3; n++) {
		assert_int_equal(gh_provider_begin_change(provider, NULL), GH_OK);
		assert_int_equal(gh_provider_finish_change(provider, NULL), GH_OK);
		assert_int_equal(writes, n);
	}
	gh_provider_close(provider);
	gh_provider_close(open_keys());
	assert_int_equal(writes, 3);
}

static bool holds(const struct gh_bytes *bytes, const void *part, size_t length)
{
	return memmem(bytes->data, bytes->length_bytes, part, length) != NULL;
}

/* All that crossed the bus, at the first start, through a change and at a second start. */
static void the_bus_tells_nothing(void **state)
{
	struct gh_provider *provider;
	struct gh_bytes bus = GH_BYTES_EMPTY;
	struct gh_bytes binding = GH_BYTES_EMPTY;
	struct gh_aead_key masters[2];
	char tcti[128];

	snprintf(tcti, sizeof(tcti), "pcap:%s", tpm.tcti);
	assert_int_equal(setenv("TCTI_PCAP_FILE", folder_place("bus.pcap"), 1), 0);
	assert_int_equal(try_open(tcti, NULL, &provider, NULL), GH_OK);
	masters[0] = provider->keys->now.newest;
	assert_int_equal(gh_provider_begin_change(provider, NULL), GH_OK);
	assert_int_equal(gh_provider_finish_change(provider, NULL), GH_OK);
	masters[1] = provider->keys->now.newest;
	gh_provider_close(provider);
	assert_int_equal(try_open(tcti, NULL, &provider, NULL), GH_OK);
	assert_memory_equal(
		masters[1].bytes, provider->keys->now.newest.bytes, sizeof(masters[1].bytes));
	gh_provider_close(provider);
	assert_int_equal(unsetenv("TCTI_PCAP_FILE"), 0);

	assert_int_equal(gh_file_read(folder_place("bus.pcap"), 16u << 20, &bus, NULL), GH_OK);
	assert_int_equal(
		gh_file_read(folder_place(KEYS "/tpm2.binding"), 4096, &binding, NULL), GH_OK);
	/* The record is one of this TPM's bus: the index is named in it. */
	assert_true(holds(&bus, "\x01\x81\xa7\xe0", 4));
	for (size_t i = 0; i < 2; i++)
		for (size_t at = 0; at + 8 <= sizeof(masters[i].bytes); at += 8)
			assert_false(holds(&bus, masters[i].bytes + at, 8));
	for (size_t at = 0; at + 8 <= GH_TPM_AUTH_BYTES; at += 8)
		assert_false(holds(&bus, binding.data + at, 8));
	gh_bytes_finish(&bus);
	gh_bytes_finish(&binding);
}

/* No file of the folder holds a master, before, during or after a change. */
static void no_file_holds_a_master(void **state)
{
	static const char *const names[] = { KEYS "/next.master", KEYS "/tpm2.binding",
		KEYS "/_signing.secret" };
	struct gh_provider *provider = open_keys();

	assert_int_equal(gh_provider_begin_change(provider, NULL), GH_OK);
	assert_int_equal(folder_count(KEYS), 3);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct gh_bytes file = GH_BYTES_EMPTY;

		assert_int_equal(gh_file_read(folder_place(names[i]), 4096, &file, NULL), GH_OK);
		assert_false(holds(&file, provider->keys->now.newest.bytes, 8));
		assert_false(holds(&file, provider->keys->now.before.bytes, 8));
		assert_false(holds(&file, provider->keys->seed, 8));
		gh_bytes_finish(&file);
	}
	gh_provider_close(provider);
}

static int set_up(void **state)
{
	write_fate = WRITE_GOES;
	return folder_set_up(state);
}

static int tear_down(void **state)
{
	swtpm_stop(&tpm);
	return folder_tear_down(state);
}

#define TESTS(X) \
	X(without_a_tpm) \
	X(other_pcrs_open_nothing) \
	X(pcrs_are_chosen) \
	X(settings_that_are_none) \
	X(a_folder_that_is_lost) \
	X(an_index_that_is_lost) \
	X(a_tpm_that_was_cleared) \
	X(another_tpm) \
	X(an_index_of_somebody_else) \
	X(an_index_with_another_password) \
	X(damaged_content) \
	X(a_start_that_was_cut_off) \
	X(a_tpm_that_leaves_in_the_middle) \
	X(a_write_or_its_answer_is_lost) \
	X(a_change_wears_the_tpm_once) \
	X(the_bus_tells_nothing) \
	X(no_file_holds_a_master)

/* Each begins with a new TPM, or is skipped. */
#define WITH_TPM(name) \
	static void with_tpm_##name(void **state) \
	{ \
		if (!swtpm_is_there()) \
			skip(); \
		swtpm_start(&tpm, folder_place("tpm")); \
		name(state); \
	}
TESTS(WITH_TPM)

#define TEST(name) cmocka_unit_test_setup_teardown(with_tpm_##name, set_up, tear_down),

int main(void)
{
	static const struct CMUnitTest tests[] = { TESTS(TEST) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
