/* SPDX-License-Identifier: Apache-2.0 */
/* A receipt from outside: what is read is written again and read alike, and checked. */
#include <stdlib.h>
#include <string.h>

#include "gatehouse/receipt/receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	uint8_t messages[2][GH_RECEIPT_MESSAGE_BYTES];
	struct gh_bytes json = GH_BYTES_EMPTY;
	struct gh_receipt receipt, again;

	if (gh_receipt_decode((struct gh_view){ bytes, size }, &receipt, NULL) != GH_OK)
		return 0;
	if (gh_receipt_encode(&receipt, &json, NULL) != GH_OK ||
		gh_receipt_decode(gh_bytes_view(&json), &again, NULL) != GH_OK)
		abort();
	gh_bytes_finish(&json);
	gh_receipt_message(&receipt, messages[0]);
	gh_receipt_message(&again, messages[1]);
	if (memcmp(messages[0], messages[1], sizeof(messages[0])) != 0 ||
		gh_receipt_verify(&receipt, NULL, NULL) != gh_receipt_verify(&again, NULL, NULL))
		abort();
	return 0;
}
