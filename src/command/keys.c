/* SPDX-License-Identifier: Apache-2.0 */
/* The key provider from outside: what it holds, and secrets put into it. */
#include "gatehouse/crypto/provider.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gatehouse/base/file.h"
#include "gatehouse/crypto/certificate.h"
#include "gatehouse/daemon/compose.h"
#include "command.h"
#include "tables.h"

static const char *strength_word(enum gh_provider_strength strength)
{
	switch (strength) {
	case GH_PROVIDER_DISK_OPENS:
		return "anywhere";
	case GH_PROVIDER_DISK_OPENS_HERE:
		return "on this machine";
	case GH_PROVIDER_DISK_OPENS_NEVER:
		return "nowhere";
	}
	return "anywhere";
}

static enum gh_status open_keys(struct call *call, struct gh_provider **provider)
{
	struct gh_provider_options options = gh_compose_provider(&call->settings);

	return gh_provider_open_with(&options, provider, &call->error);
}

/* Overwrite, sync, unlink. */
static enum gh_status destroy_file(const char *path, size_t length_bytes, struct gh_error *error)
{
	static const uint8_t zeros[GH_PROVIDER_SECRET_BYTES_MAX];
	int descriptor = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	bool written;

	if (descriptor < 0)
		return gh_error_errno(error, errno, "%s is kept, but still lies there", path);
	written = write(descriptor, zeros, length_bytes) == (ssize_t)length_bytes &&
		fsync(descriptor) == 0;
	close(descriptor);
	if (!written || unlink(path) != 0)
		return gh_error_errno(error, errno, "%s is kept, but still lies there", path);
	return GH_OK;
}

/* keys import NAME FILE */
static int run_import(struct call *call)
{
	const char *name = call->words[0];
	const char *path = call->words[1];
	const char *certificate = call_option(call, "--cert", NULL);
	struct gh_bytes secret = GH_BYTES_EMPTY;
	struct gh_provider *provider = NULL;
	size_t length_bytes;
	enum gh_status status =
		gh_file_read(path, GH_PROVIDER_SECRET_BYTES_MAX, &secret, &call->error);

	length_bytes = secret.length_bytes;
	if (status == GH_OK && certificate)
		status =
			gh_certificate_match_pem(certificate, gh_bytes_view(&secret), &call->error);
	if (status == GH_OK)
		status = open_keys(call, &provider);
	if (status == GH_OK)
		status = gh_provider_keep_secret(
			provider, name, gh_bytes_view(&secret), &call->error);
	gh_bytes_finish(&secret);
	gh_provider_close(provider);
	if (status == GH_OK && call_has(call, "--remove"))
		status = destroy_file(path, length_bytes, &call->error);
	if (status != GH_OK)
		return call_fail(call, status);
	if (call->json)
		return call_print_json(json_pack("{s:s}", "kept", name));
	printf("kept as provider:%s\n", name);
	return EXIT_FINE;
}

static int run_drop(struct call *call)
{
	struct gh_provider *provider;
	enum gh_status status = open_keys(call, &provider);

	if (status == GH_OK)
		status = gh_provider_drop_secret(provider, call->words[0], &call->error);
	gh_provider_close(provider);
	return status == GH_OK ? EXIT_FINE : call_fail(call, status);
}

static enum gh_status add_name(void *ctx, const char *name, struct gh_error *error)
{
	return json_array_append_new(ctx, json_string(name)) == 0
		? GH_OK
		: gh_error_set(error, GH_NO_MEMORY, "list of secrets");
}

static void print_state(const json_t *state)
{
	const json_t *name;
	size_t i;

	printf("kind             %s\n", json_string_value(json_object_get(state, "kind")));
	printf("a copied disk    opens %s\n",
		json_string_value(json_object_get(state, "copied_disk_opens")));
	printf("generation       %" JSON_INTEGER_FORMAT "%s\n",
		json_integer_value(json_object_get(state, "generation")),
		json_is_true(json_object_get(state, "changing")) ? ", changing" : "");
	printf("signs as         %s\n", json_string_value(json_object_get(state, "public_key")));
	json_array_foreach(json_object_get(state, "secrets"), i, name)
		printf("keeps            %s\n", json_string_value(name));
}

/* keys list */
static int run_list(struct call *call)
{
	struct gh_provider *provider;
	uint8_t public_key[GH_PUBLIC_KEY_BYTES];
	char text[2 * GH_PUBLIC_KEY_BYTES + 1];
	json_t *names = json_array();
	json_t *state;
	enum gh_status status = open_keys(call, &provider);

	if (status == GH_OK)
		status = gh_provider_each_secret(provider, add_name, names, &call->error);
	if (status != GH_OK) {
		gh_provider_close(provider);
		json_decref(names);
		return call_fail(call, status);
	}
	gh_provider_public_key(provider, public_key);
	gh_hex_format(public_key, sizeof(public_key), text);
	state = json_pack("{s:s,s:s,s:I,s:b,s:s,s:o}", "kind", call->settings.keys.provider,
		"copied_disk_opens", strength_word(gh_provider_strength(provider)), "generation",
		(json_int_t)gh_provider_generation(provider), "changing",
		gh_provider_changing(provider), "public_key", text, "secrets", names);
	gh_provider_close(provider);
	if (call->json)
		return call_print_json(state);
	print_state(state);
	json_decref(state);
	return EXIT_FINE;
}

static const struct option_known import_options[] = {
	{ "--cert", "FILE", "refuse a key that is not this certificate's" },
	{ "--remove", NULL, "overwrite and remove FILE once it is kept" },
	{ NULL, NULL, NULL },
};

const struct command keys_commands[] = {
	{ "keys list", "", 0, 0,
		"What the key provider of [keys] is, and the names of the secrets it keeps.", NULL,
		NULL, run_list },
	{ "keys import", "NAME FILE", 2, 2,
		"Keep a private key (PEM) for key_file = provider:NAME. The lane must be stopped.",
		"gatehouse keys import lane --cert lane.pem --remove lane.key", import_options,
		run_import },
	{ "keys drop", "NAME", 1, 1, "Forget a secret that was kept.", NULL, NULL, run_drop },
	{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};
