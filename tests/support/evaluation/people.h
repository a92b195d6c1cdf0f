/* SPDX-License-Identifier: Apache-2.0 */
/* A data set of files that say which template they give, and its index, in the test's folder. */
#ifndef GATEHOUSE_TESTS_SUPPORT_EVALUATION_PEOPLE_H
#define GATEHOUSE_TESTS_SUPPORT_EVALUATION_PEOPLE_H

#include <stdint.h>

#include "gatehouse/evaluation/evaluation.h"
#include "support/gallery/fake_enroller.h"

/* Begin an index with these columns; "identity" and "file" are written before them. */
void people_begin(const char *columns);

/* Add a picture to the folder and a line to the index, its other fields last ("\tF\tUTO"). */
void people_add(unsigned who, unsigned picture, enum fake_portrait_kind kind, const char *fields);

/* Write the index; gives its path. */
const char *people_index(void);

/* Forget the lines: tear-down. */
void people_finish(void);

/* Options of an evaluation of the index with so many threads, at most 8. */
struct gh_evaluation_options people_options(size_t jobs);

/* Run, or fail the test. */
struct gh_evaluation *people_run(const struct gh_evaluation_options *options);

#endif
