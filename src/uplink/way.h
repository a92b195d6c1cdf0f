/* SPDX-License-Identifier: Apache-2.0 */
/* The way to the centre: a proxy on it, and how many bytes it may carry. */
#ifndef GATEHOUSE_SRC_UPLINK_WAY_H
#define GATEHOUSE_SRC_UPLINK_WAY_H

#include "transfer.h"

/* Copy and check what concerns the way: GH_OK or GH_SETTINGS. */
enum gh_status way_set(
	struct way *way, const struct gh_uplink_options *options, struct gh_error *error);

/* Wipe the proxy's credentials. */
void way_finish(struct way *way);

/* Proxy, bounds of time and of speed of one transfer that sends so many bytes. */
CURLcode way_apply(
	CURL *easy, const struct way *way, uint64_t body_bytes, uint32_t transfer_timeout_ms);

/* Give a transfer its share of the bytes, of so many under way. */
void way_share(CURL *easy, const struct way *way, size_t transfers);

/* What one of so many gets of a cap: at least a byte; 0 where there is no cap. */
uint32_t way_share_of(uint32_t bytes_per_s, size_t transfers);

/* Slower than half of the least share has stalled, whatever is capped. */
long way_slow_bytes_per_s(const struct way *way);

/* A body gets the time that its least share of the cap takes for it, on top of what all have. */
long way_timeout_ms(const struct way *way, uint64_t body_bytes, uint32_t transfer_timeout_ms);

/* Whether a failure is the proxy's, and what then. */
bool way_blames_proxy(
	const struct transfer *transfer, CURLcode code, struct gh_proxy_trouble *trouble);

/* What a transfer came to, as gh_verdict_of(), the proxy included. */
struct gh_judgement way_judge(const struct transfer *transfer, CURLcode code);

#endif
