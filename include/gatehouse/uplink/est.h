/* SPDX-License-Identifier: Apache-2.0 */
/* A lane's side of enrolment over secure transport (EST, RFC 7030). */
#ifndef GATEHOUSE_UPLINK_EST_H
#define GATEHOUSE_UPLINK_EST_H

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"
#include "gatehouse/crypto/certs_only.h"
#include "gatehouse/uplink/uplink.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Have a request (DER of PKCS #10) certified: with user and token of options for
 * the first time (simpleenroll, RFC 7030 section 4.2), else by the certificate
 * that options names (simplereenroll).
 *
 * The same request, or another of the same key, brings the same certificate
 * again: whoever lost the answer asks once more.
 *
 * GH_OK         *der is replaced by the only certificate of the answer; the caller
 *               finishes it. Whether it is what was asked for is his to look at.
 * GH_DENIED     the centre does not know the token, the certificate or the lane
 *               (401, 403), or either does not trust the other; the error has the
 *               centre's word, such as token_expired.
 * GH_NOT_FOUND  the centre issues no certificates (404).
 * GH_REFUSED    the request is none that will ever be certified (400, 409, ...).
 * GH_OFFLINE    not reached, or it says to come back (5xx, 429).
 * GH_MALFORMED  an answer that is none. GH_TIMEOUT, GH_TOO_LARGE, GH_NO_MEMORY,
 *               GH_SETTINGS as gh_uplink_request().
 * On failure *der is empty. Blocks for the network: options' transfer_timeout_ms.
 */
GH_MUST_USE enum gh_status gh_est_certify(const struct gh_uplink_options *options,
	struct gh_view csr, struct gh_bytes *der, struct gh_error *error);

/**
 * The authorities of the centre (cacerts, RFC 7030 section 4.1).
 *
 * GH_OK and *certs is replaced; the caller finishes it. Statuses as above. As
 * nobody but the centre at options' url is asked, they are as good as its own
 * certificate. Asked by a certificate, the answer also shows that the centre
 * takes it.
 */
GH_MUST_USE enum gh_status gh_est_authorities(
	const struct gh_uplink_options *options, struct gh_certs *certs, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
