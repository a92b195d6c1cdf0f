/* SPDX-License-Identifier: Apache-2.0 */
/* The paths of the API, and single requests of an operator's tool. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "gatehouse/uplink/uplink.h"
#include "transfer.h"

static void print_path(char path[96], const char *before, const struct gh_id *id, const char *after)
{
	char text[GH_ID_TEXT_BYTES];

	gh_id_format(id, text);
	snprintf(path, 96, "%s%s%s", before, text, after);
}

void gh_uplink_path_encounter(const struct gh_id *id, char path[96])
{
	print_path(path, "/v1/encounters/", id, "");
}

void gh_uplink_path_photo(const struct gh_id *encounter, char path[96])
{
	print_path(path, "/v1/encounters/", encounter, "/photo");
}

void gh_uplink_path_addendum(const struct gh_id *id, char path[96])
{
	print_path(path, "/v1/addenda/", id, "");
}

static enum gh_status open_file(struct ask *ask, const char *path, struct gh_error *error)
{
	struct stat file;

	ask->body_file = fopen(path, "rb");
	if (!ask->body_file)
		return gh_error_errno(error, errno, "%s", path);
	if (fstat(fileno(ask->body_file), &file) != 0)
		return gh_error_errno(error, errno, "%s", path);
	ask->body_file_bytes = (uint64_t)file.st_size;
	return GH_OK;
}

/* What curl's code means to somebody who waits for the answer. */
static enum gh_status status_of(CURLcode code, const struct transfer *transfer)
{
	if (transfer->too_large)
		return GH_TOO_LARGE;
	switch (code) {
	case CURLE_OK:
		return GH_OK;
	case CURLE_OPERATION_TIMEDOUT:
		return GH_TIMEOUT;
	case CURLE_OUT_OF_MEMORY:
		return GH_NO_MEMORY;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CLIENTCERT:
	case CURLE_SSL_ISSUER_ERROR:
		return GH_DENIED;
	default:
		return GH_OFFLINE;
	}
}

static enum gh_status perform(const struct link *link, const struct ask *ask, long *http_status,
	struct gh_bytes *answer, struct gh_error *error)
{
	struct transfer transfer;
	enum gh_status status = transfer_begin(&transfer, link, ask, error);
	CURLcode code;
	sigset_t signals;

	if (status != GH_OK)
		return status;
	pipe_hold(&signals);
	code = curl_easy_perform(transfer.easy);
	pipe_release(&signals);
	status = status_of(code, &transfer);
	if (status == GH_OK) {
		*http_status = transfer_http_status(&transfer);
		*answer = transfer.answer;
		transfer.answer = (struct gh_bytes)GH_BYTES_EMPTY;
	} else {
		gh_error_set(error, status, "%s: %s", link->url,
			transfer.curl_text[0] ? transfer.curl_text : curl_easy_strerror(code));
	}
	transfer_end(&transfer);
	return status;
}

enum gh_status gh_uplink_request(const struct gh_uplink_options *options,
	const struct gh_request *request, long *http_status, struct gh_bytes *answer,
	struct gh_error *error)
{
	struct link link;
	struct ask ask = {
		.method = request->method,
		.path = request->path,
		.content_type = request->content_type,
		.body = request->body,
		.answer_max_bytes = request->answer_max_bytes,
		.patient = request->file != NULL,
	};
	enum gh_status status = link_set(&link, options, error);

	*http_status = 0;
	gh_bytes_finish(answer);
	if (status == GH_OK && request->file)
		status = open_file(&ask, request->file, error);
	if (status == GH_OK)
		status = perform(&link, &ask, http_status, answer, error);
	if (ask.body_file)
		fclose(ask.body_file);
	link_finish(&link);
	return status;
}
