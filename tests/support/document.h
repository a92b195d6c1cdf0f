/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of documents that are made of the code, and held to it. */
#ifndef GATEHOUSE_TESTS_SUPPORT_DOCUMENT_H
#define GATEHOUSE_TESTS_SUPPORT_DOCUMENT_H

#include <stdbool.h>

#include "gatehouse/base/bytes.h"

/*
 * Whether docs/NAME has exactly this text between the lines "<!-- begin PART -->" and
 * "<!-- end PART -->". If not, the first line that differs is printed; with GATEHOUSE_WRITE=1 in
 * the environment the part is written instead, and the answer is true.
 */
bool document_has(const char *name, const char *part, const struct gh_bytes *text);

#endif
