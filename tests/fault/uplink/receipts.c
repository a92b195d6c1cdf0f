/* SPDX-License-Identifier: Apache-2.0 */
/* A centre that signs as it should, one that does not, and one of the time before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/uplink/rig.h"
#include "gatehouse/base/log.h"
#include "gatehouse/crypto/digest_field.h"
#include "gatehouse/crypto/provider.h"

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static struct rig rig;
static struct fake_centre *centre;
static struct gh_provider *signer;

/* A centre that signs, from the second delivery on with whatever is wrong. */
static enum bent {
	BENT_NOT,
	BENT_MISSING,
	BENT_FORGED,
	BENT_REPLAYED,
	BENT_DIGEST,
} bent;

static void sign_answer(const struct fake_request *request, struct fake_reply *reply, bool bend)
{
	struct gh_receipt receipt = { .kind = GH_RECEIPT_ENCOUNTER, .received_ms = 1 };
	struct gh_view body = { request->body, request->body_bytes };
	struct gh_bytes json = GH_BYTES_EMPTY;
	char id[GH_ID_TEXT_BYTES];

	snprintf(id, sizeof(id), "%s", request->path + strlen("/v1/encounters/"));
	assert_int_equal(gh_id_parse(id, &receipt.id, NULL), GH_OK);
	assert_int_equal(gh_sha256_of(body, &receipt.hash, NULL), GH_OK);
	if (bend && (bent == BENT_REPLAYED || bent == BENT_DIGEST))
		receipt.hash.bytes[0] ^= 1;
	assert_int_equal(gh_receipt_sign(signer, &receipt, NULL), GH_OK);
	if (bend && bent == BENT_FORGED)
		receipt.signature[9] ^= 1;
	assert_int_equal(gh_receipt_encode(&receipt, &json, NULL), GH_OK);
	if (bend && bent == BENT_MISSING)
		snprintf(reply->body, sizeof(reply->body), "{\"id\":\"%s\"}", id);
	else
		snprintf(reply->body, sizeof(reply->body), "{\"id\":\"%s\",\"receipt\":%.*s%s}", id,
			(int)json.length_bytes, (const char *)json.data,
			bend && bent == BENT_DIGEST ? ",\"sha256\":\"" HASH "\"" : "");
	gh_bytes_finish(&json);
}

static void decide_signed(void *ctx, const struct fake_request *request, struct fake_reply *reply)
{
	unsigned *seen = ctx;
	char wanted[128] = "\r\nContent-Digest: ";
	struct gh_sha256 hash;

	if (strcmp(request->method, "GET") == 0) {
		strcpy(reply->body, "{\"voyages\":[]}");
		return;
	}
	assert_int_equal(
		gh_sha256_of((struct gh_view){ request->body, request->body_bytes }, &hash, NULL),
		GH_OK);
	gh_digest_field_format(&hash, wanted + strlen(wanted));
	reply->manner = FAKE_KEEPS;
	reply->status = 201;
	if (strstr(request->headers, wanted))
		sign_answer(request, reply, (*seen)++ > 0);
}

static bool first_delivered(struct rig *r)
{
	return r->items[0].verdicts[GH_VERDICT_DELIVERED] > 0;
}

static bool second_judged(struct rig *r)
{
	return r->items[1].attempts > 0;
}

static bool tried_twice(struct rig *r)
{
	return r->items[0].attempts > 1;
}

static void expect_bent(enum bent how, enum gh_verdict verdict, const char *reason)
{
	unsigned seen = 0;

	bent = how;
	rig_make(&rig);
	rig.options.receipts = true;
	assert_int_equal(gh_provider_open("file", rig.folder, &signer, NULL), GH_OK);
	centre = rig_centre(&rig, decide_signed, &seen);
	rig_put(&rig, 1);
	rig_start(&rig);
	assert_true(rig_wait(&rig, first_delivered));
	rig_put(&rig, 1);
	assert_true(rig_wait(&rig, second_judged));
	rig_stop(&rig);
	assert_int_equal(rig.items[0].receipts, 1);
	assert_string_equal(rig.items[1].reason, reason);
	assert_true(rig.items[1].verdicts[verdict] > 0);
	assert_int_equal(rig.items[1].receipts, verdict == GH_VERDICT_DELIVERED);
	gh_provider_close(signer);
	fake_centre_stop(centre);
	rig_remove(&rig);
}

static void once_a_receipt_has_come_nothing_less_will_do(void **state)
{
	expect_bent(BENT_NOT, GH_VERDICT_DELIVERED, "http_201");
	expect_bent(BENT_MISSING, GH_VERDICT_ALARM, "receipt_missing");
	expect_bent(BENT_FORGED, GH_VERDICT_ALARM, "receipt_forged");
	expect_bent(BENT_REPLAYED, GH_VERDICT_ALARM, "receipt_other");
	expect_bent(BENT_DIGEST, GH_VERDICT_ALARM, "other_digest");
}

/* A centre that fails once, and answers the question for an offset in ways of its own. */
static struct fake_reply head_reply;
static char methods[64];

static void decide_pieces(void *ctx, const struct fake_request *request, struct fake_reply *reply)
{
	unsigned *seen = ctx;

	if (strcmp(request->method, "GET") == 0) {
		strcpy(reply->body, "{\"voyages\":[]}");
		return;
	}
	if (strlen(methods) + sizeof(request->method) < sizeof(methods)) {
		strcat(methods, request->method);
		strcat(methods, " ");
	}
	if (strcmp(request->method, "HEAD") == 0) {
		*reply = head_reply;
		return;
	}
	reply->manner = FAKE_KEEPS;
	reply->status = (*seen)++ == 0 ? 500 : 201;
	if (reply->status == 201)
		fake_reply_id(request, reply);
}

/* What is asked, method by method, until a photograph is delivered or has been tried twice. */
static void expect_asked(
	int head_status, const char *headers, enum gh_verdict last, const char *asked)
{
	unsigned seen = 0;

	memset(&head_reply, 0, sizeof(head_reply));
	methods[0] = '\0';
	head_reply.manner = FAKE_ANSWERS;
	head_reply.status = head_status;
	strcpy(head_reply.headers, headers);
	rig_make(&rig);
	rig.photos = true;
	rig.options.photo_piece_bytes = 1000;
	centre = rig_centre(&rig, decide_pieces, &seen);
	rig_put(&rig, 1);
	rig_start(&rig);
	assert_true(rig_wait(&rig, rig_all_judged));
	rig_advance(&rig, 2000);
	assert_true(rig_wait(&rig, tried_twice));
	rig_stop(&rig);
	assert_true(rig.items[0].verdicts[last] > 0);
	assert_string_equal(methods, asked);
	fake_centre_stop(centre);
	rig_remove(&rig);
}

static void an_older_centre_gets_a_photograph_whole(void **state)
{
	expect_asked(405, "", GH_VERDICT_DELIVERED, "PUT HEAD PUT ");
	expect_asked(404, "", GH_VERDICT_DELIVERED, "PUT HEAD PUT ");
	expect_asked(501, "", GH_VERDICT_DELIVERED, "PUT HEAD PUT ");
	expect_asked(200, "", GH_VERDICT_DELIVERED, "PUT HEAD PUT ");
	expect_asked(204, "Upload-Offset: x\r\n", GH_VERDICT_DELIVERED, "PUT HEAD PUT ");
	/* One that knows it gets the rest; what is refused with reason is not sent. */
	expect_asked(204, "Upload-Offset: 2500\r\n", GH_VERDICT_DELIVERED, "PUT HEAD PATCH ");
	expect_asked(204, "Upload-Offset: 0\r\nUpload-Complete: ?1\r\n", GH_VERDICT_DELIVERED,
		"PUT HEAD PATCH ");
	expect_asked(410, "", GH_VERDICT_QUARANTINE, "PUT HEAD ");
	/* More than there is: it is not believed, and nothing is lost. */
	expect_asked(204, "Upload-Offset: 3001\r\n", GH_VERDICT_ALARM, "PUT HEAD ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(once_a_receipt_has_come_nothing_less_will_do),
		cmocka_unit_test(an_older_centre_gets_a_photograph_whole),
	};

	gh_log_set_level((enum gh_log_level)0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
