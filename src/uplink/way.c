/* SPDX-License-Identifier: Apache-2.0 */
/* The way to the centre: a proxy on it, and how many bytes it may carry. */
#include "way.h"

#include <string.h>

/* A transfer slower than this for so long has stalled; with a cap, its share may be less. */
#define SLOW_BYTES_PER_S 200u
#define SLOW_TIME_S 20L

static enum way_proxy kind_of(const char *url)
{
	static const struct {
		const char *scheme;
		enum way_proxy kind;
	} kinds[] = { { "http://", WAY_HTTP }, { "https://", WAY_HTTPS },
		{ "socks5h://", WAY_SOCKS } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(url, kinds[i].scheme, strlen(kinds[i].scheme)) == 0)
			return kinds[i].kind;
	return WAY_DIRECT;
}

/* "user:password" and perhaps the end of a line. */
static enum gh_status set_credentials(
	struct way *way, struct gh_view credentials, struct gh_error *error)
{
	char text[sizeof(way->proxy_user) + sizeof(way->proxy_password)] = "";
	char *colon;
	bool fine = credentials.length_bytes < sizeof(text);

	if (credentials.length_bytes == 0)
		return GH_OK;
	if (fine)
		memcpy(text, credentials.data, credentials.length_bytes);
	text[strcspn(text, "\r\n")] = '\0';
	colon = strchr(text, ':');
	if (colon)
		*colon = '\0';
	fine = fine && colon && gh_text_copy(way->proxy_user, sizeof(way->proxy_user), text) &&
		gh_text_copy(way->proxy_password, sizeof(way->proxy_password), colon + 1);
	gh_wipe(text, sizeof(text));
	return fine ? GH_OK
		    : gh_error_set(error, GH_SETTINGS,
			      "uplink: the proxy's credentials are not user:password");
}

enum gh_status way_set(
	struct way *way, const struct gh_uplink_options *options, struct gh_error *error)
{
	const char *url = options->proxy_url ? options->proxy_url : "";
	const char *ca_file = options->proxy_ca_file ? options->proxy_ca_file : "";

	memset(way, 0, sizeof(*way));
	way->send_bytes_per_s = options->send_bytes_per_s;
	way->receive_bytes_per_s = options->receive_bytes_per_s;
	way->transfers_max = (options->requests_in_flight ? options->requests_in_flight : 1) + 1;
	way->http2 = options->http2;
	way->proxy = kind_of(url);
	if (*url && way->proxy == WAY_DIRECT)
		return gh_error_set(error, GH_SETTINGS,
			"uplink: proxy_url begins with none of http, https and socks5h");
	if (way->proxy == WAY_HTTPS && !*ca_file)
		return gh_error_set(
			error, GH_SETTINGS, "uplink: a proxy by https needs proxy_ca_file");
	if (!gh_text_copy(way->proxy_url, sizeof(way->proxy_url), url) ||
		!gh_text_copy(way->proxy_ca_file, sizeof(way->proxy_ca_file), ca_file))
		return gh_error_set(error, GH_SETTINGS, "uplink: the proxy's name is too long");
	return set_credentials(way, options->proxy_credentials, error);
}

void way_finish(struct way *way)
{
	gh_wipe(way->proxy_user, sizeof(way->proxy_user));
	gh_wipe(way->proxy_password, sizeof(way->proxy_password));
}

uint32_t way_share_of(uint32_t bytes_per_s, size_t transfers)
{
	uint32_t share = bytes_per_s / (uint32_t)(transfers > 0 ? transfers : 1);

	return bytes_per_s > 0 && share == 0 ? 1 : share;
}

void way_share(CURL *easy, const struct way *way, size_t transfers)
{
	curl_easy_setopt(easy, CURLOPT_MAX_SEND_SPEED_LARGE,
		(curl_off_t)way_share_of(way->send_bytes_per_s, transfers));
	curl_easy_setopt(easy, CURLOPT_MAX_RECV_SPEED_LARGE,
		(curl_off_t)way_share_of(way->receive_bytes_per_s, transfers));
}

long way_slow_bytes_per_s(const struct way *way)
{
	uint32_t slow = SLOW_BYTES_PER_S;
	uint32_t shares[] = { way_share_of(way->send_bytes_per_s, way->transfers_max),
		way_share_of(way->receive_bytes_per_s, way->transfers_max) };

	for (size_t i = 0; i < 2; i++)
		if (shares[i] > 0 && shares[i] / 2 < slow)
			slow = shares[i] / 2;
	return slow > 0 ? (long)slow : 1;
}

long way_timeout_ms(const struct way *way, uint64_t body_bytes, uint32_t transfer_timeout_ms)
{
	uint32_t share = way_share_of(way->send_bytes_per_s, way->transfers_max);

	if (transfer_timeout_ms == 0 || share == 0)
		return (long)transfer_timeout_ms;
	return (long)(transfer_timeout_ms + body_bytes * 1000 / share);
}

static CURLcode set_proxy(CURL *easy, const struct way *way)
{
	const struct {
		CURLoption option;
		const char *value;
	} texts[] = {
		{ CURLOPT_PROXY, way->proxy_url }, /* "": not what the environment says */
		{ CURLOPT_NOPROXY, "" },
		{ CURLOPT_PROXY_CAINFO, way->proxy_ca_file[0] ? way->proxy_ca_file : NULL },
		{ CURLOPT_PROXY_CAPATH, NULL },
		{ CURLOPT_PROXYUSERNAME, way->proxy_user[0] ? way->proxy_user : NULL },
		{ CURLOPT_PROXYPASSWORD, way->proxy_user[0] ? way->proxy_password : NULL },
	};
	const struct {
		CURLoption option;
		long value;
	} numbers[] = {
		{ CURLOPT_PROXYAUTH, (long)(CURLAUTH_BASIC | CURLAUTH_DIGEST) },
		{ CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
		{ CURLOPT_PROXY_SSL_VERIFYPEER, 1 },
		{ CURLOPT_PROXY_SSL_VERIFYHOST, 2 },
		/* What a proxy says beside its answer is not the centre's. */
		{ CURLOPT_SUPPRESS_CONNECT_HEADERS, 1 },
	};
	CURLcode code = CURLE_OK;

	for (size_t i = 0; code == CURLE_OK && i < sizeof(texts) / sizeof(texts[0]); i++)
		code = curl_easy_setopt(easy, texts[i].option, texts[i].value);
	for (size_t i = 0; code == CURLE_OK && i < sizeof(numbers) / sizeof(numbers[0]); i++)
		code = curl_easy_setopt(easy, numbers[i].option, numbers[i].value);
	return code;
}

CURLcode way_apply(
	CURL *easy, const struct way *way, uint64_t body_bytes, uint32_t transfer_timeout_ms)
{
	const struct {
		CURLoption option;
		long value;
	} numbers[] = {
		{ CURLOPT_TIMEOUT_MS, way_timeout_ms(way, body_bytes, transfer_timeout_ms) },
		{ CURLOPT_LOW_SPEED_LIMIT, way_slow_bytes_per_s(way) },
		{ CURLOPT_LOW_SPEED_TIME, SLOW_TIME_S },
		{ CURLOPT_HTTP_VERSION,
			way->http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1 },
		/* One connection for all, where the centre speaks HTTP/2. */
		{ CURLOPT_PIPEWAIT, way->http2 },
	};
	CURLcode code = set_proxy(easy, way);

	for (size_t i = 0; code == CURLE_OK && i < sizeof(numbers) / sizeof(numbers[0]); i++)
		code = curl_easy_setopt(easy, numbers[i].option, numbers[i].value);
	if (code == CURLE_OK)
		way_share(easy, way, way->transfers_max);
	return code;
}

static bool is_of_certificate(CURLcode code)
{
	return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
		code == CURLE_SSL_ISSUER_ERROR;
}

bool way_blames_proxy(
	const struct transfer *transfer, CURLcode code, struct gh_proxy_trouble *trouble)
{
	long status = 0;
	long socks = 0;

	memset(trouble, 0, sizeof(*trouble));
	if (transfer->proxy == WAY_DIRECT || code == CURLE_OK || !transfer->easy)
		return false;
	curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_CONNECTCODE, &status);
	curl_easy_getinfo(transfer->easy, CURLINFO_PROXY_ERROR, &socks);
	trouble->connect_status = (int)status;
	trouble->socks_code = code == CURLE_PROXY ? (int)socks : 0;
	/* Before it has answered CONNECT, all that speaks is the proxy. */
	trouble->certificate =
		transfer->proxy == WAY_HTTPS && status == 0 && is_of_certificate(code);
	trouble->not_connected = code == CURLE_COULDNT_CONNECT;
	return status >= 300 || code == CURLE_PROXY || trouble->certificate ||
		trouble->not_connected;
}

struct gh_judgement way_judge(const struct transfer *transfer, CURLcode code)
{
	struct gh_proxy_trouble trouble;

	if (way_blames_proxy(transfer, code, &trouble))
		return gh_verdict_of_proxy(&trouble);
	return gh_verdict_of(transfer_result(transfer, code), transfer_http_status(transfer));
}
