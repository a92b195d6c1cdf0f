/* SPDX-License-Identifier: Apache-2.0 */
/* Voyages: bundles are files of their own, named by voyage and version. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "desk.h"
#include "gatehouse/base/file.h"
#include "gatehouse/base/log.h"
#include "gatehouse/manifest/bundle.h"

#define UPLOAD_SUFFIX ".part"

/* Longer than an upload may take. */
#define UPLOAD_LEFT_MS (INT64_C(2) * 3600 * 1000)

/* At latest so long after the last passage a voyage is withdrawn and its bundle removed. */
#define KEEP_AFTER_PASSAGE_MS (INT64_C(96) * 3600 * 1000)

/*
 * The hash is in the name, so that two processes which share the folder cannot put different
 * bundles of one version in the same place.
 */
static enum gh_status bundle_path(struct desk *desk, const struct store_voyage *voyage,
	char path[4096], struct gh_error *error)
{
	char name[GH_ID_TEXT_BYTES + 64];
	char id[GH_ID_TEXT_BYTES];
	char hash[65];

	gh_id_format(&voyage->id, id);
	gh_sha256_format(&voyage->hash, hash);
	snprintf(name, sizeof(name), "%s-%u-%.16s.bundle", id, voyage->version, hash);
	return gh_path_join(desk->voyages_folder, name, path, 4096, error);
}

enum gh_status desk_upload_path(struct desk *desk, char path[4096], struct gh_error *error)
{
	struct gh_id id;
	char name[GH_ID_TEXT_BYTES + sizeof(UPLOAD_SUFFIX)];
	enum gh_status status = gh_id_make(&id, error);

	if (status != GH_OK)
		return status;
	gh_id_format(&id, name);
	memcpy(name + GH_ID_TEXT_BYTES - 1, UPLOAD_SUFFIX, sizeof(UPLOAD_SUFFIX));
	return gh_path_join(desk->voyages_folder, name, path, 4096, error);
}

/* Go through the files of the voyages folder. */
static void each_file(
	struct desk *desk, bool (*goes)(const char *name, const char *path, void *ctx), void *ctx)
{
	DIR *folder = opendir(desk->voyages_folder);
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		char path[4096];

		if (entry->d_name[0] != '.' &&
			gh_path_join(desk->voyages_folder, entry->d_name, path, sizeof(path),
				NULL) == GH_OK &&
			goes(entry->d_name, path, ctx))
			unlink(path);
	}
	if (folder)
		closedir(folder);
}

static bool ends_with(const char *name, const char *suffix)
{
	size_t length = strlen(name);

	return length >= strlen(suffix) && strcmp(name + length - strlen(suffix), suffix) == 0;
}

/* An upload that nobody goes on with; another process's may be under way in a folder shared. */
static bool is_left(const char *name, const char *path, void *ctx)
{
	const struct desk *desk = ctx;
	struct stat file;

	if (!ends_with(name, UPLOAD_SUFFIX))
		return false;
	if (!store_is_shared(desk->store))
		return true;
	return stat(path, &file) == 0 &&
		(int64_t)file.st_mtime * 1000 + UPLOAD_LEFT_MS < desk->clock->real_ms(desk->clock);
}

void desk_clean_uploads(struct desk *desk)
{
	each_file(desk, is_left, desk);
}

/* Which bundles of a voyage go: those below a version. */
struct outdated {
	char id[GH_ID_TEXT_BYTES];
	uint64_t version;
};

static bool is_outdated(const char *name, const char *path, void *ctx)
{
	const struct outdated *outdated = ctx;
	size_t length = strlen(outdated->id);

	(void)path;
	return strncmp(name, outdated->id, length) == 0 && name[length] == '-' &&
		ends_with(name, ".bundle") &&
		strtoul(name + length + 1, NULL, 10) < outdated->version;
}

/* Never one that is newer: another process may be about to publish it. */
static void remove_bundles(struct desk *desk, const struct gh_id *id, uint64_t below_version)
{
	struct outdated outdated = { .version = below_version };

	gh_id_format(id, outdated.id);
	each_file(desk, is_outdated, &outdated);
}

void publication_check(struct publication *publication)
{
	struct store_voyage *voyage = &publication->voyage;
	struct gh_bundle *bundle = NULL;
	const struct gh_voyage *said;

	publication->status = gh_bundle_open(publication->path, &bundle, &publication->error);
	if (publication->status != GH_OK)
		return;
	said = gh_bundle_voyage(bundle);
	memset(voyage, 0, sizeof(*voyage));
	voyage->id = said->id;
	voyage->version = said->version;
	voyage->test = said->test;
	memcpy(voyage->carrier, said->carrier, sizeof(voyage->carrier));
	memcpy(voyage->number, said->number, sizeof(voyage->number));
	memcpy(voyage->from, said->from, sizeof(voyage->from));
	memcpy(voyage->to, said->to, sizeof(voyage->to));
	voyage->departure_ms = said->departure_ms;
	voyage->arrival_ms = said->arrival_ms;
	voyage->passage_end_ms = said->passage_end_ms;
	gh_bundle_hash(bundle, &voyage->hash);
	gh_bundle_close(bundle);
	/* Whoever published it: lanes go by the centre's word alone. */
	publication->status = gh_bundle_sign(publication->path, publication->signer_certificate,
		publication->signer_key, &publication->error);
}

/* Reasons that lie in the bundle; its texts may name our paths, so they get words of their own. */
static void answer_bad_bundle(struct answer *answer, enum gh_status status)
{
	if (status == GH_TOO_LARGE)
		answer_error(answer, 413, "too_large", gh_status_text(status), NULL);
	else if (status == GH_FULL || status == GH_NO_MEMORY)
		answer_error(answer, 503, gh_status_name(status), gh_status_text(status), NULL);
	else if (status == GH_IO || status == GH_DENIED || status == GH_NOT_FOUND ||
		status == GH_INTERNAL)
		answer_error(answer, 500, gh_status_name(status), gh_status_text(status), NULL);
	else
		answer_error(answer, 422, "bundle", gh_status_text(status), NULL);
}

static bool accept_bundle(
	struct desk *desk, const struct publication *publication, struct answer *answer)
{
	const struct store_voyage *voyage = &publication->voyage;

	if (publication->status != GH_OK) {
		gh_log(GH_LOG_WARNING, "central", "bundle_refused",
			gh_log_id("voyage", &publication->id), gh_log_error(&publication->error));
		answer_bad_bundle(answer, publication->status);
		return false;
	}
	if (!gh_id_equal(&voyage->id, &publication->id) ||
		voyage->version != publication->version) {
		answer_error(answer, 422, "bundle",
			"the bundle is of another voyage or version than the path's", NULL);
		return false;
	}
	if (desk->purpose == GH_PURPOSE_SERVICE && voyage->test) {
		answer_error(answer, 403, "test_voyage", "a test voyage has no place in a service",
			NULL);
		return false;
	}
	return true;
}

/* On the disk under its own name before the store knows of it. */
static enum gh_status settle_file(const char *from, const char *to, struct gh_error *error)
{
	int file = open(from, O_RDONLY | O_CLOEXEC);
	int result;

	if (file < 0)
		return gh_error_errno(error, errno, "%s", from);
	result = fsync(file);
	close(file);
	if (result != 0)
		return gh_error_errno(error, errno, "%s", from);
	if (rename(from, to) != 0)
		return gh_error_errno(error, errno, "%s", to);
	return GH_OK;
}

/* Whether this bundle may follow what is published; a withdrawn one too. */
static enum gh_status publish_checked(struct desk *desk, struct publication *publication,
	enum stored *stored, struct gh_error *error)
{
	struct store_voyage *voyage = &publication->voyage;
	struct store_voyage there;
	char path[4096];
	enum gh_status status = store_find_voyage(desk->store, &voyage->id, &there, error);

	if (status == GH_OK &&
		(there.version > voyage->version ||
			(there.version == voyage->version &&
				!gh_sha256_equal(&there.hash, &voyage->hash)))) {
		*stored = STORED_OTHER;
		return GH_OK;
	}
	if (status != GH_OK && status != GH_NOT_FOUND)
		return status;
	voyage->published_ms = desk->clock->real_ms(desk->clock);
	status = bundle_path(desk, voyage, path, error);
	if (status == GH_OK)
		status = settle_file(publication->path, path, error);
	if (status == GH_OK)
		status = gh_folder_sync(desk->voyages_folder, error);
	if (status == GH_OK)
		status = store_put_voyage(desk->store, voyage, stored, error);
	/* A withdrawn voyage remembers its version: what is older than that has no place. */
	if (status == GH_OK && *stored == STORED_OTHER)
		unlink(path);
	else if (status == GH_OK)
		remove_bundles(desk, &voyage->id, voyage->version);
	return status;
}

static void answer_published(struct answer *answer, const struct store_voyage *voyage, bool is_new)
{
	char id[GH_ID_TEXT_BYTES];

	gh_id_format(&voyage->id, id);
	gh_sha256_format(&voyage->hash, answer->etag);
	answer_json(answer, is_new ? 201 : 200,
		json_pack("{s:s, s:I, s:s, s:b}", "id", id, "version", (json_int_t)voyage->version,
			"etag", answer->etag, "stored", (int)is_new));
}

void desk_publish(struct desk *desk, struct publication *publication, struct answer *answer)
{
	enum stored stored = STORED_NEW;
	struct gh_error error;
	enum gh_status status;

	if (!accept_bundle(desk, publication, answer)) {
		unlink(publication->path);
		return;
	}
	status = publish_checked(desk, publication, &stored, &error);
	unlink(publication->path);
	if (status != GH_OK) {
		gh_log(GH_LOG_ERROR, "central", "bundle_not_stored",
			gh_log_id("voyage", &publication->id), gh_log_error(&error));
		answer_failure(answer, status);
	} else if (stored == STORED_OTHER) {
		answer_error(answer, 409, "conflict",
			"this version or a newer one is published with other content", NULL);
	} else {
		gh_log(GH_LOG_NOTICE, "central", "voyage_published",
			gh_log_id("voyage", &publication->id),
			gh_log_integer("version", publication->version));
		answer_published(answer, &publication->voyage, stored == STORED_NEW);
	}
}

/* As bundles were named before several processes shared a folder. */
static enum gh_status former_path(
	struct desk *desk, const struct store_voyage *voyage, char path[4096])
{
	char name[GH_ID_TEXT_BYTES + 32];
	char id[GH_ID_TEXT_BYTES];

	gh_id_format(&voyage->id, id);
	snprintf(name, sizeof(name), "%s-%u.bundle", id, voyage->version);
	return gh_path_join(desk->voyages_folder, name, path, 4096, NULL);
}

static void open_bundle(struct desk *desk, const struct store_voyage *voyage, struct answer *answer)
{
	char path[4096];
	struct stat file;
	struct gh_error error;
	enum gh_status status = bundle_path(desk, voyage, path, &error);

	if (status == GH_OK)
		answer->file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (answer->file < 0 && former_path(desk, voyage, path) == GH_OK)
		answer->file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (answer->file < 0 || fstat(answer->file, &file) != 0) {
		gh_log(GH_LOG_ERROR, "central", "bundle_missing", gh_log_id("voyage", &voyage->id));
		answer_error(answer, 500, "io", "the bundle cannot be read", NULL);
		return;
	}
	answer->status = 200;
	answer->file_bytes = (uint64_t)file.st_size;
}

void desk_get_voyage(struct desk *desk, const struct request *request, struct answer *answer)
{
	struct store_voyage voyage;
	struct gh_error error;
	enum gh_status status = store_find_voyage(desk->store, &request->id, &voyage, &error);

	if (status == GH_NOT_FOUND || (status == GH_OK && !desk_shows(request, &voyage))) {
		answer_error(answer, 404, "no_such_voyage", "there is no such voyage", NULL);
		return;
	}
	if (status != GH_OK) {
		answer_failure(answer, status);
		return;
	}
	gh_sha256_format(&voyage.hash, answer->etag);
	answer->nothing_new = request_etag_matches(request->if_none_match, answer->etag);
	if (answer->nothing_new)
		answer->status = 304;
	else
		open_bundle(desk, &voyage, answer);
}

void desk_delete_voyage(struct desk *desk, const struct request *request, struct answer *answer)
{
	struct gh_error error;
	struct store_voyage voyage;
	enum gh_status status = store_find_voyage(desk->store, &request->id, &voyage, &error);

	if (status == GH_OK)
		status = store_withdraw_voyage(desk->store, &request->id, &error);
	if (status == GH_NOT_FOUND) {
		answer_error(answer, 404, "no_such_voyage", "there is no such voyage", NULL);
	} else if (status != GH_OK) {
		answer_failure(answer, status);
	} else {
		remove_bundles(desk, &request->id, (uint64_t)voyage.version + 1);
		answer->status = 204;
	}
}

/* Voyages that are over, at most a page of them in one go. */
struct over {
	int64_t now_ms;
	struct gh_id ids[64];
	uint32_t versions[64];
	size_t count;
};

static void note_over(void *ctx, const struct store_voyage *voyage)
{
	struct over *over = ctx;
	int64_t end_ms = voyage->passage_end_ms ? voyage->passage_end_ms : voyage->departure_ms;

	/* Without a schedule the time of publication counts. */
	if (end_ms == 0)
		end_ms = voyage->published_ms;
	if (end_ms + KEEP_AFTER_PASSAGE_MS > over->now_ms || over->count == 64)
		return;
	over->ids[over->count] = voyage->id;
	over->versions[over->count++] = voyage->version;
}

static void withdraw_over(struct desk *desk)
{
	struct over over = { .now_ms = desk->clock->real_ms(desk->clock), .count = 0 };

	if (store_list_voyages(desk->store, note_over, &over, NULL) != GH_OK)
		return;
	for (size_t i = 0; i < over.count; i++) {
		if (store_withdraw_voyage(desk->store, &over.ids[i], NULL) != GH_OK)
			continue;
		remove_bundles(desk, &over.ids[i], (uint64_t)over.versions[i] + 1);
		gh_log(GH_LOG_NOTICE, "central", "voyage_over", gh_log_id("voyage", &over.ids[i]));
	}
}

void desk_destroy_due(struct desk *desk)
{
	struct gh_error error;
	uint32_t count = 0;
	enum gh_status status =
		store_destroy_due(desk->store, desk->clock->real_ms(desk->clock), &count, &error);

	if (status != GH_OK)
		gh_log(GH_LOG_ERROR, "central", "destruction_failed", gh_log_error(&error));
	else if (count > 0)
		gh_log(GH_LOG_NOTICE, "central", "records_destroyed",
			gh_log_integer("count", count));
	withdraw_over(desk);
	status = store_keep_days(
		desk->store, desk->clock->real_ms(desk->clock), &desk->limits, &error);
	if (status != GH_OK)
		gh_log(GH_LOG_ERROR, "central", "days_not_kept", gh_log_error(&error));
}
