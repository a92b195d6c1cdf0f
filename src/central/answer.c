/* SPDX-License-Identifier: Apache-2.0 */
/* What a request is answered with; every error has the same JSON form. */
#include "answer.h"

#include <string.h>
#include <unistd.h>

#include "gatehouse/crypto/certs_only.h"

/* When there is no memory for a better one. */
static const char no_memory[] = "{\"error\":{\"status\":503,\"code\":\"no_memory\",\"reason\":"
				"\"memory ran out\"}}";

void answer_init(struct answer *answer)
{
	memset(answer, 0, sizeof(*answer));
	answer->file = -1;
}

void answer_finish(struct answer *answer)
{
	gh_bytes_finish(&answer->body);
	if (answer->file >= 0)
		close(answer->file);
	answer_init(answer);
}

/*
 * Not json_dumps(): where its buffer cannot grow, jansson 2.14 leaves a quote out and goes on. This
 * way the text has its room before it is written.
 */
static bool write_body(struct gh_bytes *body, const json_t *root)
{
	size_t length = root ? json_dumpb(root, NULL, 0, JSON_COMPACT) : 0;

	if (length == 0 || gh_bytes_reserve(body, length, NULL) != GH_OK ||
		json_dumpb(root, (char *)body->data, length, JSON_COMPACT) != length)
		return false;
	body->length_bytes = length;
	return true;
}

void answer_json(struct answer *answer, int status, json_t *root)
{
	gh_bytes_clear(&answer->body);
	answer->status = status;
	if (!write_body(&answer->body, root)) {
		answer->status = 503;
		answer->retry_after_s = 10;
		/* Without room even for this the answer has no body. */
		if (gh_bytes_append(&answer->body, no_memory, strlen(no_memory), NULL) != GH_OK)
			gh_bytes_clear(&answer->body);
	}
	json_decref(root);
}

void answer_error(struct answer *answer, int status, const char *code, const char *reason,
	const char *pointer)
{
	json_t *fields =
		json_pack("{s:i, s:s, s:s}", "status", status, "code", code, "reason", reason);

	if (fields && pointer && *pointer)
		json_object_set_new(fields, "pointer", json_string(pointer));
	answer_json(answer, status, fields ? json_pack("{s:o}", "error", fields) : NULL);
	if (status == 503 && answer->retry_after_s == 0)
		answer->retry_after_s = 10;
}

void answer_refusal(struct answer *answer, const struct refusal *refusal)
{
	answer_error(answer, refusal->status, refusal->code, refusal->reason, NULL);
	answer->allow = refusal->allow;
}

/* Texts of the encounter room begin with the JSON pointer: "/lane/id: the rule". */
static void answer_schema(struct answer *answer, const char *text)
{
	char pointer[128] = "";
	const char *colon = strstr(text, ": ");
	size_t length = colon ? (size_t)(colon - text) : 0;

	if (text[0] == '/' && length > 0 && length < sizeof(pointer)) {
		memcpy(pointer, text, length);
		pointer[length] = '\0';
		text = colon + 2;
	}
	answer_error(answer, 422, "schema", text, pointer);
}

void answer_refused(struct answer *answer, enum gh_status status, const struct gh_error *error)
{
	switch (status) {
	case GH_MALFORMED:
	case GH_UNSUPPORTED:
	case GH_WRONG_STATE:
		answer_schema(answer, error->text);
		return;
	case GH_TOO_LARGE:
		answer_error(answer, 413, "too_large", error->text, NULL);
		return;
	default:
		answer_failure(answer, status);
	}
}

void answer_failure(struct answer *answer, enum gh_status status)
{
	bool later = status == GH_FULL || status == GH_NO_MEMORY || status == GH_BUSY ||
		status == GH_OFFLINE || status == GH_TIMEOUT;

	answer_error(
		answer, later ? 503 : 500, gh_status_name(status), gh_status_text(status), NULL);
}

void answer_stored(struct answer *answer, const struct gh_receipt *receipt, bool is_new)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	char id[GH_ID_TEXT_BYTES];
	char hash[GH_SHA256_TEXT_BYTES];
	json_t *value = NULL;

	gh_id_format(&receipt->id, id);
	gh_sha256_format(&receipt->hash, hash);
	if (gh_receipt_encode(receipt, &text, NULL) == GH_OK)
		value = json_loadb((const char *)text.data, text.length_bytes, 0, NULL);
	gh_bytes_finish(&text);
	answer_json(answer, is_new ? 201 : 200,
		value ? json_pack("{s:s, s:b, s:s, s:o}", "id", id, "stored", (int)is_new, "sha256",
				hash, "receipt", value)
		      : NULL);
}

void answer_offset(struct answer *answer, uint64_t offset, bool complete)
{
	answer->status = 204;
	answer->says_offset = true;
	answer->upload_offset = offset;
	answer->upload_complete = complete;
}

void answer_certificates(struct answer *answer, struct gh_bytes *base64)
{
	gh_bytes_finish(&answer->body);
	answer->body = *base64;
	*base64 = (struct gh_bytes)GH_BYTES_EMPTY;
	answer->status = 200;
	answer->content_type = GH_CERTS_ONLY_TYPE;
	answer->base64 = true;
}

const char *answer_content_type(const struct answer *answer)
{
	if (answer->content_type)
		return answer->content_type;
	return answer->file >= 0 ? "application/octet-stream" : "application/json";
}
