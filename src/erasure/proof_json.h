/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON of a proof: what making and checking share. */
#ifndef GATEHOUSE_SRC_ERASURE_PROOF_JSON_H
#define GATEHOUSE_SRC_ERASURE_PROOF_JSON_H

#include <jansson.h>

#include "batch.h"
#include "gatehouse/erasure/proof.h"

#define PROOF_FORMAT "gatehouse-erasure-proof"
#define PROOF_VERSION 1

/* Bytes as a JSON string of hexadecimal digits; NULL without memory. */
json_t *hex_value(const uint8_t *bytes, size_t length_bytes);

/* Exactly so many bytes of a JSON string; false for any other value. */
bool hex_read(const json_t *value, uint8_t *bytes, size_t length_bytes);

/* What an entry of a batch says, in words; NULL without memory. */
json_t *entry_says(const struct gh_erasing *row, const struct gh_erasure_header *header);

/* A receipt as a value; NULL without memory. And read from one: false for any other. */
json_t *receipt_value(const struct gh_erasure_receipt *receipt);
bool receipt_read(const json_t *value, struct gh_erasure_receipt *receipt);

#endif
