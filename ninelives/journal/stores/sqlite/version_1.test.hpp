#pragma once

/// A journal as the first released format wrote it: never to be changed. Task 1 ran to its end
/// under incarnations 1 and 2, task 2 goes on under incarnation 1.
namespace nine::journal::stores::sqlite::testing {

inline constexpr const char* version_1 = R"sql(
PRAGMA journal_mode = WAL;
PRAGMA application_id = 1315523183;
PRAGMA user_version = 1;
CREATE TABLE home(
  one            INTEGER PRIMARY KEY CHECK (one = 1),
  core_epoch     INTEGER NOT NULL,
  expired_up_to  INTEGER NOT NULL,
  syncs          INTEGER NOT NULL
) STRICT;
CREATE TABLE facts(
  sequence  INTEGER PRIMARY KEY,
  task      INTEGER NOT NULL,
  writer    INTEGER NOT NULL,
  previous  INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  kind      BLOB NOT NULL,
  body      BLOB NOT NULL,
  checksum  INTEGER NOT NULL
) STRICT;
CREATE TABLE task_heads(
  task      INTEGER PRIMARY KEY,
  epoch     INTEGER NOT NULL,
  last      INTEGER NOT NULL,
  ended     INTEGER NOT NULL,
  ended_at  INTEGER NOT NULL
) STRICT;
CREATE TABLE unique_keys(
  key   BLOB PRIMARY KEY,
  task  INTEGER NOT NULL,
  at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO home VALUES (1, 3, 0, 7);
INSERT INTO facts VALUES
  (1, 1, 0, 0, 1800000000000001000, CAST('task_accepted' AS BLOB),
   CAST('{"text":"write a commit message"}' AS BLOB), -8729444298121746005),
  (2, 1, 0, 1, 1800000000000002000, CAST('attempt_started' AS BLOB),
   CAST('{"attempt":1}' AS BLOB), 8266084719057876964),
  (3, 2, 0, 0, 1800000000000003000, CAST('task_accepted' AS BLOB),
   CAST('{"text":"another"}' AS BLOB), 1604694376991296346),
  (4, 1, 2, 2, 1800000000000004000, CAST('step_finished' AS BLOB),
   CAST('{"step":"draft","result":"done"}' AS BLOB), 8170069189020972402),
  (5, 2, 0, 3, 1800000000000005000, CAST('attempt_started' AS BLOB),
   CAST('{"attempt":1}' AS BLOB), 6666895785080078230),
  (6, 1, 0, 4, 1800000000000006000, CAST('task_ended' AS BLOB),
   CAST('{"status":"succeeded"}' AS BLOB), 608472719119673563);
INSERT INTO task_heads VALUES (1, 2, 6, 1, 1800000000000006000), (2, 1, 5, 0, 0);
INSERT INTO unique_keys VALUES (CAST('request-1' AS BLOB), 1, 1800000000000001000);
)sql";

}  // namespace nine::journal::stores::sqlite::testing
