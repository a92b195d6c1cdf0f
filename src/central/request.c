/* SPDX-License-Identifier: Apache-2.0 */
/* The table of the service's paths, which is the code, and the reading of a request's line. */
#include "request.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "gatehouse/crypto/base64.h"
#include "gatehouse/crypto/certificate.h"
#include "gatehouse/crypto/digest_field.h"

#define SEGMENTS_MAX 5
#define PATH_MAX_BYTES 256

struct route {
	enum method method;
	const char *pattern; /* "*" an id, "#" a version, "@" a name */
	enum endpoint endpoint;
	enum body_kind body_kind;
	int roles;
	bool paged; /* takes since and limit */
	const char *action;
};

#define LANE ROLE_LANE
#define OPERATOR ROLE_OPERATOR
#define MONITOR ROLE_MONITOR
#define BOTH (ROLE_LANE | ROLE_OPERATOR)
#define NEWCOMER ROLE_NEWCOMER

/* clang-format off */
static const struct route routes[] = {
	{ METHOD_PUT, "v1/encounters/*", ENDPOINT_ENCOUNTER_PUT, BODY_JSON, LANE, false,
		"putEncounter" },
	{ METHOD_PUT, "v1/encounters/*/photo", ENDPOINT_PHOTO_PUT, BODY_PHOTO, LANE, false,
		"putPhoto" },
	{ METHOD_HEAD, "v1/encounters/*/photo", ENDPOINT_PHOTO_HEAD, BODY_NONE, LANE, false,
		"findPhotoOffset" },
	{ METHOD_PATCH, "v1/encounters/*/photo", ENDPOINT_PHOTO_PATCH, BODY_PIECE, LANE, false,
		"patchPhoto" },
	{ METHOD_PUT, "v1/addenda/*", ENDPOINT_ADDENDUM_PUT, BODY_JSON, LANE, false,
		"putAddendum" },
	{ METHOD_GET, "v1/voyages", ENDPOINT_VOYAGE_LIST, BODY_NONE, BOTH, false,
		"listVoyages" },
	{ METHOD_GET, "v1/voyages/*", ENDPOINT_VOYAGE_GET, BODY_NONE, BOTH, false,
		"getVoyage" },
	{ METHOD_DELETE, "v1/voyages/*", ENDPOINT_VOYAGE_DELETE, BODY_NONE, OPERATOR, false,
		"withdrawVoyage" },
	{ METHOD_PUT, "v1/voyages/*/versions/#", ENDPOINT_VOYAGE_PUT, BODY_BUNDLE, OPERATOR, false,
		"publishVoyage" },
	{ METHOD_GET, "v1/voyages/*/passages", ENDPOINT_PASSAGE_LIST, BODY_NONE, BOTH, true,
		"listPassages" },
	{ METHOD_GET, "v1/encounters", ENDPOINT_ENCOUNTER_LIST, BODY_NONE, OPERATOR, true,
		"listEncounters" },
	{ METHOD_GET, "v1/devices", ENDPOINT_DEVICE_LIST, BODY_NONE, OPERATOR, false,
		"listDevices" },
	{ METHOD_PUT, "v1/devices/@", ENDPOINT_DEVICE_PUT, BODY_JSON, OPERATOR, false,
		"putDevice" },
	{ METHOD_DELETE, "v1/devices/@", ENDPOINT_DEVICE_DELETE, BODY_NONE, OPERATOR, false,
		"revokeDevice" },
	{ METHOD_PUT, "v1/witness/*", ENDPOINT_WITNESS_PUT, BODY_JSON, LANE, false,
		"putWitness" },
	{ METHOD_PUT, "v1/devices/@/token", ENDPOINT_TOKEN_PUT, BODY_JSON, OPERATOR, false,
		"putToken" },
	{ METHOD_GET, "v1/devices/@/certificates", ENDPOINT_CERTIFICATE_LIST, BODY_NONE, OPERATOR,
		false, "listCertificates" },
	{ METHOD_DELETE, "v1/certificates/@", ENDPOINT_CERTIFICATE_DELETE, BODY_NONE, OPERATOR,
		false, "revokeCertificate" },
	{ METHOD_GET, ".well-known/est/cacerts", ENDPOINT_EST_CERTS, BODY_NONE, BOTH | NEWCOMER,
		false, "getAuthorities" },
	{ METHOD_POST, ".well-known/est/simpleenroll", ENDPOINT_EST_ENROL, BODY_CSR, NEWCOMER,
		false, "enrol" },
	{ METHOD_POST, ".well-known/est/simplereenroll", ENDPOINT_EST_RENEW, BODY_CSR, LANE, false,
		"renew" },
	{ METHOD_GET, "v1/health", ENDPOINT_HEALTH, BODY_NONE, BOTH, false, "getHealth" },
	{ METHOD_PUT, "v1/heartbeats/@", ENDPOINT_HEARTBEAT_PUT, BODY_JSON, LANE, false,
		"putHeartbeat" },
	{ METHOD_GET, "v1/heartbeats/@", ENDPOINT_HEARTBEAT_GET, BODY_NONE, OPERATOR, false,
		"getHeartbeat" },
	{ METHOD_GET, "v1/alarms", ENDPOINT_ALARM_LIST, BODY_NONE, OPERATOR, false, "listAlarms" },
	{ METHOD_GET, "metrics", ENDPOINT_METRICS, BODY_NONE, MONITOR, false, "getMetrics" },
};
/* clang-format on */

#define ROUTES (sizeof(routes) / sizeof(routes[0]))

static bool refuse(struct refusal *refusal, int status, const char *code, const char *reason)
{
	*refusal = (struct refusal){ status, code, reason, NULL };
	return false;
}

/* Cut the copy of a path at its slashes; 0 when it has too many parts or an empty one. */
static size_t split(char *path, char *segments[SEGMENTS_MAX])
{
	size_t count = 0;

	while (*path) {
		char *slash = strchr(path, '/');

		if (count == SEGMENTS_MAX || slash == path)
			return 0;
		segments[count++] = path;
		if (!slash)
			return count;
		*slash = '\0';
		path = slash + 1;
		if (!*path)
			return 0;
	}
	return count;
}

static bool fits(const char *pattern, char *const *segments, size_t count)
{
	char copy[PATH_MAX_BYTES];
	char *parts[SEGMENTS_MAX];

	snprintf(copy, sizeof(copy), "%s", pattern);
	if (split(copy, parts) != count)
		return false;
	for (size_t i = 0; i < count; i++) {
		bool open = parts[i][1] == '\0' && strchr("*#@", parts[i][0]);

		if (!open && strcmp(parts[i], segments[i]) != 0)
			return false;
	}
	return true;
}

/* Decimal digits only, without a sign, at most max. */
static bool read_number(const char *text, uint64_t max, uint64_t *number)
{
	uint64_t value = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		if (value > (max - (uint64_t)(*text - '0')) / 10)
			return false;
		value = value * 10 + (uint64_t)(*text - '0');
	}
	*number = value;
	return true;
}

/* As a certificate names a machine: letters, digits, dot, hyphen and underscore. */
static bool read_name(const char *text, char *name, size_t name_bytes)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.-_";

	return *text && text[strspn(text, allowed)] == '\0' && gh_text_copy(name, name_bytes, text);
}

static bool read_segments(const struct route *route, char *const *segments, size_t count,
	struct request *request, struct refusal *refusal)
{
	char copy[PATH_MAX_BYTES];
	char *parts[SEGMENTS_MAX];
	uint64_t version;

	snprintf(copy, sizeof(copy), "%s", route->pattern);
	split(copy, parts);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(parts[i], "*") == 0 &&
			(gh_id_parse(segments[i], &request->id, NULL) != GH_OK ||
				gh_id_is_none(&request->id)))
			return refuse(refusal, 400, "bad_id", "the path's id is no UUID");
		if (strcmp(parts[i], "@") == 0 &&
			!read_name(segments[i], request->name, sizeof(request->name)))
			return refuse(refusal, 400, "bad_name", "the path's name is none");
		if (strcmp(parts[i], "#") != 0)
			continue;
		if (!read_number(segments[i], UINT32_MAX, &version) || version == 0)
			return refuse(refusal, 400, "bad_version",
				"the path's version is no number from 1");
		request->version = (uint32_t)version;
	}
	return true;
}

static bool read_parameter(const struct route *route, const char *name, const char *value,
	struct request *request, struct refusal *refusal)
{
	uint64_t number;

	if (!route->paged || (strcmp(name, "since") != 0 && strcmp(name, "limit") != 0))
		return refuse(refusal, 400, "bad_parameter", "a parameter that this path has not");
	if (strcmp(name, "since") == 0) {
		if (!read_number(value, INT64_MAX, &number))
			return refuse(refusal, 400, "bad_parameter", "since is no number");
		request->since = (int64_t)number;
		return true;
	}
	if (!read_number(value, REQUEST_LIMIT_MAX, &number) || number == 0)
		return refuse(refusal, 400, "bad_parameter", "limit is no number from 1 to 1000");
	request->limit = (uint32_t)number;
	return true;
}

static bool read_query(const struct route *route, const char *query, struct request *request,
	struct refusal *refusal)
{
	char copy[PATH_MAX_BYTES];
	char *rest = copy;

	if (strlen(query) >= sizeof(copy))
		return refuse(refusal, 400, "bad_parameter", "the query is too long");
	snprintf(copy, sizeof(copy), "%s", query);
	while (*rest) {
		char *end = strchr(rest, '&');
		char *value;

		if (end)
			*end = '\0';
		value = strchr(rest, '=');
		if (!value)
			return refuse(refusal, 400, "bad_parameter", "a parameter without a value");
		*value++ = '\0';
		if (!read_parameter(route, rest, value, request, refusal))
			return false;
		rest = end ? end + 1 : value + strlen(value);
	}
	return true;
}

/* The methods that a path has, as an Allow header says them. */
static const char *methods_of(const bool has[METHOD_COUNT])
{
	bool get = has[METHOD_GET], put = has[METHOD_PUT], drop = has[METHOD_DELETE];

	if (has[METHOD_POST])
		return "POST";
	if (has[METHOD_PATCH])
		return "HEAD, PATCH, PUT";
	if (get && drop)
		return "GET, DELETE";
	if (get)
		return "GET";
	if (put && drop)
		return "PUT, DELETE";
	if (put)
		return "PUT";
	return "DELETE";
}

bool request_parse(enum method method, const char *path, const char *query, struct request *request,
	struct refusal *refusal)
{
	char copy[PATH_MAX_BYTES];
	char *segments[SEGMENTS_MAX];
	bool has[METHOD_COUNT] = { false };
	size_t count;

	memset(request, 0, sizeof(*request));
	request->endpoint = ENDPOINT_COUNT;
	request->limit = REQUEST_LIMIT_MAX;
	if (path[0] != '/' || strlen(path) >= sizeof(copy))
		return refuse(refusal, 404, "no_such_path", "there is no such path");
	snprintf(copy, sizeof(copy), "%s", path + 1);
	count = split(copy, segments);
	for (size_t i = 0; count > 0 && i < ROUTES; i++) {
		const struct route *route = &routes[i];

		if (!fits(route->pattern, segments, count))
			continue;
		has[route->method] = true;
		if (route->method != method)
			continue;
		request->endpoint = route->endpoint;
		request->body_kind = route->body_kind;
		return read_segments(route, segments, count, request, refusal) &&
			read_query(route, query, request, refusal);
	}
	if (!has[METHOD_GET] && !has[METHOD_PUT] && !has[METHOD_DELETE] && !has[METHOD_POST])
		return refuse(refusal, 404, "no_such_path", "there is no such path");
	refuse(refusal, 405, "no_such_method", "the path has other methods");
	refusal->allow = methods_of(has);
	return false;
}

const char *request_action(const struct request *request)
{
	for (size_t i = 0; i < ROUTES; i++) {
		if (routes[i].endpoint == request->endpoint)
			return routes[i].action;
	}
	return "";
}

const char *request_role_name(enum role role)
{
	switch (role) {
	case ROLE_LANE:
		return GH_ROLE_LANE;
	case ROLE_OPERATOR:
		return GH_ROLE_OPERATOR;
	case ROLE_NEWCOMER:
		return "newcomer";
	case ROLE_MONITOR:
		return GH_ROLE_MONITOR;
	case ROLE_NONE:
		break;
	}
	return "none";
}

bool request_permitted(const struct request *request, enum role role, struct refusal *refusal)
{
	for (size_t i = 0; i < ROUTES; i++) {
		if (routes[i].endpoint == request->endpoint && (routes[i].roles & (int)role))
			return true;
	}
	/* Who has shown no certificate is not told what else there is. */
	if (role == ROLE_NEWCOMER)
		return refuse(refusal, 404, "no_such_path", "there is no such path");
	return refuse(refusal, 403, "wrong_role", "the certificate's role may not do this");
}

bool request_content_suits(
	const struct request *request, const char *content_type, struct refusal *refusal)
{
	static const char *const wanted[] = {
		[BODY_NONE] = "",
		[BODY_JSON] = "application/json",
		[BODY_PHOTO] = "image/jpeg",
		[BODY_PIECE] = "application/partial-upload",
		[BODY_BUNDLE] = "application/octet-stream",
		[BODY_CSR] = "application/pkcs10",
	};
	const char *type = wanted[request->body_kind];
	size_t length = strlen(type);

	if (request->body_kind == BODY_NONE)
		return true;
	if (strncasecmp(content_type, type, length) == 0 &&
		(content_type[length] == '\0' || content_type[length] == ';' ||
			content_type[length] == ' '))
		return true;
	return refuse(refusal, 415, "wrong_content_type", "the content type is not the path's");
}

/* "name:token", the name as a path would have it, and a token without control characters. */
static bool read_pair(struct gh_view pair, struct request *request)
{
	const uint8_t *colon = memchr(pair.data, ':', pair.length_bytes);
	char name[sizeof(request->claimed)];
	size_t before = colon ? (size_t)(colon - pair.data) : sizeof(name);
	size_t behind = pair.length_bytes - before - 1;

	if (before >= sizeof(name) || behind == 0 || behind >= sizeof(request->token))
		return false;
	memcpy(name, pair.data, before);
	name[before] = '\0';
	for (size_t i = 0; i < behind; i++)
		if (colon[1 + i] <= ' ' || colon[1 + i] > '~')
			return false;
	if (!read_name(name, request->claimed, sizeof(request->claimed)))
		return false;
	memcpy(request->token, colon + 1, behind);
	request->token[behind] = '\0';
	return true;
}

void request_basic(const char *header, struct request *request)
{
	struct gh_bytes pair = GH_BYTES_EMPTY;

	request->claimed[0] = '\0';
	request->token[0] = '\0';
	if (strncasecmp(header, "Basic ", 6) != 0 ||
		gh_base64_decode(gh_view_of_text(header + 6), 512, &pair, NULL) != GH_OK ||
		pair.length_bytes == 0 || !read_pair(gh_bytes_view(&pair), request))
		request->claimed[0] = '\0';
	gh_bytes_finish(&pair);
}

bool request_read_piece(struct request *request, const char *offset, const char *complete,
	const char *repr_digest, struct refusal *refusal)
{
	/* A boolean of structured fields (RFC 9651, 3.3.6). */
	request->upload_complete = strcmp(complete, "?1") == 0;
	if (!request->upload_complete && strcmp(complete, "?0") != 0)
		return refuse(refusal, 400, "bad_upload", "Upload-Complete is neither ?0 nor ?1");
	if (!read_number(offset, INT32_MAX, &request->upload_offset))
		return refuse(refusal, 400, "bad_upload", "Upload-Offset is no number");
	request->has_whole = repr_digest[0] != '\0' &&
		gh_digest_field_parse(repr_digest, &request->whole, NULL) == GH_OK;
	return true;
}

void request_read_digest(struct request *request, const char *content_digest)
{
	enum gh_status status = GH_NOT_FOUND;

	if (content_digest[0] != '\0')
		status = gh_digest_field_parse(content_digest, &request->digest, NULL);
	request->digest_state = status == GH_OK ? DIGEST_GIVEN
		: status == GH_NOT_FOUND        ? DIGEST_NONE
						: DIGEST_MALFORMED;
}

enum role request_role(const char *unit)
{
	if (strcmp(unit, GH_ROLE_LANE) == 0)
		return ROLE_LANE;
	if (strcmp(unit, GH_ROLE_OPERATOR) == 0)
		return ROLE_OPERATOR;
	if (strcmp(unit, GH_ROLE_MONITOR) == 0)
		return ROLE_MONITOR;
	return ROLE_NONE;
}

bool request_etag_matches(const char *if_none_match, const char *etag)
{
	size_t length = strlen(etag);
	const char *found = if_none_match;

	while ((found = strstr(found, etag))) {
		if (found > if_none_match && found[-1] == '"' && found[length] == '"')
			return true;
		found += length;
	}
	return strcmp(if_none_match, "*") == 0;
}
