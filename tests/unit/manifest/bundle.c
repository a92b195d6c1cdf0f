/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of voyage bundles: there and back, and everything that is not one. */
#include "gatehouse/manifest/bundle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/file.h"
#include "gatehouse/crypto/certificate.h"
#include "support/folder.h"
#include "support/manifest/list.h"

#define HEAD \
	"{\"format\":2,\"id\":\"6707c304-0650-4cda-ac49-8c829b947770\",\"version\":1," \
	"\"test\":true," \
	"\"carrier\":\"ZZ\",\"number\":\"123\",\"from\":\"UTA\",\"to\":\"UTB\"," \
	"\"departure\":\"2026-11-24T12:00:00.000Z\",\"arrival\":null,\"passage_end\":null," \
	"\"revision\":\"\",\"sent\":null,\"reference\":\"\",\"crew_revision\":\"\"," \
	"\"crew_sent\":null,\"crew_reference\":\"\",\"persons\":"
#define PERSON(id, portraits) \
	"{\"id\":\"" id "\",\"kind\":\"passenger\",\"boarding\":\"listed\"," \
	"\"surname\":\"ERIKSSON\",\"given_names\":\"ANNA\",\"sex\":\"F\",\"birth\":\"19740812\"," \
	"\"nationality\":\"UTO\",\"document_type\":\"P\",\"document_issuer\":\"UTO\"," \
	"\"document_number\":\"L898902C3\",\"document_expiry\":\"\",\"locator\":\"\"," \
	"\"reference\":\"\",\"portraits\":[" portraits "]}"
#define NO_HASH "0000000000000000000000000000000000000000000000000000000000000000"
#define PLACE(offset, length, taken) \
	"{\"offset\":" offset ",\"length\":" length ",\"sha256\":\"" NO_HASH \
	"\",\"taken\":\"" taken "\"}"
#define ID_1 "6707c304-0650-4cda-ac49-8c829b947771"
#define ID_2 "6707c304-0650-4cda-ac49-8c829b947772"

static const char *path(void)
{
	return folder_place("voyage.ghv");
}

static void write_voyage(struct gh_voyage *voyage)
{
	struct gh_bundle_source source = list_pictures();
	struct gh_error error = GH_ERROR_NONE;

	if (gh_bundle_write(path(), voyage, &source, &error) != GH_OK)
		fail_msg("%s", error.text);
}

static struct gh_bundle *open_bundle(void)
{
	struct gh_bundle *bundle;
	struct gh_error error = GH_ERROR_NONE;

	if (gh_bundle_open(path(), &bundle, &error) != GH_OK)
		fail_msg("%s", error.text);
	return bundle;
}

static void expect_pictures(struct gh_bundle *bundle)
{
	const struct gh_voyage *voyage = gh_bundle_voyage(bundle);
	struct gh_bytes expected = GH_BYTES_EMPTY;
	struct gh_bytes picture = GH_BYTES_EMPTY;

	for (size_t i = 0; i < voyage->person_count; i++) {
		const struct gh_person *person = &voyage->persons[i];

		for (uint32_t k = 0; k < person->portrait_count; k++) {
			list_picture(person, k, &expected);
			assert_int_equal(
				gh_bundle_portrait(bundle, person, k, &picture, NULL), GH_OK);
			assert_true(
				gh_view_equal(gh_bytes_view(&expected), gh_bytes_view(&picture)));
		}
		assert_int_equal(
			gh_bundle_portrait(bundle, person, person->portrait_count, &picture, NULL),
			GH_NOT_FOUND);
	}
	gh_bytes_finish(&picture);
	gh_bytes_finish(&expected);
}

static void what_is_written_is_read(void **state)
{
	struct gh_voyage voyage;
	struct gh_bundle *bundle;
	struct stat found;

	list_voyage(&voyage, 40, 3);
	voyage.test = true;
	voyage.passage_end_ms = voyage.departure_ms + 1234;
	voyage.persons[7].boarding = GH_BOARDING_NOT_ON_BOARD;
	voyage.persons[8].kind = GH_PERSON_TRANSIT;
	voyage.persons[9].sex = ' ';
	voyage.persons[10].portrait_count = 0;
	strcpy(voyage.persons[11].surname.text,
		"SP\xc3\x89"
		"CIMEN \"\\");
	strcpy(voyage.persons[12].portraits[1].taken, "20190203");
	strcpy(voyage.crew_message.revision, "C7");
	write_voyage(&voyage);
	assert_int_equal(stat(path(), &found), 0);
	assert_int_equal(found.st_mode & 0777, 0600);
	assert_int_equal(folder_count(""), 1);

	bundle = open_bundle();
	assert_memory_equal(gh_bundle_voyage(bundle), &voyage, offsetof(struct gh_voyage, persons));
	assert_int_equal(gh_bundle_voyage(bundle)->person_count, 40);
	assert_memory_equal(
		gh_bundle_voyage(bundle)->persons, voyage.persons, 40 * sizeof(voyage.persons[0]));
	expect_pictures(bundle);
	gh_bundle_close(bundle);
	gh_voyage_finish(&voyage);
	gh_bundle_close(NULL);
}

static void empty_voyage_is_a_bundle(void **state)
{
	struct gh_voyage voyage;
	struct gh_bundle *bundle;

	list_voyage(&voyage, 0, 0);
	assert_int_equal(gh_bundle_write(path(), &voyage, NULL, NULL), GH_OK);
	bundle = open_bundle();
	assert_int_equal(gh_bundle_voyage(bundle)->person_count, 0);
	gh_bundle_close(bundle);
	gh_voyage_finish(&voyage);
}

static void hash_names_the_content(void **state)
{
	struct gh_voyage voyage;
	struct gh_bundle *bundle;
	struct gh_sha256 hashes[3];

	list_voyage(&voyage, 4, 1);
	for (int i = 0; i < 3; i++) {
		voyage.version = i == 2 ? 2 : 1;
		write_voyage(&voyage);
		bundle = open_bundle();
		gh_bundle_hash(bundle, &hashes[i]);
		gh_bundle_close(bundle);
	}
	assert_true(gh_sha256_equal(&hashes[0], &hashes[1]));
	assert_false(gh_sha256_equal(&hashes[0], &hashes[2]));
	gh_voyage_finish(&voyage);
}

/* The next version takes its portraits from the last, whatever rows have come and gone. */
static void older_bundle_is_a_source(void **state)
{
	struct gh_voyage voyage;
	struct gh_bundle *older;
	struct gh_bundle *newer;
	struct gh_bundle_source source;
	struct gh_bytes picture = GH_BYTES_EMPTY;
	struct gh_bytes expected = GH_BYTES_EMPTY;
	struct gh_person first;

	list_voyage(&voyage, 6, 2);
	write_voyage(&voyage);
	list_picture(&voyage.persons[0], 1, &expected);
	first = voyage.persons[0];
	voyage.persons[0] = voyage.persons[5];
	voyage.persons[5] = first;
	voyage.persons[2].portrait_count = 0;
	voyage.version = 2;
	older = open_bundle();
	source = gh_bundle_as_source(older);
	assert_int_equal(gh_bundle_write(path(), &voyage, &source, NULL), GH_OK);
	gh_bundle_close(older);
	newer = open_bundle();
	assert_int_equal(
		gh_bundle_portrait(newer, &gh_bundle_voyage(newer)->persons[5], 1, &picture, NULL),
		GH_OK);
	assert_true(gh_view_equal(gh_bytes_view(&expected), gh_bytes_view(&picture)));
	gh_bundle_close(newer);
	gh_bytes_finish(&picture);
	gh_bytes_finish(&expected);
	gh_voyage_finish(&voyage);
}

static void stranger_has_no_portrait(void **state)
{
	struct gh_voyage voyage;
	struct gh_bundle *bundle;
	struct gh_bytes picture = GH_BYTES_EMPTY;
	struct gh_person stranger = { .row = 9 };

	list_voyage(&voyage, 3, 1);
	write_voyage(&voyage);
	bundle = open_bundle();
	assert_int_equal(gh_bundle_portrait(bundle, &stranger, 0, &picture, NULL), GH_NOT_FOUND);
	gh_bundle_close(bundle);
	gh_bytes_finish(&picture);
	gh_voyage_finish(&voyage);
}

/* --- files that are none --- */

/* Plain writing: thousands of these files need not be durable. */
static void put_file(struct gh_view bytes)
{
	FILE *file = fopen(path(), "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes.data, 1, bytes.length_bytes, file), bytes.length_bytes);
	assert_int_equal(fclose(file), 0);
}

static enum gh_status open_bytes(struct gh_view bytes, struct gh_error *error)
{
	struct gh_bundle *bundle;
	enum gh_status status;

	put_file(bytes);
	status = gh_bundle_open(path(), &bundle, error);
	if (status != GH_OK)
		assert_null(bundle);
	gh_bundle_close(bundle);
	return status;
}

static void read_small(struct gh_bytes *bytes)
{
	struct gh_voyage voyage;

	list_voyage(&voyage, 2, 1);
	for (size_t i = 0; i < 2; i++)
		strcpy(voyage.persons[i].surname.text, "E");
	write_voyage(&voyage);
	gh_voyage_finish(&voyage);
	assert_int_equal(gh_file_read(path(), 1 << 20, bytes, NULL), GH_OK);
}

static void every_cut_is_refused(void **state)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;

	read_small(&bytes);
	for (size_t cut = 0; cut < bytes.length_bytes; cut++) {
		struct gh_error error = GH_ERROR_NONE;

		assert_int_equal(
			open_bytes((struct gh_view){ bytes.data, cut }, &error), GH_TRUNCATED);
		assert_non_null(strstr(error.text, "voyage.ghv"));
	}
	gh_bytes_finish(&bytes);
}

static void every_changed_byte_is_refused(void **state)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;

	read_small(&bytes);
	for (size_t i = 0; i < bytes.length_bytes; i++) {
		bytes.data[i] ^= 0x20;
		assert_int_not_equal(open_bytes(gh_bytes_view(&bytes), NULL), GH_OK);
		bytes.data[i] ^= 0x20;
	}
	assert_int_equal(open_bytes(gh_bytes_view(&bytes), NULL), GH_OK);
	assert_int_equal(gh_bytes_append(&bytes, "x", 1, NULL), GH_OK);
	assert_int_equal(open_bytes(gh_bytes_view(&bytes), NULL), GH_MALFORMED);
	gh_bytes_finish(&bytes);
}

static void header_is_read_word_by_word(void **state)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	static const struct {
		size_t at;
		uint8_t value;
		enum gh_status status;
	} cases[] = {
		{ 0, 'X', GH_MALFORMED },
		{ 11, 1, GH_UNSUPPORTED },
		{ 12, 0xff, GH_TOO_LARGE },
		{ 16, 0x80, GH_TOO_LARGE },
		{ 20, 0x7f, GH_TRUNCATED },
		{ 25, 1, GH_TOO_LARGE },
		{ 27, 64, GH_TRUNCATED },
		{ 31, 1, GH_MALFORMED },
		{ 40, 0, GH_INTEGRITY },
	};

	read_small(&bytes);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t before = bytes.data[cases[i].at];

		bytes.data[cases[i].at] = cases[i].value == before ? before ^ 1 : cases[i].value;
		assert_int_equal(open_bytes(gh_bytes_view(&bytes), NULL), cases[i].status);
		bytes.data[cases[i].at] = before;
	}
	gh_bytes_finish(&bytes);
}

static void put_number(uint8_t *place, size_t count, uint64_t value)
{
	while (count-- > 0) {
		place[count] = (uint8_t)value;
		value >>= 8;
	}
}

/* A file with a good header around this content. */
static enum gh_status open_content(const char *json, const char *portraits, struct gh_error *error)
{
	struct gh_bytes file = GH_BYTES_EMPTY;
	uint8_t header[GH_BUNDLE_HEADER_BYTES] = "GHVOYAGE";
	struct gh_sha256 hash;
	enum gh_status status;

	assert_int_equal(gh_bytes_append(&file, json, strlen(json), NULL), GH_OK);
	assert_int_equal(gh_bytes_append(&file, portraits, strlen(portraits), NULL), GH_OK);
	assert_int_equal(gh_sha256_of(gh_bytes_view(&file), &hash, NULL), GH_OK);
	put_number(header + 8, 4, 2);
	put_number(header + 12, 4, strlen(json));
	put_number(header + 16, 8, strlen(portraits));
	memcpy(header + 32, hash.bytes, sizeof(hash.bytes));
	gh_bytes_finish(&file);
	assert_int_equal(gh_bytes_append(&file, header, sizeof(header), NULL), GH_OK);
	assert_int_equal(gh_bytes_append(&file, json, strlen(json), NULL), GH_OK);
	assert_int_equal(gh_bytes_append(&file, portraits, strlen(portraits), NULL), GH_OK);
	status = open_bytes(gh_bytes_view(&file), error);
	gh_bytes_finish(&file);
	return status;
}

static void content_is_read_strictly(void **state)
{
	static const struct {
		const char *json;
		const char *portraits;
		enum gh_status status;
		const char *text;
	} cases[] = {
		{ HEAD "[]}", "", GH_OK, "" },
		{ HEAD "[" PERSON(ID_1, "") "]}", "", GH_OK, "" },
		{ HEAD "[" PERSON(ID_1, PLACE("0", "3", "")) "]}", "abc", GH_OK, "" },
		{ "", "", GH_MALFORMED, "not JSON" },
		{ "[]", "", GH_MALFORMED, "/format" },
		{ HEAD "[]} x", "", GH_MALFORMED, "not JSON" },
		{ HEAD "[],\"more\":1}", "", GH_MALFORMED, "format lacks" },
		{ HEAD "[],\"to\":\"X\"}", "", GH_MALFORMED, "twice" },
		{ HEAD "{}}", "", GH_MALFORMED, "/persons" },
		{ HEAD "[1]}", "", GH_MALFORMED, "/persons/0" },
		{ HEAD "[" PERSON("x", "") "]}", "", GH_MALFORMED, "/persons/0/id" },
		{ HEAD "[" PERSON(ID_1, "") "," PERSON(ID_1, "") "]}", "", GH_MALFORMED, "twice" },
		{ HEAD "[" PERSON(ID_1, "") "," PERSON(ID_2, "1") "]}", "", GH_MALFORMED,
			"/persons/1" },
		/* portraits: a gap, an overlap, too long, too few, empty */
		{ HEAD "[" PERSON(ID_1, PLACE("1", "2", "")) "]}", "abc", GH_MALFORMED, "row 1" },
		{ HEAD "[" PERSON(ID_1, PLACE("0", "3", "")) "," PERSON(
			  ID_2, PLACE("2", "1", "")) "]}",
			"abc", GH_MALFORMED, "row 2" },
		{ HEAD "[" PERSON(ID_1, PLACE("0", "4", "")) "]}", "abc", GH_MALFORMED, "row 1" },
		{ HEAD "[" PERSON(ID_1, PLACE("0", "4294967295", "")) "]}", "abc", GH_MALFORMED,
			"row 1" },
		{ HEAD "[" PERSON(ID_1, PLACE("0", "2", "")) "]}", "abc", GH_MALFORMED,
			"no portrait" },
		{ HEAD "[" PERSON(ID_1, PLACE("0", "0", "")) "]}", "", GH_MALFORMED, "length" },
		{ HEAD "[" PERSON(ID_1, PLACE("-1", "1", "")) "]}", "a", GH_MALFORMED, "offset" },
		{ HEAD "[" PERSON(ID_1, PLACE("0", "1", "2019")) "]}", "a", GH_MALFORMED, "taken" },
		{ HEAD "[" PERSON(ID_1,
			  "{\"offset\":0,\"length\":1,\"sha256\":\"00\",\"taken\":\"\"}") "]}",
			"a", GH_MALFORMED, "sha256" },
		{ "{\"format\":1}", "", GH_UNSUPPORTED, "/format" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct gh_error error = GH_ERROR_NONE;
		enum gh_status status = open_content(cases[i].json, cases[i].portraits, &error);

		if (status != cases[i].status || !strstr(error.text, cases[i].text))
			fail_msg("case %zu: %s: %s", i, gh_status_name(status), error.text);
		assert_null(strstr(error.text, "ERIKSSON"));
		assert_null(strstr(error.text, "L898902C3"));
	}
}

/* Each value of a person spoiled in turn. */
static void values_are_held_to_their_kind(void **state)
{
	static const struct {
		const char *from;
		const char *to;
	} edits[] = {
		{ "\"passenger\"", "\"pilot\"" },
		{ "\"listed\"", "1" },
		{ "\"sex\":\"F\"", "\"sex\":\"Q\"" },
		{ "\"sex\":\"F\"", "\"sex\":\"FM\"" },
		{ "\"19740812\"", "\"1974-08-\"" },
		{ "\"nationality\":\"UTO\"", "\"nationality\":\"UTOP\"" },
		{ "\"nationality\":\"UTO\"", "\"nationality\":\"\\u00e9\"" },
		{ "\"document_type\":\"P\"", "\"document_type\":null" },
		{ "\"ERIKSSON\"", "\"E\\u0007\"" },
		{ "\"locator\":\"\",", "" },
		{ "\"version\":1", "\"version\":0" },
		{ "\"version\":1", "\"version\":4294967296" },
		{ "\"version\":1", "\"version\":1.0" },
		{ "\"test\":true", "\"test\":1" },
		{ "\"arrival\":null", "\"arrival\":\"yesterday\"" },
		{ "\"crew_sent\":null", "\"crew_sent\":0" },
	};
	static const char json[] = HEAD "[" PERSON(ID_1, "") "]}";

	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		const char *at = strstr(json, edits[i].from);
		char edited[sizeof(json) + 64];
		struct gh_error error = GH_ERROR_NONE;

		assert_non_null(at);
		snprintf(edited, sizeof(edited), "%.*s%s%s", (int)(at - json), json, edits[i].to,
			at + strlen(edits[i].from));
		if (open_content(edited, "", &error) != GH_MALFORMED)
			fail_msg("edit %zu: %s", i, error.text);
	}
}

static void file_that_cannot_be_a_bundle(void **state)
{
	struct gh_bundle *bundle;

	assert_int_equal(gh_bundle_open(path(), &bundle, NULL), GH_NOT_FOUND);
	assert_int_equal(gh_bundle_open(folder_path(), &bundle, NULL), GH_UNSUPPORTED);
	assert_int_equal(mkfifo(path(), 0600), 0);
	assert_int_equal(gh_bundle_open(path(), &bundle, NULL), GH_UNSUPPORTED);
	assert_null(bundle);
}

/* --- signatures --- */

static int set_up_signers(void **state)
{
	static const char *const clients[] = { "lane-1" };
	static const char *const roles[] = { GH_ROLE_LANE };

	return folder_set_up(state) ||
		gh_demo_certificates_make(folder_place("demo"), clients, roles, 1, NULL) != GH_OK ||
		gh_demo_certificates_make(folder_place("elsewhere"), clients, roles, 1, NULL) !=
		GH_OK;
}

static enum gh_status sign_as(const char *pem, const char *key, struct gh_error *error)
{
	return gh_bundle_sign(path(), folder_place(pem), folder_place(key), error);
}

static enum gh_status check_signature(const char *ca, struct gh_error *error)
{
	const struct gh_clock *clock = gh_clock_system();
	struct gh_bundle *bundle = open_bundle();
	enum gh_status status =
		gh_bundle_check_signature(bundle, folder_place(ca), clock->real_ms(clock), error);

	gh_bundle_close(bundle);
	return status;
}

static void signed_by_the_centre_it_is_whole_and_known(void **state)
{
	struct gh_error error = GH_ERROR_NONE;
	struct gh_voyage voyage;
	struct gh_bundle *bundle;
	struct gh_sha256 before;
	struct gh_sha256 after;

	list_voyage(&voyage, 5, 2);
	write_voyage(&voyage);
	bundle = open_bundle();
	gh_bundle_hash(bundle, &before);
	gh_bundle_close(bundle);
	assert_int_equal(check_signature("demo/ca.pem", &error), GH_DENIED);
	assert_non_null(strstr(error.text, "not signed"));

	/* Twice: the second takes the place of the first. */
	assert_int_equal(sign_as("elsewhere/signer.pem", "elsewhere/signer.key", NULL), GH_OK);
	assert_int_equal(check_signature("demo/ca.pem", NULL), GH_DENIED);
	assert_int_equal(sign_as("demo/signer.pem", "demo/signer.key", NULL), GH_OK);
	assert_int_equal(check_signature("demo/ca.pem", NULL), GH_OK);
	assert_int_equal(check_signature("elsewhere/ca.pem", NULL), GH_DENIED);
	bundle = open_bundle();
	gh_bundle_hash(bundle, &after);
	assert_true(gh_sha256_equal(&before, &after));
	expect_pictures(bundle);
	gh_bundle_close(bundle);
	gh_voyage_finish(&voyage);
}

static void nobody_but_the_signer_signs(void **state)
{
	struct gh_error error = GH_ERROR_NONE;
	struct gh_voyage voyage;

	list_voyage(&voyage, 1, 1);
	write_voyage(&voyage);
	assert_int_equal(sign_as("demo/lane-1.pem", "demo/lane-1.key", &error), GH_DENIED);
	assert_non_null(strstr(error.text, "role is 'lane'"));
	assert_int_equal(sign_as("demo/signer.pem", "demo/lane-1.key", NULL), GH_INTEGRITY);
	assert_int_equal(check_signature("demo/ca.pem", NULL), GH_DENIED);
	gh_voyage_finish(&voyage);
}

/* The signature of one version does not make another one true. */
static void a_signature_fits_one_bundle(void **state)
{
	struct gh_bytes first = GH_BYTES_EMPTY;
	struct gh_bytes second = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;
	struct gh_voyage voyage;
	size_t bare;

	list_voyage(&voyage, 2, 1);
	write_voyage(&voyage);
	assert_int_equal(sign_as("demo/signer.pem", "demo/signer.key", NULL), GH_OK);
	assert_int_equal(gh_file_read(path(), 1 << 20, &first, NULL), GH_OK);
	voyage.version++;
	write_voyage(&voyage);
	assert_int_equal(gh_file_read(path(), 1 << 20, &second, NULL), GH_OK);
	bare = second.length_bytes;
	assert_int_equal(
		gh_bytes_append(&second, first.data + bare, first.length_bytes - bare, NULL),
		GH_OK);
	memcpy(second.data + 24, first.data + 24, 4);
	put_file(gh_bytes_view(&second));
	assert_int_equal(check_signature("demo/ca.pem", &error), GH_INTEGRITY);
	gh_bytes_finish(&first);
	gh_bytes_finish(&second);
	gh_voyage_finish(&voyage);
}

/* A picture that is changed after the bundle was opened is not handed out. */
static void a_portrait_is_checked_when_it_is_read(void **state)
{
	struct gh_bytes picture = GH_BYTES_EMPTY;
	struct gh_voyage voyage;
	struct gh_bundle *bundle;
	FILE *file;

	list_voyage(&voyage, 1, 1);
	write_voyage(&voyage);
	bundle = open_bundle();
	file = fopen(path(), "r+b");
	assert_non_null(file);
	assert_int_equal(fseek(file, -1, SEEK_END), 0);
	assert_int_equal(fputc('!', file), '!');
	assert_int_equal(fclose(file), 0);
	assert_int_equal(gh_bundle_portrait(
				 bundle, &gh_bundle_voyage(bundle)->persons[0], 0, &picture, NULL),
		GH_INTEGRITY);
	assert_int_equal(picture.length_bytes, 0);
	gh_bytes_finish(&picture);
	gh_bundle_close(bundle);
	gh_voyage_finish(&voyage);
}

/* --- writing that fails leaves what was there --- */

static void expect_refused(struct gh_voyage *voyage, enum gh_status status, const char *text)
{
	struct gh_bundle_source source = list_pictures();
	struct gh_error error = GH_ERROR_NONE;
	struct gh_bundle *bundle;

	assert_int_equal(gh_bundle_write(path(), voyage, &source, &error), status);
	if (!strstr(error.text, text))
		fail_msg("%s", error.text);
	assert_null(strstr(error.text, "SPECIMEN"));
	assert_int_equal(folder_count(""), 1);
	bundle = open_bundle();
	assert_int_equal(gh_bundle_voyage(bundle)->version, 1);
	gh_bundle_close(bundle);
}

static void value_that_cannot_be_read_back_is_not_written(void **state)
{
	struct gh_voyage voyage;

	list_voyage(&voyage, 3, 1);
	write_voyage(&voyage);
	voyage.version = 2;
	voyage.persons[1].surname.text[0] = '\x01';
	expect_refused(&voyage, GH_MALFORMED, "row 2: surname");
	strcpy(voyage.persons[1].surname.text, "\xff");
	expect_refused(&voyage, GH_MALFORMED, "row 2: surname");
	strcpy(voyage.persons[1].surname.text, "X");
	voyage.persons[2].sex = 'Q';
	expect_refused(&voyage, GH_MALFORMED, "row 3: sex");
	voyage.persons[2].sex = 'M';
	memset(&voyage.persons[0].id, 0, sizeof(struct gh_id));
	expect_refused(&voyage, GH_MALFORMED, "row 1: id");
	gh_voyage_finish(&voyage);
}

static enum gh_status broken_source(void *ctx, const struct gh_person *person, uint32_t index,
	struct gh_bytes *picture, struct gh_error *error)
{
	if (person->row < 3) {
		list_picture(person, index, picture);
		return GH_OK;
	}
	if (ctx)
		return gh_error_set(error, GH_IO, "the source is gone");
	return GH_OK; /* an empty picture */
}

static void source_that_fails_fails_the_write(void **state)
{
	struct gh_voyage voyage;
	struct gh_error error = GH_ERROR_NONE;
	struct gh_bundle_source source = { &voyage, broken_source };

	list_voyage(&voyage, 4, 2);
	assert_int_equal(gh_bundle_write(path(), &voyage, &source, &error), GH_IO);
	assert_non_null(strstr(error.text, "row 3: portrait 0: the source is gone"));
	source.ctx = NULL;
	assert_int_equal(gh_bundle_write(path(), &voyage, &source, &error), GH_MALFORMED);
	assert_int_equal(folder_count(""), 0);
	voyage.persons[0].portrait_count = GH_PERSON_PORTRAITS_MAX + 1;
	assert_int_equal(gh_bundle_write(path(), &voyage, &source, &error), GH_TOO_LARGE);
	assert_int_equal(folder_count(""), 0);
	gh_voyage_finish(&voyage);
}

static void folder_that_is_not_there(void **state)
{
	struct gh_voyage voyage;
	struct gh_bundle_source source = list_pictures();

	list_voyage(&voyage, 1, 1);
	assert_int_equal(gh_bundle_write(folder_place("none/voyage.ghv"), &voyage, &source, NULL),
		GH_NOT_FOUND);
	gh_voyage_finish(&voyage);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)
#define SIGNED_CASE(name) cmocka_unit_test_setup_teardown(name, set_up_signers, folder_tear_down)
	static const struct CMUnitTest tests[] = {
		CASE(what_is_written_is_read),
		CASE(empty_voyage_is_a_bundle),
		CASE(hash_names_the_content),
		CASE(older_bundle_is_a_source),
		CASE(stranger_has_no_portrait),
		CASE(every_cut_is_refused),
		CASE(every_changed_byte_is_refused),
		CASE(header_is_read_word_by_word),
		CASE(content_is_read_strictly),
		CASE(values_are_held_to_their_kind),
		CASE(file_that_cannot_be_a_bundle),
		CASE(value_that_cannot_be_read_back_is_not_written),
		CASE(source_that_fails_fails_the_write),
		CASE(folder_that_is_not_there),
		SIGNED_CASE(signed_by_the_centre_it_is_whole_and_known),
		SIGNED_CASE(nobody_but_the_signer_signs),
		SIGNED_CASE(a_signature_fits_one_bundle),
		CASE(a_portrait_is_checked_when_it_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
