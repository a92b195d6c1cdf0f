/* SPDX-License-Identifier: Apache-2.0 */
/* Voyages of specimen persons as real bundles, and a gallery to load them into. */
#include "support/gallery/specimen_voyage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/gallery/synthetic.h"

enum {
	CALLS_MAX = 1000000
};

static void die(const char *what, const struct gh_error *error)
{
	fprintf(stderr, "%s: %s\n", what, error->text);
	exit(1);
}

struct gh_id specimen_id(uint8_t name)
{
	struct gh_id id = { { 0 } };

	memset(id.bytes, name, sizeof(id.bytes));
	return id;
}

static void make_person(struct gh_person *person, size_t i, uint32_t portraits)
{
	char number[32];

	memset(person, 0, sizeof(*person));
	person->id.bytes[0] = 0x50;
	person->id.bytes[14] = (uint8_t)((i + 1) >> 8);
	person->id.bytes[15] = (uint8_t)(i + 1);
	person->row = (uint32_t)i + 1;
	person->boarding = GH_BOARDING_LISTED;
	person->sex = 'F';
	gh_personal_set(&person->surname, gh_view_of_text("ERIKSSON"));
	gh_personal_set(&person->given_names, gh_view_of_text("ANNA MARIA"));
	strcpy(person->birth, "19740812");
	strcpy(person->nationality, "UTO");
	strcpy(person->document.type, "P");
	strcpy(person->document.issuer, "UTO");
	snprintf(number, sizeof(number), "L%06zu", i + 1);
	gh_personal_set(&person->document.number, gh_view_of_text(number));
	person->portrait_count = portraits;
	for (uint32_t k = 0; k < portraits; k++)
		strcpy(person->portraits[k].taken, "20181115");
}

void specimen_init(struct specimen_voyage *specimen, uint8_t name, uint32_t version, size_t persons,
	uint32_t portraits)
{
	memset(specimen, 0, sizeof(*specimen));
	specimen->voyage.id = specimen_id(name);
	specimen->voyage.version = version;
	specimen->voyage.test = true;
	strcpy(specimen->voyage.carrier, "XX");
	strcpy(specimen->voyage.number, "XX123");
	strcpy(specimen->voyage.from, "ZZZ");
	strcpy(specimen->voyage.to, "ZZY");
	specimen->voyage.departure_ms = SPECIMEN_NOW_MS + 2 * HOUR_MS;
	specimen->voyage.persons = calloc(persons + 1, sizeof(struct gh_person));
	specimen->voyage.person_count = persons;
	if (!specimen->voyage.persons)
		abort();
	for (size_t i = 0; i < persons; i++)
		make_person(&specimen->voyage.persons[i], i, portraits);
	for (size_t i = 0; i < 64; i++)
		for (uint32_t k = 0; k < GH_PERSON_PORTRAITS_MAX; k++)
			specimen->portraits[i][k] = (struct fake_portrait){ FAKE_FACE, i, k };
}

void specimen_finish(struct specimen_voyage *specimen)
{
	gh_voyage_finish(&specimen->voyage);
}

static enum gh_status portrait(void *ctx, const struct gh_person *person, uint32_t index,
	struct gh_bytes *picture, struct gh_error *error)
{
	const struct specimen_voyage *specimen = ctx;
	size_t i = (size_t)person->id.bytes[14] * 256 + person->id.bytes[15] - 1;
	struct fake_portrait far;

	(void)error;
	memset(&far, 0, sizeof(far));
	far.kind = FAKE_FACE;
	far.who = i;
	far.picture = index;
	fake_portrait_write(i < 64 ? &specimen->portraits[i][index] : &far, picture);
	return GH_OK;
}

struct gh_bundle *specimen_bundle(struct specimen_voyage *specimen, const char *folder)
{
	struct gh_bundle_source source = { specimen, portrait };
	struct gh_error error = GH_ERROR_NONE;
	struct gh_bundle *bundle = NULL;
	char path[512];

	snprintf(path, sizeof(path), "%s/%02x-%u.bundle", folder, specimen->voyage.id.bytes[0],
		(unsigned)specimen->voyage.version);
	if (gh_bundle_write(path, &specimen->voyage, &source, &error) != GH_OK ||
		gh_bundle_open(path, &bundle, &error) != GH_OK)
		die("specimen bundle", &error);
	unlink(path);
	return bundle;
}

void specimen_gallery_init(struct specimen_gallery *set, const char *folder)
{
	struct gh_error error = GH_ERROR_NONE;
	char keys[256];

	memset(set, 0, sizeof(*set));
	snprintf(set->folder, sizeof(set->folder), "%s/gallery", folder);
	snprintf(set->bundles, sizeof(set->bundles), "%s", folder);
	snprintf(keys, sizeof(keys), "%s/keys", folder);
	set->calibration = synthetic_calibration();
	gh_clock_manual_init(&set->clock, 1000000, SPECIMEN_NOW_MS);
	if (gh_provider_open("file", keys, &set->provider, &error) != GH_OK)
		die("key provider", &error);
	fake_chain_set(0xc4);
	set->options = (struct gh_gallery_options){
		.folder = set->folder,
		.provider = set->provider,
		.calibration = set->calibration,
		.clock = &set->clock.clock,
		.chain = fake_chain(),
		.rows_max = 100000,
		.fpir_target = 0.003,
		.fmr_claim = 1e-4,
		.fmr_look_alike = 1e-5,
		.active_before_ms = 4 * HOUR_MS,
		.active_after_ms = HOUR_MS / 2,
		.kept_max_ms = 96 * HOUR_MS,
	};
}

enum gh_status specimen_gallery_start(struct specimen_gallery *set, struct gh_error *error)
{
	return gh_gallery_create(&set->options, &set->gallery, error);
}

void specimen_gallery_stop(struct specimen_gallery *set)
{
	gh_gallery_destroy(set->gallery);
	set->gallery = NULL;
}

void specimen_gallery_finish(struct specimen_gallery *set)
{
	specimen_gallery_stop(set);
	gh_provider_close(set->provider);
	gh_calibration_close(set->calibration);
}

enum gh_status specimen_load(struct specimen_gallery *set, struct specimen_voyage *specimen)
{
	struct gh_bundle *bundle = specimen_bundle(specimen, set->bundles);
	enum gh_status status = gh_gallery_load(set->gallery, bundle, NULL);

	if (status != GH_OK)
		gh_bundle_close(bundle);
	return status;
}

void specimen_enrol_all(struct specimen_gallery *set)
{
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = GH_OK;

	for (int i = 0; i < CALLS_MAX && status == GH_OK; i++)
		status = gh_gallery_enrol_next(set->gallery, fake_enroller(), &error);
	if (status != GH_NOT_FOUND)
		die("enrolment", &error);
}
