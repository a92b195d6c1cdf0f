/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The description of a network, models/NAME/network: what it takes, what it gives, and how that is
 * read. Another network of a known kind needs a description, and no code. The format stands in
 * docs/vision.md.
 */
#ifndef GATEHOUSE_SRC_VISION_FORM_H
#define GATEHOUSE_SRC_VISION_FORM_H

#include "engine.h"
#include "wordlines.h"

/** Memory that the contract's names point into: a form stays where it was read. */
struct gh_form {
	struct gh_network_contract contract;
	char model[WORDLINE_WORD_BYTES];
	char tensors[1 + NETWORK_OUTPUTS_MAX][WORDLINE_WORD_BYTES];
};

/**
 * Read a description strictly: every line once, and sizes that its kind can be
 * read by. GH_OK, GH_MALFORMED or GH_TRUNCATED with the line's number. Does not
 * allocate.
 */
GH_MUST_USE enum gh_status gh_form_parse(
	struct gh_view text, struct gh_form *form, struct gh_error *error);

/**
 * Read folder/NAME/network. GH_OK, GH_NOT_FOUND, or GH_MALFORMED also when it
 * describes a network of another name.
 */
GH_MUST_USE enum gh_status gh_form_read(
	const char *folder, const char *name, struct gh_form *form, struct gh_error *error);

/** Print all that a form says in one way only: part of the identity of a chain. */
GH_MUST_USE enum gh_status gh_form_print(
	const struct gh_form *form, struct gh_bytes *text, struct gh_error *error);

/** The word for a kind, as in the file. */
const char *gh_form_kind_name(enum gh_network_kind kind);

#endif
