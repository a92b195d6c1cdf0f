/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of its own for a test, gone with all that is in it when the test is over. */
#ifndef GATEHOUSE_TESTS_SUPPORT_FOLDER_H
#define GATEHOUSE_TESTS_SUPPORT_FOLDER_H

/*
 * cmocka set-up and tear-down: make a folder (mode 0700, below TMPDIR) and remove it with its
 * content. One at a time.
 */
int folder_set_up(void **state);
int folder_tear_down(void **state);

/* Its path. */
const char *folder_path(void);

/* The path of a name in it; good for the next seven calls. */
const char *folder_place(const char *name);

/* How many entries there are in the folder NAME below it ("" for itself), hidden ones included. */
int folder_count(const char *name);

#endif
