/* SPDX-License-Identifier: Apache-2.0 */
/* The newest head of the erasure log is put to the centre, which countersigns it. */
#include "daemon.h"
#include "gatehouse/erasure/witness.h"

#define ANSWER_BYTES_MAX 4096u

/* After a head that the centre did not countersign, whatever the reason. */
#define AGAIN_US (300 * INT64_C(1000000))

/* The uplink has wiped its copy of a key that lies with the provider. */
static enum gh_status read_key(struct daemon *daemon, struct gh_bytes *key, struct gh_error *error)
{
	const char *name = gh_provider_secret_name(daemon->settings.uplink.key_file);

	return name ? gh_provider_read_secret(daemon->provider, name, key, error) : GH_OK;
}

static enum gh_status ask(struct daemon *daemon, const struct gh_erasure_head *head,
	struct gh_bytes *answer, struct gh_error *error)
{
	struct gh_uplink_options options = compose_uplink(daemon, ".");
	struct gh_bytes body = GH_BYTES_EMPTY;
	struct gh_bytes key = GH_BYTES_EMPTY;
	char path[GH_ERASURE_WITNESS_PATH_BYTES];
	struct gh_request request = { .method = "PUT",
		.path = path,
		.content_type = "application/json",
		.answer_max_bytes = ANSWER_BYTES_MAX };
	long http_status = 0;
	enum gh_status status = gh_erasure_head_encode(head, &body, error);

	gh_erasure_witness_path(&head->chain, path);
	request.body = gh_bytes_view(&body);
	if (status == GH_OK)
		status = read_key(daemon, &key, error);
	options.key = gh_bytes_view(&key);
	if (status == GH_OK)
		status = gh_uplink_request(&options, &request, &http_status, answer, error);
	gh_bytes_finish(&body);
	gh_bytes_finish(&key);
	if (status == GH_OK && http_status == 409)
		return gh_error_set(error, GH_CONFLICT,
			"the centre has countersigned another head: this log was cut or changed");
	if (status == GH_OK && http_status != 200)
		return gh_error_set(error, GH_REFUSED, "the centre answered %ld", http_status);
	return status;
}

static enum gh_status witness(
	struct daemon *daemon, const struct gh_erasure_head *head, struct gh_error *error)
{
	struct gh_bytes answer = GH_BYTES_EMPTY;
	struct gh_erasure_receipt receipt;
	enum gh_status status = ask(daemon, head, &answer, error);

	if (status == GH_OK)
		status = gh_erasure_receipt_decode(gh_bytes_view(&answer), &receipt, error);
	if (status == GH_OK)
		status =
			gh_erasure_log_receive(gh_erasure_log_of(daemon->erasure), &receipt, error);
	gh_bytes_finish(&answer);
	return status;
}

void witness_run(struct daemon *daemon)
{
	struct gh_error error = GH_ERROR_NONE;
	struct gh_erasure_head head;
	int64_t now_us = (int64_t)daemon->clock->monotonic_us(daemon->clock);
	enum gh_status status;

	if (daemon->settings.uplink.url[0] == '\0' || now_us < daemon->witness_not_before_us)
		return;
	gh_erasure_log_head(gh_erasure_log_of(daemon->erasure), &head);
	if (head.number == head.witnessed)
		return;
	status = witness(daemon, &head, &error);
	if (status == GH_OK) {
		gh_log(GH_LOG_NOTICE, "daemon", "witnessed",
			gh_log_integer("batch", (int64_t)head.number));
		return;
	}
	daemon->witness_not_before_us = now_us + AGAIN_US;
	gh_log(status == GH_CONFLICT || status == GH_INTEGRITY ? GH_LOG_ERROR : GH_LOG_NOTICE,
		"daemon", "not_witnessed", gh_log_error(&error));
}
