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
		" body_bytes, destroy_by_ms, captured_ms, seen_ms, seen_us, destroy_us,"           \
		" retention)"                                                                      \
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?5, ?6, ?11, ?12)")             \
	X(BODY_INSERT, "INSERT INTO body (number, sealed) VALUES (?1, ?2)")                        \
	X(KEY_INSERT, "INSERT INTO key (number, wrapped) VALUES (?1, ?2)")                         \
	X(KEY_NEXT, "SELECT k.number, i.id, i.kind, k.wrapped FROM key k JOIN item i"              \
		" ON i.number = k.number WHERE k.number > ?1 ORDER BY k.number LIMIT ?2")          \
	X(KEY_OF_ITEM, "SELECT k.wrapped FROM item i JOIN key k ON k.number = i.number"            \
		" WHERE i.encounter = ?1 AND i.kind = ?2 AND i.id = ?3")                           \
	X(KEY_REPLACE, "UPDATE key SET wrapped = ?2 WHERE number = ?1")                            \
	X(ITEM_HASH, "SELECT hash FROM item WHERE encounter = ?1 AND kind = ?2 AND id = ?3"        \
		" UNION ALL SELECT hash FROM receipt WHERE id = ?3 AND kind = ?2 LIMIT 1")         \
	X(ITEM_FIND, "SELECT number, state, hash FROM item WHERE encounter = ?1 AND kind = ?2"     \
		" AND id = ?3")                                                                    \
	X(ITEM_NEXT, "SELECT i.number, i.kind, i.id, i.encounter, i.attempts, i.due_us, b.sealed," \
		" k.wrapped FROM item i LEFT JOIN body b ON b.number = i.number"                   \
		" LEFT JOIN key k ON k.number = i.number WHERE i.state = 0"                        \
		" ORDER BY i.due_us, i.number LIMIT 1")                                            \
	X(ITEM_MOVE, "UPDATE item SET state = ?2 WHERE number = ?1")                               \
	X(ITEM_LATER, "UPDATE item SET state = ?2, attempts = attempts + 1, due_us = ?3,"          \
		" reason = ?4 WHERE number = ?1")                                                  \
	X(ITEM_RELEASE, "UPDATE item SET state = ?3, due_us = 0 WHERE id = ?1 AND state = ?2")     \
	X(ITEM_REOPEN, "UPDATE item SET state = ?2 WHERE state = ?1")                              \
	X(ITEM_DUE_AT_ONCE, "UPDATE item SET due_us = 0 WHERE due_us <> 0")                        \
	X(ITEM_REBASE, "UPDATE item SET seen_ms = ?1, seen_us = ?2, destroy_us ="                  \
		" CASE destroy_by_ms WHEN 9223372036854775807 THEN destroy_by_ms ELSE ?2 + 1000 *" \
		" max(0, min(destroy_by_ms - ?1, destroy_by_ms - captured_ms, ?3)) END")           \
	X(ITEM_DELETE, "DELETE FROM item WHERE number = ?1")                                       \
	X(ITEM_ARRIVED, "UPDATE item SET state = ?3, due_us = ?4 WHERE encounter = ?1"             \
		" AND state = ?2")                                                                 \
	X(RECORD_OWED, "SELECT 1 FROM item WHERE encounter = ?1 AND kind = 0")                     \
	X(RECEIPT_INSERT, "INSERT INTO receipt (id, kind, hash, acknowledged_ms)"                  \
		" VALUES (?1, ?2, ?3, ?4)")                                                        \
	X(RECEIPT_PRUNE, "DELETE FROM receipt WHERE number <= ?1")                                 \
	X(CENTRE_KEY_ADD, "INSERT OR IGNORE INTO centre_key (public_key) VALUES (?1)")             \
	X(CENTRE_KEY_NOTE, "UPDATE counter SET value = (SELECT number FROM centre_key"             \
		" WHERE public_key = ?1) WHERE name = 'centre_key'")                               \
	X(CENTRE_KEY_READ, "SELECT public_key FROM centre_key WHERE number ="                      \
		" (SELECT value FROM counter WHERE name = 'centre_key')")                          \
	X(CENTRE_RECEIPT_PUT, "INSERT INTO centre_receipt (id, kind, hash, received_ms, key,"      \
		" signature) VALUES (?1, ?2, ?3, ?4, (SELECT value FROM counter"                   \
		" WHERE name = 'centre_key'), ?5) ON CONFLICT (id, kind) DO UPDATE SET"            \
		" hash = excluded.hash, received_ms = excluded.received_ms, key = excluded.key,"   \
		" signature = excluded.signature")                                                 \
	X(CENTRE_RECEIPT_BOUND, "DELETE FROM centre_receipt WHERE number <="                       \
		" (SELECT max(number) FROM centre_receipt) - ?1")                                  \
	X(CENTRE_RECEIPT_PRUNE, "DELETE FROM centre_receipt WHERE number IN (SELECT number"        \
		" FROM centre_receipt WHERE received_ms < ?1 ORDER BY received_ms LIMIT ?2)")      \
	X(CENTRE_RECEIPT_NEXT, "SELECT r.number, r.id, r.kind, r.hash, r.received_ms,"             \
		" k.public_key, r.signature FROM centre_receipt r JOIN centre_key k"               \
		" ON k.number = r.key WHERE r.number > ?1 ORDER BY r.number LIMIT ?2")             \
	X(CENTRE_RECEIPT_FIND, "SELECT r.number, r.id, r.kind, r.hash, r.received_ms,"             \
		" k.public_key, r.signature FROM centre_receipt r JOIN centre_key k"               \
		" ON k.number = r.key WHERE r.id = ?1 ORDER BY r.kind LIMIT 2")                    \
	X(COUNTER_READ, "SELECT value FROM counter WHERE name = ?1")                               \
	X(COUNTER_RAISE, "UPDATE counter SET value = value + 1 WHERE name = ?1")                   \
	X(COUNTER_TRY, "INSERT INTO counter (name, value) VALUES ('tried', 1)"                     \
		" ON CONFLICT (name) DO UPDATE SET value = value + 1")                             \
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
	X(AWAITED_NEXT, "SELECT encounter, may_proceed, until_ms, since_ms, referrals"             \
		" FROM awaited WHERE encounter > ?1 ORDER BY encounter LIMIT ?2")                  \
	X(DOUBTFUL_INSERT, "INSERT OR IGNORE INTO doubtful (encounter, base_ms) VALUES (?1, ?2)")  \
	X(DOUBTFUL_BOUND, "DELETE FROM doubtful WHERE number <="                                  \
		" (SELECT max(number) FROM doubtful) - ?1")                                        \
	X(DOUBTFUL_DELETE, "DELETE FROM doubtful WHERE encounter = ?1")                            \
	X(DOUBTFUL_FORGET, "DELETE FROM doubtful")                                                 \
	X(DOUBTFUL_NEXT, "SELECT encounter, base_ms FROM doubtful ORDER BY number LIMIT ?1")       \
	X(CLOCK_SET_BACK, "UPDATE item SET destroy_by_ms = destroy_by_ms - ?1,"                    \
		" put_ms = put_ms - ?1 WHERE kind = 1 AND (number <= ?2 OR put_ms > ?3)")          \
	X(PUT_AHEAD, "UPDATE item SET destroy_by_ms = destroy_by_ms - (put_ms - ?1), put_ms = ?1"  \
		" WHERE kind = 1 AND put_ms > ?1")                                                 \
	X(NUMBER_LAST, "SELECT coalesce(max(number), 0) FROM item")                                \
	X(EXPIRED_NEXT, "SELECT number, encounter, state FROM item WHERE kind = 1"                 \
		" AND (destroy_by_ms <= ?1 OR destroy_us <= ?3) ORDER BY destroy_by_ms LIMIT ?2")  \
	X(ERASING_ITEM, "INSERT INTO erasing (id, what, why, captured_ms, limit_ms, deleted_ms,"   \
		" quality, clock_step_ms, generation) SELECT encounter, kind, ?2, captured_ms,"    \
		" CASE destroy_by_ms WHEN 9223372036854775807 THEN 0 ELSE destroy_by_ms END,"      \
		" ?3, ?5, ?3 - seen_ms - (?4 - seen_us) / 1000, ?6 FROM item i WHERE number = ?1"  \
		" AND EXISTS (SELECT 1 FROM key k WHERE k.number = i.number)")                     \
	X(ERASING_INSERT, "INSERT INTO erasing (id, what, why, captured_ms, limit_ms, deleted_ms," \
		" quality, clock_step_ms, generation)"                                             \
		" SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE NOT EXISTS (SELECT 1"            \
		" FROM erasing WHERE id = ?1 AND what = ?2 AND deleted_ms = ?6)")                  \
	X(ERASING_NEXT, "SELECT number, id, what, why, captured_ms, limit_ms, deleted_ms,"         \
		" quality, clock_step_ms, generation FROM erasing WHERE number > ?1"               \
		" ORDER BY number LIMIT ?2")                                                       \
	X(ERASING_DELETE, "DELETE FROM erasing WHERE number <= ?1")                                \
	X(ERASING_RESERVE, "INSERT INTO erasing (number, id, what, why, captured_ms, limit_ms,"    \
		" deleted_ms, quality, clock_step_ms, generation)"                                 \
		" VALUES (?1, zeroblob(16), 0, 0, 0, 0, 0, 0, 0, 0)")                              \
	X(ERASING_LAST, "SELECT coalesce(max(seq), 0) FROM sqlite_sequence"                        \
		" WHERE name = 'erasing'")                                                         \
	X(ERASING_LOWER, "UPDATE erasing SET generation = ?1 WHERE generation > ?1")               \
	X(ERASING_STATE, "SELECT (SELECT count(*) FROM erasing),"                                  \
		" (SELECT coalesce(min(deleted_ms), 0) FROM erasing),"                             \
		" (SELECT min(destroy_by_ms) FROM item WHERE kind = 1),"                           \
		" (SELECT min(destroy_us) FROM item WHERE kind = 1),"                              \
		" (SELECT coalesce(min(limit_ms), 0) FROM erasing WHERE what = 1"                  \
		" AND limit_ms > 0)")                                                              \
	X(COUNTER_SET, "UPDATE counter SET value = ?2 WHERE name = ?1")                            \
	X(HELD, "SELECT kind, retention, count(*), sum(body_bytes), min(captured_ms),"             \
		" min(destroy_by_ms), max(destroy_by_ms), sum(state = 2) FROM item"                \
		" GROUP BY kind, retention ORDER BY kind, retention")                              \
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
