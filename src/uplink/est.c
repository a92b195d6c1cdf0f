/* SPDX-License-Identifier: Apache-2.0 */
/* Enrolment: requests out, certificates back. */
#include "gatehouse/uplink/est.h"

#include "answer.h"
#include "gatehouse/crypto/base64.h"

#define FOLDER "/.well-known/est/"

static enum gh_status status_of(long http_status)
{
	switch (http_status) {
	case 200:
		return GH_OK;
	case 401:
	case 403:
		return GH_DENIED;
	case 404:
		return GH_NOT_FOUND;
	case 408:
	case 429:
		return GH_OFFLINE;
	default:
		return http_status >= 500 ? GH_OFFLINE : GH_REFUSED;
	}
}

/* One exchange; what came is certificates, or the centre's word for why not. */
static enum gh_status ask(const struct gh_uplink_options *options, const struct gh_request *request,
	struct gh_certs *certs, struct gh_error *error)
{
	struct gh_bytes answer = GH_BYTES_EMPTY;
	long http_status = 0;
	char word[64];
	enum gh_status status = gh_uplink_request(options, request, &http_status, &answer, error);

	if (status == GH_OK && status_of(http_status) != GH_OK) {
		answer_error_code(gh_bytes_view(&answer), word, sizeof(word));
		status = gh_error_set(error, status_of(http_status), "the centre answered %ld%s%s",
			http_status, word[0] ? ": " : "", word);
	} else if (status == GH_OK) {
		status = gh_certs_only_decode(gh_bytes_view(&answer), certs, error);
		if (status != GH_OK)
			gh_error_wrap(error, "the centre's answer");
	}
	gh_bytes_finish(&answer);
	return status;
}

enum gh_status gh_est_certify(const struct gh_uplink_options *options, struct gh_view csr,
	struct gh_bytes *der, struct gh_error *error)
{
	struct gh_request request = { .method = "POST",
		.path = options->user ? FOLDER "simpleenroll" : FOLDER "simplereenroll",
		.content_type = "application/pkcs10",
		.answer_max_bytes = GH_CERTS_ONLY_BYTES_MAX };
	struct gh_certs certs = { .count = 0 };
	struct gh_bytes body = GH_BYTES_EMPTY;
	enum gh_status status = gh_base64_encode(csr, &body, error);

	gh_bytes_finish(der);
	request.body = gh_bytes_view(&body);
	if (status == GH_OK)
		status = ask(options, &request, &certs, error);
	if (status == GH_OK && certs.count != 1)
		status = gh_error_set(error, GH_MALFORMED,
			"the centre's answer: %zu certificates instead of one", certs.count);
	if (status == GH_OK) {
		*der = certs.der[0];
		certs.der[0] = (struct gh_bytes)GH_BYTES_EMPTY;
	}
	gh_certs_finish(&certs);
	gh_bytes_finish(&body);
	return status;
}

enum gh_status gh_est_authorities(
	const struct gh_uplink_options *options, struct gh_certs *certs, struct gh_error *error)
{
	struct gh_request request = { .method = "GET",
		.path = FOLDER "cacerts",
		.answer_max_bytes = GH_CERTS_ONLY_BYTES_MAX };

	gh_certs_finish(certs);
	return ask(options, &request, certs, error);
}
