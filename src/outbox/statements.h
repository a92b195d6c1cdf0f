/* SPDX-License-Identifier: Apache-2.0 */
/* Every statement the outbox runs after it is open, prepared once and kept. */
#ifndef GATEHOUSE_SRC_OUTBOX_STATEMENTS_H
#define GATEHOUSE_SRC_OUTBOX_STATEMENTS_H

/* clang-format off */
#define STATEMENT_LIST(X)                                                                          \
	X(BEGIN, "BEGIN IMMEDIATE")                                                                \
	X(ROLLBACK, "ROLLBACK")                                                                    \
	X(COMMIT, "COMMIT")                                                                        \
	X(PAGES, "SELECT page_count, freelist_count, page_size FROM pragma_page_count,"            \
		" pragma_freelist_count, pragma_page_size")                                        \
	X(ITEM_INSERT, "INSERT INTO item (kind, id, encounter, state, put_ms, due_us, hash,"       \
		" body_bytes, destroy_by_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")         \
	X(BODY_INSERT, "INSERT INTO body (number, sealed) VALUES (?1, ?2)")                        \
	X(ITEM_HASH, "SELECT hash FROM item WHERE encounter = ?1 AND kind = ?2 AND id = ?3"        \
		" UNION ALL SELECT hash FROM receipt WHERE id = ?3 AND kind = ?2 LIMIT 1")         \
	X(ITEM_FIND, "SELECT number, state, hash FROM item WHERE encounter = ?1 AND kind = ?2"     \
		" AND id = ?3")                                                                    \
	X(ITEM_NEXT, "SELECT i.number, i.kind, i.id, i.encounter, i.attempts, i.due_us, b.sealed"  \
		" FROM item i LEFT JOIN body b ON b.number = i.number WHERE i.state = 0"           \
		" ORDER BY i.due_us, i.number LIMIT 1")                                            \
	X(ITEM_MOVE, "UPDATE item SET state = ?2 WHERE number = ?1")                               \
	X(ITEM_LATER, "UPDATE item SET state = ?2, attempts = attempts + 1, due_us = ?3,"          \
		" reason = ?4 WHERE number = ?1")                                                  \
	X(ITEM_RELEASE, "UPDATE item SET state = ?3, due_us = 0 WHERE id = ?1 AND state = ?2")     \
	X(ITEM_REOPEN, "UPDATE item SET state = ?2 WHERE state = ?1")                              \
	X(ITEM_DUE_AT_ONCE, "UPDATE item SET due_us = 0 WHERE due_us <> 0")                        \
	X(ITEM_DELETE, "DELETE FROM item WHERE number = ?1")                                       \
	X(ITEM_ARRIVED, "UPDATE item SET state = ?3, due_us = ?4 WHERE encounter = ?1"             \
		" AND state = ?2")                                                                 \
	X(RECORD_OWED, "SELECT 1 FROM item WHERE encounter = ?1 AND kind = 0")                     \
	X(RECEIPT_INSERT, "INSERT INTO receipt (id, kind, hash, acknowledged_ms)"                  \
		" VALUES (?1, ?2, ?3, ?4)")                                                        \
	X(RECEIPT_PRUNE, "DELETE FROM receipt WHERE number <= ?1")                                 \
	X(COUNTER_READ, "SELECT value FROM counter WHERE name = ?1")                               \
	X(COUNTER_RAISE, "UPDATE counter SET value = value + 1 WHERE name = ?1")                   \
	X(STATE_COUNT, "SELECT count(*) FROM item WHERE state = ?1")                               \
	X(STATE_OLDEST, "SELECT min(put_ms) FROM item WHERE state IN (0, 3)")                      \
	X(ITEM_COUNT, "SELECT count(*) FROM item")                                                 \
	X(ITEM_LIST, "SELECT number, kind, id, encounter, state, attempts, put_ms, due_us,"        \
		" body_bytes, reason FROM item WHERE number > ?1 ORDER BY number LIMIT ?2")        \
	X(PASSAGE_INSERT, "INSERT OR IGNORE INTO passage (voyage, person) VALUES (?1, ?2)")        \
	X(PASSAGE_FIND, "SELECT 1 FROM passage WHERE voyage = ?1 AND person = ?2")                 \
	X(PASSAGE_FORGET, "DELETE FROM passage WHERE voyage = ?1")                                 \
	X(UNSETTLED_INSERT, "INSERT INTO unsettled (encounter) VALUES (?1)")                       \
	X(UNSETTLED_DELETE, "DELETE FROM unsettled WHERE encounter = ?1")                          \
	X(UNSETTLED_NEXT, "SELECT encounter FROM unsettled WHERE encounter > ?1"                   \
		" ORDER BY encounter LIMIT ?2")                                                    \
	X(AWAITED_INSERT, "INSERT OR REPLACE INTO awaited (encounter, may_proceed, until_ms,"      \
		" since_ms, referrals) VALUES (?1, ?2, ?3, ?4, ?5)")                               \
	X(AWAITED_DELETE, "DELETE FROM awaited WHERE encounter = ?1")                              \
	X(AWAITED_NEXT, "SELECT encounter, may_proceed, until_ms, since_ms, referrals FROM awaited"\
		" WHERE encounter > ?1 ORDER BY encounter LIMIT ?2")                               \
	X(CLOCK_SET_BACK, "UPDATE item SET destroy_by_ms = destroy_by_ms - ?1, put_ms = put_ms - ?1"\
		" WHERE kind = 1 AND (number <= ?2 OR put_ms > ?3)")                               \
	X(PUT_AHEAD, "UPDATE item SET destroy_by_ms = destroy_by_ms - (put_ms - ?1), put_ms = ?1"  \
		" WHERE kind = 1 AND put_ms > ?1")                                                 \
	X(NUMBER_LAST, "SELECT coalesce(max(number), 0) FROM item")                                \
	X(EXPIRED_NEXT, "SELECT number, encounter, state FROM item WHERE kind = 1"                 \
		" AND destroy_by_ms <= ?1 ORDER BY destroy_by_ms LIMIT ?2")                        \
	X(ERASED_INSERT, "INSERT OR IGNORE INTO erased (encounter) VALUES (?1)")                   \
	X(ERASED_DELETE, "DELETE FROM erased WHERE encounter = ?1")                                \
	X(ERASED_NEXT, "SELECT encounter FROM erased WHERE encounter > ?1"                         \
		" ORDER BY encounter LIMIT ?2")
/* clang-format on */

enum statement {
#define STATEMENT_ENUM(name, sql) SQL_##name,
	STATEMENT_LIST(STATEMENT_ENUM)
#undef STATEMENT_ENUM
	STATEMENT_COUNT
};

#endif
