/* SPDX-License-Identifier: Apache-2.0 */
/* PAXLST texts, voyages and pictures for tests, of specimen persons. */
#ifndef GATEHOUSE_TESTS_SUPPORT_MANIFEST_LIST_H
#define GATEHOUSE_TESTS_SUPPORT_MANIFEST_LIST_H

#include "gatehouse/manifest/bundle.h"
#include "gatehouse/manifest/paxlst.h"

/* 24 November 2026, noon. */
#define LIST_TODAY_MS INT64_C(1795521600000)

/* What a text says; zero-initialised is passengers sent at 0830, nobody on it. */
struct list {
	const char *bgm;       /* as "745+XR"; NULL is "745" */
	const char *flight;    /* NULL is "ZZ123" */
	const char *departure; /* NULL is "2611241200" */
	const char *reference; /* UNB 0020; NULL is "REF1" */
	const char *sent;      /* NULL is "261124:0830" */
	const char *revision;  /* NULL is none */
};

/* Begin a text, add segments to its persons, end it. */
void list_begin(struct gh_bytes *text, const struct list *list);
void list_person(struct gh_bytes *text, const char *segments);
void list_end(struct gh_bytes *text, const struct list *list);

/* Segments of the n-th specimen: locator, unique reference, birth and passport of their own. */
void list_specimen(struct gh_bytes *text, unsigned n);

/* Read a finished text; the test fails where it is refused. */
void list_parse(const struct gh_bytes *text, struct gh_paxlst *paxlst);

/* A voyage of count specimens, version 1, ids set, each with portraits_each portraits. */
void list_voyage(struct gh_voyage *voyage, unsigned count, uint32_t portraits_each);

/* Pictures by row and index: bytes that differ in content and length. */
struct gh_bundle_source list_pictures(void);
void list_picture(const struct gh_person *person, uint32_t index, struct gh_bytes *picture);

#endif
