/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP exchange with the centre, over an easy handle of curl. */
#include "transfer.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "way.h"

/* A connection is not used for longer than this, however busy it is kept. */
#define CONNECTION_LIFE_S 600L

/* How long the other side has to refuse who has connected. */
#define LISTEN_MS 500

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode started;

static void start_curl(void)
{
	started = curl_global_init(CURL_GLOBAL_DEFAULT);
}

bool transfer_ready(void)
{
	pthread_once(&once, start_curl);
	return started == CURLE_OK;
}

void pipe_hold(sigset_t *before)
{
	sigset_t pipe;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, before);
}

void pipe_release(const sigset_t *before)
{
	const struct timespec now = { 0, 0 };
	sigset_t pipe;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	if (!sigismember(before, SIGPIPE))
		sigtimedwait(&pipe, NULL, &now);
	pthread_sigmask(SIG_SETMASK, before, NULL);
}

static enum gh_status copy_text(
	const char *name, const char *value, char *to, size_t to_bytes, struct gh_error *error)
{
	if (!value || !*value)
		return gh_error_set(error, GH_SETTINGS, "uplink: %s is not set", name);
	if (strlen(value) >= to_bytes)
		return gh_error_set(error, GH_SETTINGS, "uplink: %s is too long", name);
	memcpy(to, value, strlen(value) + 1);
	return GH_OK;
}

/* Who we are: by a certificate, or while there is none by a name and a token. */
static enum gh_status set_identity(
	struct link *link, const struct gh_uplink_options *options, struct gh_error *error)
{
	enum gh_status status;

	if (options->user) {
		status = copy_text("user", options->user, link->user, sizeof(link->user), error);
		return status == GH_OK ? copy_text("token", options->token, link->token,
						 sizeof(link->token), error)
				       : status;
	}
	status = copy_text("certificate_file", options->certificate_file, link->certificate_file,
		sizeof(link->certificate_file), error);
	if (status == GH_OK)
		status = copy_text("key_file", options->key_file, link->key_file,
			sizeof(link->key_file), error);
	if (status == GH_OK && options->key.length_bytes > 0)
		status = gh_bytes_append(
			&link->key, options->key.data, options->key.length_bytes, error);
	if (status == GH_OK && options->certificate.length_bytes > 0)
		status = gh_bytes_append(&link->certificate, options->certificate.data,
			options->certificate.length_bytes, error);
	return status;
}

enum gh_status link_set(
	struct link *link, const struct gh_uplink_options *options, struct gh_error *error)
{
	enum gh_status status = copy_text("url", options->url, link->url, sizeof(link->url), error);
	size_t length = strlen(link->url);

	link->key = (struct gh_bytes)GH_BYTES_EMPTY;
	link->certificate = (struct gh_bytes)GH_BYTES_EMPTY;
	link->user[0] = '\0';
	link->token[0] = '\0';
	if (status == GH_OK && strncasecmp(link->url, "https://", 8) != 0)
		return gh_error_set(error, GH_SETTINGS, "uplink: url does not begin with https://");
	while (length > 0 && link->url[length - 1] == '/')
		link->url[--length] = '\0';
	if (status == GH_OK)
		status = copy_text(
			"ca_file", options->ca_file, link->ca_file, sizeof(link->ca_file), error);
	if (status == GH_OK)
		status = set_identity(link, options, error);
	link->download_folder[0] = '\0';
	if (status == GH_OK && options->download_folder)
		status = copy_text("download_folder", options->download_folder,
			link->download_folder, sizeof(link->download_folder), error);
	if (status == GH_OK)
		status = way_set(&link->way, options, error);
	link->connect_timeout_ms = options->connect_timeout_ms;
	link->transfer_timeout_ms = options->transfer_timeout_ms;
	link->clock = options->clock;
	return status;
}

void link_finish(struct link *link)
{
	gh_bytes_finish(&link->key);
	gh_bytes_finish(&link->certificate);
	gh_wipe(link->token, sizeof(link->token));
	way_finish(&link->way);
}

static size_t on_read(char *to, size_t size, size_t count, void *ctx)
{
	struct transfer *transfer = ctx;
	size_t room = size * count;
	size_t left = transfer->ask.body.length_bytes - transfer->sent;

	if (transfer->ask.body_file)
		return fread(to, 1, room, transfer->ask.body_file);
	if (left > room)
		left = room;
	if (left > 0)
		memcpy(to, transfer->ask.body.data + transfer->sent, left);
	transfer->sent += left;
	return left;
}

/* A connection that was kept but had gone makes curl begin again. */
static int on_seek(void *ctx, curl_off_t offset, int origin)
{
	struct transfer *transfer = ctx;

	if (origin != SEEK_SET || offset < 0)
		return CURL_SEEKFUNC_CANTSEEK;
	if (transfer->ask.body_file)
		return fseeko(transfer->ask.body_file, offset, SEEK_SET) == 0 ? CURL_SEEKFUNC_OK
									      : CURL_SEEKFUNC_FAIL;
	if ((uint64_t)offset > transfer->ask.body.length_bytes)
		return CURL_SEEKFUNC_FAIL;
	transfer->sent = (size_t)offset;
	return CURL_SEEKFUNC_OK;
}

static size_t save(struct transfer *transfer, const char *data, size_t length_bytes)
{
	if (transfer->saved + length_bytes > transfer->ask.save_max_bytes) {
		transfer->too_large = true;
		return 0;
	}
	transfer->saved += length_bytes;
	return fwrite(data, 1, length_bytes, transfer->ask.save);
}

static size_t on_write(char *data, size_t size, size_t count, void *ctx)
{
	struct transfer *transfer = ctx;
	size_t length_bytes = size * count;

	if (transfer->ask.save && transfer_http_status(transfer) == 200)
		return save(transfer, data, length_bytes);
	if (transfer->answer.length_bytes + length_bytes > transfer->ask.answer_max_bytes) {
		transfer->too_large = true;
		return 0;
	}
	return gh_bytes_append(&transfer->answer, data, length_bytes, NULL) == GH_OK ? length_bytes
										     : 0;
}

static bool says_refused(const char *text)
{
	static const char *const refusals[] = { "alert unknown ca", "alert bad certificate",
		"alert unsupported certificate", "alert certificate revoked",
		"alert certificate expired", "alert certificate unknown",
		"alert certificate required", "alert access denied" };

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (strstr(text, refusals[i]))
			return true;
	return false;
}

/* The buffer for errors takes the first; an alert that is read behind it comes only here. */
static int on_text(CURL *easy, curl_infotype type, char *data, size_t length_bytes, void *ctx)
{
	struct transfer *transfer = ctx;
	char text[CURL_ERROR_SIZE];

	(void)easy;
	if (type != CURLINFO_TEXT)
		return 0;
	if (length_bytes >= sizeof(text))
		length_bytes = sizeof(text) - 1;
	memcpy(text, data, length_bytes);
	text[length_bytes] = '\0';
	transfer->refused = transfer->refused || says_refused(text);
	return 0;
}

/* A field's value with the white space around it gone; false where the line is another field. */
static bool read_field(
	const char *line, size_t length, const char *name, char *value, size_t value_bytes)
{
	size_t used = strlen(name);

	if (length <= used || strncasecmp(line, name, used) != 0)
		return false;
	while (used < length && (line[used] == ' ' || line[used] == '\t'))
		used++;
	while (length > used && strchr("\r\n \t", line[length - 1]))
		length--;
	if (length - used >= value_bytes)
		return false;
	memcpy(value, line + used, length - used);
	value[length - used] = '\0';
	return true;
}

static size_t on_header(char *line, size_t size, size_t count, void *ctx)
{
	struct transfer *transfer = ctx;
	size_t length = size * count;
	char value[64];

	if (read_field(line, length, "retry-after:", value, sizeof(value))) {
		memcpy(transfer->retry_after, value, sizeof(value));
	} else if (read_field(line, length, "upload-offset:", value, sizeof(value))) {
		size_t digits = strspn(value, "0123456789");

		transfer->says_offset = digits > 0 && digits < 19 && value[digits] == '\0';
		transfer->upload_offset = transfer->says_offset ? strtoull(value, NULL, 10) : 0;
	} else if (read_field(line, length, "upload-complete:", value, sizeof(value))) {
		transfer->upload_complete = strcmp(value, "?1") == 0;
	}
	return length;
}

static bool add_header(struct transfer *transfer, const char *name, const char *value)
{
	char line[256];
	struct curl_slist *longer;

	snprintf(line, sizeof(line), "%s%s", name, value);
	longer = curl_slist_append(transfer->headers, line);
	if (!longer)
		return false;
	transfer->headers = longer;
	return true;
}

/* As draft-ietf-httpbis-resumable-upload names them. */
static bool add_piece_headers(struct transfer *transfer)
{
	const struct ask *ask = &transfer->ask;
	char offset[24];

	snprintf(offset, sizeof(offset), "%llu", (unsigned long long)ask->upload_offset);
	return add_header(transfer, "Upload-Offset: ", offset) &&
		add_header(transfer, "Upload-Complete: ", ask->upload_complete ? "?1" : "?0") &&
		add_header(transfer, "Repr-Digest: ", ask->whole_digest);
}

static bool add_headers(struct transfer *transfer)
{
	const struct ask *ask = &transfer->ask;
	char quoted[80];

	/* The centre answers a body it does not want soon enough; a wait for 100 costs a second. */
	if (!add_header(transfer, "Expect:", "") || !add_header(transfer, "Accept: ", "*/*"))
		return false;
	if (ask->content_type && !add_header(transfer, "Content-Type: ", ask->content_type))
		return false;
	if (ask->digest && !add_header(transfer, "Content-Digest: ", ask->digest))
		return false;
	if (ask->whole_digest && !add_piece_headers(transfer))
		return false;
	if (!ask->etag || !*ask->etag)
		return true;
	snprintf(quoted, sizeof(quoted), "\"%s\"", ask->etag);
	return add_header(transfer, "If-None-Match: ", quoted);
}

/* The link outlives the handle, so that curl needs no copy, which it would not wipe. */
static CURLcode set_own(CURL *easy, const struct link *link)
{
	struct curl_blob key = { link->key.data, link->key.length_bytes, CURL_BLOB_NOCOPY };
	struct curl_blob certificate = { link->certificate.data, link->certificate.length_bytes,
		CURL_BLOB_NOCOPY };
	CURLcode code = CURLE_OK;

	if (link->user[0]) {
		code = curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		if (code == CURLE_OK)
			code = curl_easy_setopt(easy, CURLOPT_USERNAME, link->user);
		return code == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_PASSWORD, link->token)
					: code;
	}
	if (key.len > 0)
		code = curl_easy_setopt(easy, CURLOPT_SSLKEY_BLOB, &key);
	if (code == CURLE_OK && certificate.len > 0)
		code = curl_easy_setopt(easy, CURLOPT_SSLCERT_BLOB, &certificate);
	return code;
}

/* The file, where it is one that is read. */
static const char *from_file(
	const struct link *link, const struct gh_bytes *instead, const char *file)
{
	return instead->length_bytes > 0 || link->user[0] ? NULL : file;
}

/* All that does not depend on what is asked: identity, trust, bounds. */
static CURLcode set_link(CURL *easy, const struct link *link)
{
	const struct {
		CURLoption option;
		const char *value;
	} texts[] = {
		{ CURLOPT_CAINFO, link->ca_file },
		{ CURLOPT_CAPATH, NULL },
		{ CURLOPT_SSLCERT, from_file(link, &link->certificate, link->certificate_file) },
		{ CURLOPT_SSLKEY, from_file(link, &link->key, link->key_file) },
		{ CURLOPT_PROTOCOLS_STR, "https" },
		{ CURLOPT_USERAGENT, "gatehouse/" GATEHOUSE_VERSION },
	};
	const struct {
		CURLoption option;
		long value;
	} numbers[] = {
		{ CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_3 },
		{ CURLOPT_SSL_VERIFYPEER, 1 },
		{ CURLOPT_SSL_VERIFYHOST, 2 },
		{ CURLOPT_FOLLOWLOCATION, 0 },
		{ CURLOPT_NOSIGNAL, 1 },
		{ CURLOPT_NOPROGRESS, 1 },
		{ CURLOPT_CONNECTTIMEOUT_MS, (long)link->connect_timeout_ms },
		/* Certificates that were renewed are used, and expired ones noticed, soon. */
		{ CURLOPT_CA_CACHE_TIMEOUT, 0 },
		{ CURLOPT_SSL_SESSIONID_CACHE, 0 },
		{ CURLOPT_MAXLIFETIME_CONN, CONNECTION_LIFE_S },
	};
	CURLcode code = CURLE_OK;

	for (size_t i = 0; code == CURLE_OK && i < sizeof(texts) / sizeof(texts[0]); i++)
		code = curl_easy_setopt(easy, texts[i].option, texts[i].value);
	for (size_t i = 0; code == CURLE_OK && i < sizeof(numbers) / sizeof(numbers[0]); i++)
		code = curl_easy_setopt(easy, numbers[i].option, numbers[i].value);
	return code == CURLE_OK ? set_own(easy, link) : code;
}

static CURLcode set_body(struct transfer *transfer)
{
	const struct ask *ask = &transfer->ask;
	curl_off_t length = ask->body_file ? (curl_off_t)ask->body_file_bytes
					   : (curl_off_t)ask->body.length_bytes;
	CURLcode code = curl_easy_setopt(transfer->easy, CURLOPT_UPLOAD, 1L);

	if (code == CURLE_OK)
		code = curl_easy_setopt(transfer->easy, CURLOPT_INFILESIZE_LARGE, length);
	if (code == CURLE_OK)
		code = curl_easy_setopt(transfer->easy, CURLOPT_READFUNCTION, on_read);
	if (code == CURLE_OK)
		code = curl_easy_setopt(transfer->easy, CURLOPT_READDATA, transfer);
	if (code == CURLE_OK)
		code = curl_easy_setopt(transfer->easy, CURLOPT_SEEKFUNCTION, on_seek);
	if (code == CURLE_OK)
		code = curl_easy_setopt(transfer->easy, CURLOPT_SEEKDATA, transfer);
	return code;
}

static CURLcode set_method(struct transfer *transfer)
{
	const char *method = transfer->ask.method;
	bool sends = strcmp(method, "PATCH") == 0 || strcmp(method, "POST") == 0;
	CURLcode code = CURLE_OK;

	if (strcmp(method, "HEAD") == 0)
		return curl_easy_setopt(transfer->easy, CURLOPT_NOBODY, 1L);
	if (sends || strcmp(method, "PUT") == 0)
		code = set_body(transfer);
	else if (strcmp(method, "GET") == 0)
		return CURLE_OK;
	if (code == CURLE_OK && strcmp(method, "PUT") != 0)
		code = curl_easy_setopt(transfer->easy, CURLOPT_CUSTOMREQUEST, method);
	return code;
}

static CURLcode set_ask(struct transfer *transfer)
{
	const struct {
		CURLoption option;
		void *value;
	} pointers[] = {
		{ CURLOPT_URL, transfer->url },
		{ CURLOPT_HTTPHEADER, transfer->headers },
		{ CURLOPT_WRITEDATA, transfer },
		{ CURLOPT_HEADERDATA, transfer },
		{ CURLOPT_ERRORBUFFER, transfer->curl_text },
		{ CURLOPT_DEBUGDATA, transfer },
		{ CURLOPT_PRIVATE, transfer },
	};
	CURLcode code = curl_easy_setopt(transfer->easy, CURLOPT_WRITEFUNCTION, on_write);

	if (code == CURLE_OK)
		code = curl_easy_setopt(transfer->easy, CURLOPT_HEADERFUNCTION, on_header);
	if (code == CURLE_OK)
		code = curl_easy_setopt(transfer->easy, CURLOPT_DEBUGFUNCTION, on_text);
	if (code == CURLE_OK)
		code = curl_easy_setopt(transfer->easy, CURLOPT_VERBOSE, 1L);
	for (size_t i = 0; code == CURLE_OK && i < sizeof(pointers) / sizeof(pointers[0]); i++)
		code = curl_easy_setopt(transfer->easy, pointers[i].option, pointers[i].value);
	if (code == CURLE_OK && transfer->ask.connect_only)
		code = curl_easy_setopt(transfer->easy, CURLOPT_CONNECT_ONLY, 1L);
	/* Of HTTP/2 the first bytes from the other side are no refusal. */
	if (code == CURLE_OK && transfer->ask.connect_only)
		code = curl_easy_setopt(
			transfer->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	return code == CURLE_OK ? set_method(transfer) : code;
}

enum gh_status transfer_begin(struct transfer *transfer, const struct link *link,
	const struct ask *ask, struct gh_error *error)
{
	memset(transfer, 0, sizeof(*transfer));
	transfer->ask = *ask;
	transfer->proxy = link->way.proxy;
	if (snprintf(transfer->url, sizeof(transfer->url), "%s%s", link->url, ask->path) >=
		(int)sizeof(transfer->url))
		return gh_error_set(error, GH_TOO_LARGE, "uplink: the address is too long");
	if (transfer_ready())
		transfer->easy = curl_easy_init();
	if (!transfer->easy || !add_headers(transfer) ||
		set_link(transfer->easy, link) != CURLE_OK ||
		way_apply(transfer->easy, &link->way,
			ask->body_file ? ask->body_file_bytes : ask->body.length_bytes,
			ask->patient ? 0 : link->transfer_timeout_ms) != CURLE_OK ||
		set_ask(transfer) != CURLE_OK) {
		transfer_end(transfer);
		return gh_error_set(error, GH_NO_MEMORY, "uplink: no transfer can be made");
	}
	return GH_OK;
}

long transfer_http_status(const struct transfer *transfer)
{
	long status = 0;

	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

CURLcode transfer_result(const struct transfer *transfer, CURLcode code)
{
	if (code != CURLE_RECV_ERROR && code != CURLE_SEND_ERROR)
		return code;
	return transfer->refused || says_refused(transfer->curl_text) ? CURLE_SSL_CERTPROBLEM
								      : code;
}

CURLcode transfer_listen(struct transfer *transfer)
{
	struct pollfd socket = { .fd = -1, .events = POLLIN };
	char byte;
	size_t got;
	CURLcode code = CURLE_OK;
	curl_socket_t active = CURL_SOCKET_BAD;

	curl_easy_getinfo(transfer->easy, CURLINFO_ACTIVESOCKET, &active);
	socket.fd = active;
	if (active != CURL_SOCKET_BAD && poll(&socket, 1, LISTEN_MS) > 0)
		code = curl_easy_recv(transfer->easy, &byte, 1, &got);
	return code == CURLE_AGAIN ? CURLE_OK : code;
}

bool transfer_broke_off(const struct transfer *transfer, CURLcode code)
{
	struct gh_proxy_trouble trouble;

	if (way_blames_proxy(transfer, code, &trouble))
		return false;
	code = transfer_result(transfer, code);
	return code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_GOT_NOTHING;
}

void transfer_end(struct transfer *transfer)
{
	curl_easy_cleanup(transfer->easy);
	curl_slist_free_all(transfer->headers);
	gh_bytes_finish(&transfer->answer);
	memset(transfer, 0, sizeof(*transfer));
}
