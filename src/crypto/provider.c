/* SPDX-License-Identifier: Apache-2.0 */
/* The table of key providers, and the steps by which a master gives way to the next. */
#include "gatehouse/crypto/provider.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/id.h"
#include "locked.h"
#include "provider_state.h"

static const struct gh_provider_kind *const kinds[] = {
	&gh_provider_kind_file,
	&gh_provider_kind_systemd,
	&gh_provider_kind_tpm2,
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const struct gh_provider_kind *find_kind(const char *name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}

static enum gh_status refuse_kind(const char *name, struct gh_error *error)
{
	char known[128] = "";
	size_t used = 0;

	for (size_t i = 0; i < KINDS && used < sizeof(known); i++)
		used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s",
			i > 0 ? ", " : "", kinds[i]->name);
	return gh_error_set(
		error, GH_UNSUPPORTED, "no key provider '%s'; there are: %s", name, known);
}

static enum gh_status load(struct gh_provider *provider, const struct gh_provider_options *options,
	struct gh_error *error)
{
	enum gh_status status =
		gh_key_folder_open(options->folder, options->shared, &provider->folder, error);

	if (status == GH_OK)
		status = gh_locked_create(sizeof(*provider->keys), (void **)&provider->keys, error);
	if (status == GH_OK)
		status = provider->kind->open(options, &provider->folder, &provider->own, error);
	if (status == GH_OK)
		status = provider->kind->load(provider->own, &provider->keys->now, error);
	if (status == GH_OK)
		status = gh_provider_load_signing(provider, error);
	if (status == GH_OK && options->shared && provider->folder.alone)
		status = gh_key_folder_share(&provider->folder, error);
	return status;
}

enum gh_status gh_provider_open_with(const struct gh_provider_options *options,
	struct gh_provider **provider, struct gh_error *error)
{
	struct gh_provider *made;
	enum gh_status status;

	*provider = NULL;
	if (!find_kind(options->kind))
		return refuse_kind(options->kind, error);
	made = calloc(1, sizeof(*made));
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "key provider");
	made->kind = find_kind(options->kind);
	made->folder.descriptor = -1;
	pthread_mutex_init(&made->step, NULL);
	pthread_rwlock_init(&made->lock, NULL);
	status = load(made, options, error);
	if (status != GH_OK) {
		gh_error_wrap(error, "key provider '%s'", options->kind);
		gh_provider_close(made);
		return status;
	}
	assert(gh_masters_sound(&made->keys->now));
	*provider = made;
	return GH_OK;
}

enum gh_status gh_provider_open(
	const char *kind, const char *folder, struct gh_provider **provider, struct gh_error *error)
{
	struct gh_provider_options options = { .kind = kind, .folder = folder };

	return gh_provider_open_with(&options, provider, error);
}

void gh_provider_close(struct gh_provider *provider)
{
	if (!provider)
		return;
	if (provider->own)
		provider->kind->close(provider->own);
	gh_locked_destroy(provider->keys, sizeof(*provider->keys));
	gh_key_folder_close(&provider->folder);
	pthread_rwlock_destroy(&provider->lock);
	pthread_mutex_destroy(&provider->step);
	free(provider);
}

bool gh_provider_for_service(const struct gh_provider *provider)
{
	return gh_provider_strength(provider) != GH_PROVIDER_DISK_OPENS;
}

enum gh_provider_strength gh_provider_strength(const struct gh_provider *provider)
{
	return provider->kind->strength(provider->own);
}

uint64_t gh_provider_generation(struct gh_provider *provider)
{
	uint64_t generation;

	pthread_rwlock_rdlock(&provider->lock);
	generation = provider->keys->now.generation;
	pthread_rwlock_unlock(&provider->lock);
	return generation;
}

bool gh_provider_changing(struct gh_provider *provider)
{
	bool changing;

	pthread_rwlock_rdlock(&provider->lock);
	changing = provider->keys->now.changing;
	pthread_rwlock_unlock(&provider->lock);
	return changing;
}

/* From now on everybody sees the masters as the step has left them. */
static void publish(struct gh_provider *provider)
{
	assert(gh_masters_sound(&provider->keys->after));
	pthread_rwlock_wrlock(&provider->lock);
	provider->keys->now = provider->keys->after;
	pthread_rwlock_unlock(&provider->lock);
}

/* With step held. */
static enum gh_status begin_change(struct gh_provider *provider, struct gh_error *error)
{
	const struct gh_masters *now = &provider->keys->now;
	struct gh_masters *after = &provider->keys->after;
	enum gh_status status;

	if (now->changing)
		return gh_error_set(error, GH_EXISTS, "a change of the master is under way");
	after->generation = now->generation + 1;
	after->changing = true;
	after->before = now->newest;
	status = gh_random_fill(after->newest.bytes, sizeof(after->newest.bytes), error);
	if (status == GH_OK)
		status = provider->kind->begin(provider->own, after, error);
	if (status == GH_OK)
		publish(provider);
	return status;
}

/* With step held. */
static enum gh_status finish_change(struct gh_provider *provider, struct gh_error *error)
{
	const struct gh_masters *now = &provider->keys->now;
	struct gh_masters *after = &provider->keys->after;
	enum gh_status status;

	if (!now->changing)
		return gh_error_set(error, GH_WRONG_STATE, "no change of the master is under way");
	status = gh_provider_rewrap_secrets(provider, error);
	if (status == GH_OK)
		status = provider->kind->finish(provider->own, now, error);
	if (status != GH_OK)
		return status;
	after->generation = now->generation;
	after->newest = now->newest;
	after->changing = false;
	gh_wipe(&after->before, sizeof(after->before));
	publish(provider);
	return GH_OK;
}

static enum gh_status take_step(struct gh_provider *provider,
	enum gh_status (*step)(struct gh_provider *provider, struct gh_error *error),
	struct gh_error *error)
{
	enum gh_status status;

	if (!provider->folder.alone)
		return gh_error_set(error, GH_UNSUPPORTED,
			"%s: keys that several programs share are not changed",
			provider->folder.path);
	pthread_mutex_lock(&provider->step);
	status = step(provider, error);
	gh_wipe(&provider->keys->after, sizeof(provider->keys->after));
	pthread_mutex_unlock(&provider->step);
	return status;
}

enum gh_status gh_provider_begin_change(struct gh_provider *provider, struct gh_error *error)
{
	return take_step(provider, begin_change, error);
}

enum gh_status gh_provider_finish_change(struct gh_provider *provider, struct gh_error *error)
{
	return take_step(provider, finish_change, error);
}

enum gh_status gh_provider_wrap(struct gh_provider *provider, struct gh_view context,
	const struct gh_aead_key *key, struct gh_bytes *wrapped, struct gh_error *error)
{
	struct gh_view plain = { key->bytes, sizeof(key->bytes) };
	enum gh_status status;

	pthread_rwlock_rdlock(&provider->lock);
	status = gh_masters_seal(
		&provider->keys->now, GH_SEALED_KEY, context, plain, wrapped, error);
	pthread_rwlock_unlock(&provider->lock);
	return status;
}

enum gh_status gh_provider_unwrap(struct gh_provider *provider, struct gh_view context,
	struct gh_view wrapped, struct gh_aead_key *key, struct gh_error *error)
{
	struct gh_bytes plain = GH_BYTES_EMPTY;
	enum gh_status status;

	memset(key, 0, sizeof(*key));
	pthread_rwlock_rdlock(&provider->lock);
	status = gh_masters_open(
		&provider->keys->now, GH_SEALED_KEY, context, wrapped, &plain, error);
	pthread_rwlock_unlock(&provider->lock);
	if (status == GH_OK && plain.length_bytes != sizeof(key->bytes))
		status = gh_error_set(error, GH_INTEGRITY, "unwrap: %zu bytes are no data key",
			plain.length_bytes);
	if (status == GH_OK)
		memcpy(key->bytes, plain.data, sizeof(key->bytes));
	gh_bytes_finish(&plain);
	return status;
}

enum gh_status gh_provider_rewrap(struct gh_provider *provider, struct gh_view context,
	struct gh_view wrapped, struct gh_bytes *rewrapped, struct gh_error *error)
{
	struct gh_aead_key key;
	enum gh_status status = gh_provider_unwrap(provider, context, wrapped, &key, error);

	gh_bytes_finish(rewrapped);
	if (status == GH_OK &&
		gh_provider_wrapped_generation(wrapped) == gh_provider_generation(provider))
		status = gh_bytes_append(rewrapped, wrapped.data, wrapped.length_bytes, error);
	else if (status == GH_OK)
		status = gh_provider_wrap(provider, context, &key, rewrapped, error);
	gh_wipe(&key, sizeof(key));
	return status;
}

uint64_t gh_provider_wrapped_generation(struct gh_view wrapped)
{
	return gh_sealed_generation(GH_SEALED_KEY, wrapped);
}
