/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a test of the central service needs and only the product can make: demo keys, records with
 * photographs and addenda, voyage bundles.
 *
 * central_goods FOLDER: keys/ (central, lane-1, lane-2, operator, stranger, monitor), other-keys/
 * (of another authority), record-N.json, record-N.jpg, addendum-N.json, expired.json,
 * service.json, heartbeat.json (of lane-1), voyage-V.bundle, test-other.bundle.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../support/encounter/specimen.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/base/file.h"
#include "gatehouse/crypto/certificate.h"
#include "gatehouse/crypto/hash.h"
#include "gatehouse/encounter/encounter.h"
#include "gatehouse/encounter/retention.h"
#include "gatehouse/manifest/bundle.h"

#define RECORDS 40

/* Records from this one on are of lane-2, those before of lane-1. */
#define OF_LANE_2 30
#define PHOTO_BYTES 9000

static const char *folder;

static void must(enum gh_status status, const struct gh_error *error)
{
	if (status == GH_OK)
		return;
	fprintf(stderr, "central_goods: %s\n", error->text);
	exit(1);
}

static const char *path_of(const char *name)
{
	static char path[4096];
	struct gh_error error;

	must(gh_path_join(folder, name, path, sizeof(path), &error), &error);
	return path;
}

static void write_file(const char *name, struct gh_view data)
{
	struct gh_error error;

	must(gh_file_replace(path_of(name), data, 0600, &error), &error);
}

static void make_keys(void)
{
	static const char *const clients[] = { "lane-1", "lane-2", "operator", "stranger",
		"monitor" };
	static const char *const roles[] = { GH_ROLE_LANE, GH_ROLE_LANE, GH_ROLE_OPERATOR,
		"cleaner", GH_ROLE_MONITOR };
	struct gh_error error;

	must(gh_demo_certificates_make(path_of("keys"), clients, roles, 5, &error), &error);
	must(gh_demo_certificates_make(path_of("other-keys"), clients, roles, 5, &error), &error);
}

static void write_record(const char *name, const struct gh_encounter *encounter)
{
	struct gh_bytes json = GH_BYTES_EMPTY;
	struct gh_error error;

	must(gh_encounter_encode(encounter, &json, &error), &error);
	write_file(name, gh_bytes_view(&json));
	gh_bytes_finish(&json);
}

static void set_photo(struct gh_encounter *encounter, const uint8_t *photo)
{
	struct gh_sha256 hash;
	struct gh_error error;

	must(gh_sha256_of((struct gh_view){ photo, PHOTO_BYTES }, &hash, &error), &error);
	memcpy(encounter->photo_sha256, hash.bytes, sizeof(hash.bytes));
	encounter->photo_bytes = PHOTO_BYTES;
}

/* A record of now, so that nothing about it is over. */
static void make_record(uint32_t n, const struct gh_id *voyage, struct gh_encounter *encounter)
{
	int64_t now_ms = gh_clock_system()->real_ms(gh_clock_system());
	static uint8_t photo[PHOTO_BYTES];
	char name[32];

	specimen_encounter_of(n % 2 ? SPECIMEN_NOT_FOUND : SPECIMEN_MATCH, 1000 + n, encounter);
	strcpy(encounter->lane.lane, n < OF_LANE_2 || n == RECORDS ? "lane-1" : "lane-2");
	encounter->lane.purpose = GH_PURPOSE_DEMO;
	encounter->event_ms = now_ms;
	encounter->destroy_by_ms = gh_retention_destroy_by(encounter->retention, now_ms, 96);
	if (encounter->has_voyage)
		encounter->voyage = *voyage;
	for (size_t i = 0; i < sizeof(photo); i++)
		photo[i] = (uint8_t)(n * 31 + i * 7);
	photo[0] = 0xff;
	photo[1] = 0xd8;
	set_photo(encounter, photo);
	snprintf(name, sizeof(name), "record-%u.json", n);
	write_record(name, encounter);
	snprintf(name, sizeof(name), "record-%u.jpg", n);
	write_file(name, (struct gh_view){ photo, sizeof(photo) });
}

static void make_addendum(
	uint32_t n, const struct gh_encounter *encounter, enum gh_addendum_kind kind)
{
	struct gh_addendum addendum;
	struct gh_bytes json = GH_BYTES_EMPTY;
	struct gh_error error;
	char name[32];

	specimen_addendum(kind + 1000 * GH_ADDENDUM_COUNT + n * GH_ADDENDUM_COUNT, &addendum);
	addendum.encounter = encounter->id;
	strcpy(addendum.lane, encounter->lane.lane);
	addendum.test = true;
	must(gh_addendum_encode(&addendum, &json, &error), &error);
	snprintf(name, sizeof(name), "addendum-%u.json", n);
	write_file(name, gh_bytes_view(&json));
	gh_bytes_finish(&json);
}

static void make_records(const struct gh_id *voyage)
{
	struct gh_encounter encounter;

	for (uint32_t n = 0; n < RECORDS; n++) {
		make_record(n, voyage, &encounter);
		make_addendum(
			n, &encounter, n == 2 ? GH_ADDENDUM_NOT_PASSED : GH_ADDENDUM_DISPOSITION);
	}
	/* Of a day long gone, and of a lane in service. */
	make_record(RECORDS, voyage, &encounter);
	encounter.event_ms -= INT64_C(30) * 24 * 3600 * 1000;
	encounter.destroy_by_ms =
		gh_retention_destroy_by(encounter.retention, encounter.event_ms, 96);
	write_record("expired.json", &encounter);
	specimen_encounter_of(SPECIMEN_OPTED_OUT, 77, &encounter);
	strcpy(encounter.lane.lane, "lane-1");
	encounter.lane.purpose = GH_PURPOSE_SERVICE;
	write_record("service.json", &encounter);
}

static void make_heartbeat(void)
{
	struct gh_heartbeat heartbeat;
	struct gh_bytes json = GH_BYTES_EMPTY;
	struct gh_error error;

	specimen_heartbeat(1, &heartbeat);
	strcpy(heartbeat.lane, "lane-1");
	heartbeat.test = true;
	heartbeat.quarantined = 1;
	must(gh_heartbeat_encode(&heartbeat, &json, &error), &error);
	write_file("heartbeat.json", gh_bytes_view(&json));
	gh_bytes_finish(&json);
}

static enum gh_status portrait(void *ctx, const struct gh_person *person, uint32_t index,
	struct gh_bytes *picture, struct gh_error *error)
{
	static const uint8_t jpeg[] = { 0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 4 };

	(void)ctx;
	(void)person;
	(void)index;
	gh_bytes_clear(picture);
	return gh_bytes_append(picture, jpeg, sizeof(jpeg), error);
}

static void make_bundle(
	const char *name, const struct gh_id *id, uint32_t version, size_t person_count)
{
	struct gh_bundle_source source = { NULL, portrait };
	struct gh_voyage voyage = { .id = *id, .version = version, .test = true };
	struct gh_error error;

	strcpy(voyage.carrier, "ZZ");
	strcpy(voyage.number, "1234");
	strcpy(voyage.from, "UTZ");
	strcpy(voyage.to, "UTY");
	voyage.departure_ms = gh_clock_system()->real_ms(gh_clock_system()) + 3600000;
	voyage.persons = calloc(person_count, sizeof(*voyage.persons));
	voyage.person_count = person_count;
	for (size_t i = 0; voyage.persons && i < person_count; i++) {
		struct gh_person *person = &voyage.persons[i];

		person->id = (struct gh_id){ { 1, (uint8_t)(i + 1) } };
		person->row = (uint32_t)i + 1;
		person->sex = 'F';
		gh_personal_set(&person->surname, gh_view_of_text("ERIKSSON"));
		gh_personal_set(&person->given_names, gh_view_of_text("ANNA MARIA"));
		strcpy(person->document.type, "P");
		strcpy(person->document.issuer, "UTO");
		gh_personal_set(&person->document.number, gh_view_of_text("L898902C3"));
		person->portrait_count = 1;
	}
	must(gh_bundle_write(path_of(name), &voyage, &source, &error), &error);
	gh_voyage_finish(&voyage);
}

int main(int argc, char **argv)
{
	struct gh_id voyage = { { 0x76, 1, 2, 3 } };
	struct gh_id other = { { 0x76, 9, 9, 9 } };

	if (argc != 2) {
		fprintf(stderr, "usage: central_goods FOLDER\n");
		return 2;
	}
	folder = argv[1];
	make_keys();
	make_records(&voyage);
	make_heartbeat();
	make_bundle("voyage-1.bundle", &voyage, 1, 2);
	make_bundle("voyage-2.bundle", &voyage, 2, 3);
	make_bundle("voyage-2-again.bundle", &voyage, 2, 4);
	make_bundle("voyage-3.bundle", &voyage, 3, 1);
	make_bundle("other.bundle", &other, 1, 1);
	return 0;
}
