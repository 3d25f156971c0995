-- A journal that a core has written, never to be changed.
PRAGMA application_id = 1315523183;
PRAGMA user_version = 2;
PRAGMA journal_mode = WAL;
CREATE TABLE home(
  one            INTEGER PRIMARY KEY CHECK (one = 1),
  core_epoch     INTEGER NOT NULL,
  expired_up_to  INTEGER NOT NULL,
  syncs          INTEGER NOT NULL
, heads_up_to INTEGER NOT NULL DEFAULT 0) STRICT;
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
INSERT INTO home VALUES (1, 1, 0, 1, 0);
INSERT INTO facts VALUES (1, 1, 0, 0, 4003348924116726713,
  CAST('task_accepted' AS BLOB), CAST('{"specification":{"text":"say hello","input":"","directory":"/","retry_of":"","plan":{"type":"","task":{"prompt":"","input":{},"ladder":["sh"],"gates":["test -e /dev/null"],"validate":[],"retries":3,"timeout":"1h"},"agents":{"sh":{"kind":"command","command":["sh","-c","read -r text; echo \"$text, world\""],"prompt":"stdin","result":"stdout","environment":{"pass":[],"set":{}},"grace":"10s","memory":"0B","log_size":"16MiB","needs":[],"degrades":[]}},"models":{},"defaults":{"timeout":"1h","retries":3,"gate_timeout":"10m"}}}}' AS BLOB), 8770461119839221947);
INSERT INTO facts VALUES (2, 1, 0, 1, 4003348924118837019,
  CAST('attempt_started' AS BLOB), CAST('{"attempt":1,"rung":0,"agent":"sh","feedback":""}' AS BLOB), -9044998577913991995);
INSERT INTO facts VALUES (3, 1, 0, 2, 4003348924123809363,
  CAST('incarnation_started' AS BLOB), CAST('{"child":"t1.a1","incarnation":1}' AS BLOB), -4528718826042355994);
INSERT INTO facts VALUES (4, 1, 0, 3, 4003348924125977766,
  CAST('incarnation_running' AS BLOB), CAST('{"child":"t1.a1","incarnation":1,"pid":12903,"start_time":1508214,"boot_id":"0283cc1d-8f94-4485-8c85-5868eecc6ea1"}' AS BLOB), -4949503979585622001);
INSERT INTO facts VALUES (5, 1, 0, 4, 4003348924126107979,
  CAST('incarnation_ended' AS BLOB), CAST('{"child":"t1.a1","incarnation":1,"exit":{"code":0},"asked":false,"will_restart":false,"interrupted":false,"reason":"","cannot_run":false,"stdout_bytes_lost":0}' AS BLOB), 1368611647120009639);
INSERT INTO facts VALUES (6, 1, 0, 5, 4003348924126914979,
  CAST('attempt_ended' AS BLOB), CAST('{"attempt":1,"outcome":"delivered","reason":"","result":"say hello, world","result_file_ns":0}' AS BLOB), -5579938269068928073);
INSERT INTO facts VALUES (7, 1, 0, 6, 4003348924130251627,
  CAST('incarnation_started' AS BLOB), CAST('{"child":"t1.a1.g0","incarnation":2}' AS BLOB), 7841711632127764814);
INSERT INTO facts VALUES (8, 1, 0, 7, 4003348924132327332,
  CAST('incarnation_running' AS BLOB), CAST('{"child":"t1.a1.g0","incarnation":2,"pid":12905,"start_time":1508214,"boot_id":"0283cc1d-8f94-4485-8c85-5868eecc6ea1"}' AS BLOB), 2313516048194168504);
INSERT INTO facts VALUES (9, 1, 0, 8, 4003348924132450835,
  CAST('incarnation_ended' AS BLOB), CAST('{"child":"t1.a1.g0","incarnation":2,"exit":{"code":0},"asked":false,"will_restart":false,"interrupted":false,"reason":"","cannot_run":false,"stdout_bytes_lost":0}' AS BLOB), 4466866196196660518);
INSERT INTO facts VALUES (10, 1, 0, 9, 4003348924132748347,
  CAST('check_ended' AS BLOB), CAST('{"attempt":1,"check":0,"name":"test -e /dev/null","passed":true,"evidence":"exit code 0","cannot_run":false}' AS BLOB), -1208141909094739785);
INSERT INTO facts VALUES (11, 1, 0, 10, 4003348924132774586,
  CAST('task_ended' AS BLOB), CAST('{"status":"succeeded","result":"say hello, world","missing":[],"reason":""}' AS BLOB), -319881313443185850);
INSERT INTO facts VALUES (12, 2, 0, 0, 4003348924164919046,
  CAST('task_accepted' AS BLOB), CAST('{"specification":{"text":"fail once","input":"","directory":"/","retry_of":"","plan":{"type":"","task":{"prompt":"","input":{},"ladder":["sh"],"gates":["test \"$NINE_ATTEMPT\" = 2"],"validate":[],"retries":1,"timeout":"1h"},"agents":{"sh":{"kind":"command","command":["sh","-c","echo \"attempt $NINE_ATTEMPT\""],"prompt":"stdin","result":"stdout","environment":{"pass":[],"set":{}},"grace":"10s","memory":"0B","log_size":"16MiB","needs":[],"degrades":[]}},"models":{},"defaults":{"timeout":"1h","retries":3,"gate_timeout":"10m"}}}}' AS BLOB), -2319631706057199618);
INSERT INTO facts VALUES (13, 2, 0, 12, 4003348924165607679,
  CAST('attempt_started' AS BLOB), CAST('{"attempt":1,"rung":0,"agent":"sh","feedback":""}' AS BLOB), -5864817239830431847);
INSERT INTO facts VALUES (14, 2, 0, 13, 4003348924168756909,
  CAST('incarnation_started' AS BLOB), CAST('{"child":"t2.a1","incarnation":1}' AS BLOB), 8242297383345680745);
INSERT INTO facts VALUES (15, 2, 0, 14, 4003348924170574736,
  CAST('incarnation_running' AS BLOB), CAST('{"child":"t2.a1","incarnation":1,"pid":12908,"start_time":1508218,"boot_id":"0283cc1d-8f94-4485-8c85-5868eecc6ea1"}' AS BLOB), 8601449806792365977);
INSERT INTO facts VALUES (16, 2, 0, 15, 4003348924171182519,
  CAST('incarnation_ended' AS BLOB), CAST('{"child":"t2.a1","incarnation":1,"exit":{"code":0},"asked":false,"will_restart":false,"interrupted":false,"reason":"","cannot_run":false,"stdout_bytes_lost":0}' AS BLOB), 8785089473305608008);
INSERT INTO facts VALUES (17, 2, 0, 16, 4003348924171804894,
  CAST('attempt_ended' AS BLOB), CAST('{"attempt":1,"outcome":"delivered","reason":"","result":"attempt 1","result_file_ns":0}' AS BLOB), -5792964428253701652);
INSERT INTO facts VALUES (18, 2, 0, 17, 4003348924174419459,
  CAST('incarnation_started' AS BLOB), CAST('{"child":"t2.a1.g0","incarnation":2}' AS BLOB), -4210635753887270520);
INSERT INTO facts VALUES (19, 2, 0, 18, 4003348924176293845,
  CAST('incarnation_running' AS BLOB), CAST('{"child":"t2.a1.g0","incarnation":2,"pid":12910,"start_time":1508219,"boot_id":"0283cc1d-8f94-4485-8c85-5868eecc6ea1"}' AS BLOB), -4203845305514620920);
INSERT INTO facts VALUES (20, 2, 0, 19, 4003348924176327275,
  CAST('incarnation_ended' AS BLOB), CAST('{"child":"t2.a1.g0","incarnation":2,"exit":{"code":1},"asked":false,"will_restart":false,"interrupted":false,"reason":"","cannot_run":false,"stdout_bytes_lost":0}' AS BLOB), 5999280904562721765);
INSERT INTO facts VALUES (21, 2, 0, 20, 4003348924176578488,
  CAST('check_ended' AS BLOB), CAST('{"attempt":1,"check":0,"name":"test \"$NINE_ATTEMPT\" = 2","passed":false,"evidence":"exit code 1","cannot_run":false}' AS BLOB), -8546810248888951051);
INSERT INTO facts VALUES (22, 2, 0, 21, 4003348924176681321,
  CAST('attempt_started' AS BLOB), CAST('{"attempt":2,"rung":0,"agent":"sh","feedback":"gate ''test \"$NINE_ATTEMPT\" = 2'' failed: exit code 1"}' AS BLOB), 5035527682423906211);
INSERT INTO facts VALUES (23, 2, 0, 22, 4003348924180566609,
  CAST('incarnation_started' AS BLOB), CAST('{"child":"t2.a2","incarnation":3}' AS BLOB), -1798378626298887020);
INSERT INTO facts VALUES (24, 2, 0, 23, 4003348924181435701,
  CAST('incarnation_running' AS BLOB), CAST('{"child":"t2.a2","incarnation":3,"pid":12912,"start_time":1508219,"boot_id":"0283cc1d-8f94-4485-8c85-5868eecc6ea1"}' AS BLOB), 3433098045598923234);
INSERT INTO facts VALUES (25, 2, 0, 24, 4003348924182936611,
  CAST('incarnation_ended' AS BLOB), CAST('{"child":"t2.a2","incarnation":3,"exit":{"code":0},"asked":false,"will_restart":false,"interrupted":false,"reason":"","cannot_run":false,"stdout_bytes_lost":0}' AS BLOB), 6775569673004087037);
INSERT INTO facts VALUES (26, 2, 0, 25, 4003348924183377546,
  CAST('attempt_ended' AS BLOB), CAST('{"attempt":2,"outcome":"delivered","reason":"","result":"attempt 2","result_file_ns":0}' AS BLOB), -6558122950405971105);
INSERT INTO facts VALUES (27, 2, 0, 26, 4003348924186011476,
  CAST('incarnation_started' AS BLOB), CAST('{"child":"t2.a2.g0","incarnation":4}' AS BLOB), -4553571691122700779);
INSERT INTO facts VALUES (28, 2, 0, 27, 4003348924187428396,
  CAST('incarnation_running' AS BLOB), CAST('{"child":"t2.a2.g0","incarnation":4,"pid":12914,"start_time":1508220,"boot_id":"0283cc1d-8f94-4485-8c85-5868eecc6ea1"}' AS BLOB), -7243741211886249216);
INSERT INTO facts VALUES (29, 2, 0, 28, 4003348924188914525,
  CAST('incarnation_ended' AS BLOB), CAST('{"child":"t2.a2.g0","incarnation":4,"exit":{"code":0},"asked":false,"will_restart":false,"interrupted":false,"reason":"","cannot_run":false,"stdout_bytes_lost":0}' AS BLOB), -5040922249831751339);
INSERT INTO facts VALUES (30, 2, 0, 29, 4003348924189292957,
  CAST('check_ended' AS BLOB), CAST('{"attempt":2,"check":0,"name":"test \"$NINE_ATTEMPT\" = 2","passed":true,"evidence":"exit code 0","cannot_run":false}' AS BLOB), -5247406040349727407);
INSERT INTO facts VALUES (31, 2, 0, 30, 4003348924189321940,
  CAST('task_ended' AS BLOB), CAST('{"status":"succeeded","result":"attempt 2","missing":[],"reason":""}' AS BLOB), 3116603498153075317);
INSERT INTO facts VALUES (32, 3, 0, 0, 4003348924201457505,
  CAST('task_accepted' AS BLOB), CAST('{"specification":{"text":"always fail","input":"","directory":"/","retry_of":"","plan":{"type":"","task":{"prompt":"","input":{},"ladder":["sh"],"gates":[],"validate":[],"retries":0,"timeout":"1h"},"agents":{"sh":{"kind":"command","command":["sh","-c","echo sorry >&2; exit 3"],"prompt":"stdin","result":"stdout","environment":{"pass":[],"set":{}},"grace":"10s","memory":"0B","log_size":"16MiB","needs":[],"degrades":[]}},"models":{},"defaults":{"timeout":"1h","retries":3,"gate_timeout":"10m"}}}}' AS BLOB), 7518734784092771933);
INSERT INTO facts VALUES (33, 3, 0, 32, 4003348924201968875,
  CAST('attempt_started' AS BLOB), CAST('{"attempt":1,"rung":0,"agent":"sh","feedback":""}' AS BLOB), 7113531614413478604);
INSERT INTO facts VALUES (34, 3, 0, 33, 4003348924205466768,
  CAST('incarnation_started' AS BLOB), CAST('{"child":"t3.a1","incarnation":1}' AS BLOB), 5827743613351583180);
INSERT INTO facts VALUES (35, 3, 0, 34, 4003348924206091201,
  CAST('incarnation_running' AS BLOB), CAST('{"child":"t3.a1","incarnation":1,"pid":12917,"start_time":1508222,"boot_id":"0283cc1d-8f94-4485-8c85-5868eecc6ea1"}' AS BLOB), -5487588945843100703);
INSERT INTO facts VALUES (36, 3, 0, 35, 4003348924207196068,
  CAST('incarnation_ended' AS BLOB), CAST('{"child":"t3.a1","incarnation":1,"exit":{"code":3},"asked":false,"will_restart":false,"interrupted":false,"reason":"","cannot_run":false,"stdout_bytes_lost":0}' AS BLOB), -5316185023563070437);
INSERT INTO facts VALUES (37, 3, 0, 36, 4003348924207517490,
  CAST('attempt_ended' AS BLOB), CAST('{"attempt":1,"outcome":"failed","reason":"exit code 3; it said: sorry","result":"","result_file_ns":0}' AS BLOB), 9152532500404441497);
INSERT INTO facts VALUES (38, 3, 0, 37, 4003348924207555277,
  CAST('task_ended' AS BLOB), CAST('{"status":"failed","result":"","missing":[],"reason":"no agent delivered; the last one was sh: exit code 3; it said: sorry"}' AS BLOB), 7652623106702214783);
INSERT INTO facts VALUES (39, 4, 0, 0, 4003348924218359422,
  CAST('task_accepted' AS BLOB), CAST('{"specification":{"text":"be cancelled","input":"","directory":"/","retry_of":"","plan":{"type":"","task":{"prompt":"","input":{},"ladder":["sh"],"gates":[],"validate":[],"retries":3,"timeout":"1h"},"agents":{"sh":{"kind":"command","command":["sh","-c","sleep 1000"],"prompt":"stdin","result":"stdout","environment":{"pass":[],"set":{}},"grace":"10s","memory":"0B","log_size":"16MiB","needs":[],"degrades":[]}},"models":{},"defaults":{"timeout":"1h","retries":3,"gate_timeout":"10m"}}}}' AS BLOB), 1752209170287954991);
INSERT INTO facts VALUES (40, 4, 0, 39, 4003348924218866105,
  CAST('attempt_started' AS BLOB), CAST('{"attempt":1,"rung":0,"agent":"sh","feedback":""}' AS BLOB), -6783846401534738652);
INSERT INTO facts VALUES (41, 4, 0, 40, 4003348924223126322,
  CAST('incarnation_started' AS BLOB), CAST('{"child":"t4.a1","incarnation":1}' AS BLOB), -6633426326853979301);
INSERT INTO facts VALUES (42, 4, 0, 41, 4003348924227718005,
  CAST('incarnation_running' AS BLOB), CAST('{"child":"t4.a1","incarnation":1,"pid":12921,"start_time":1508224,"boot_id":"0283cc1d-8f94-4485-8c85-5868eecc6ea1"}' AS BLOB), -2374862698659394431);
INSERT INTO facts VALUES (43, 4, 0, 42, 4003348924231399897,
  CAST('cancel_requested' AS BLOB), CAST('{"reason":"cancelled by the user"}' AS BLOB), 1227940054552010081);
INSERT INTO facts VALUES (44, 4, 0, 43, 4003348924232408606,
  CAST('incarnation_ended' AS BLOB), CAST('{"child":"t4.a1","incarnation":1,"exit":{"signal":15},"asked":true,"will_restart":false,"interrupted":false,"reason":"stopped: cancelled: cancelled by the user","cannot_run":false,"stdout_bytes_lost":0}' AS BLOB), -4982155346191429200);
INSERT INTO facts VALUES (45, 4, 0, 44, 4003348924232916361,
  CAST('attempt_ended' AS BLOB), CAST('{"attempt":1,"outcome":"cancelled","reason":"cancelled by the user","result":"","result_file_ns":0}' AS BLOB), -7094740400942571401);
INSERT INTO facts VALUES (46, 4, 0, 45, 4003348924232942910,
  CAST('task_ended' AS BLOB), CAST('{"status":"cancelled","result":"","missing":[],"reason":"cancelled by the user"}' AS BLOB), 4001191589122627082);
INSERT INTO facts VALUES (47, 5, 0, 0, 4003348924244592703,
  CAST('task_accepted' AS BLOB), CAST('{"specification":{"text":"large","input":"","directory":"/","retry_of":"","plan":{"type":"","task":{"prompt":"","input":{},"ladder":["sh"],"gates":[],"validate":[],"retries":3,"timeout":"1h"},"agents":{"sh":{"kind":"command","command":["sh","-c","head -c 200000 /dev/zero | tr \"\\0\" x"],"prompt":"stdin","result":"stdout","environment":{"pass":[],"set":{}},"grace":"10s","memory":"0B","log_size":"16MiB","needs":[],"degrades":[]}},"models":{},"defaults":{"timeout":"1h","retries":3,"gate_timeout":"10m"}}}}' AS BLOB), 4350673198443052081);
INSERT INTO facts VALUES (48, 5, 0, 47, 4003348924245111564,
  CAST('attempt_started' AS BLOB), CAST('{"attempt":1,"rung":0,"agent":"sh","feedback":""}' AS BLOB), -1808055356648818762);
INSERT INTO facts VALUES (49, 5, 0, 48, 4003348924248140905,
  CAST('incarnation_started' AS BLOB), CAST('{"child":"t5.a1","incarnation":1}' AS BLOB), 2789303290145207184);
INSERT INTO facts VALUES (50, 5, 0, 49, 4003348924250352617,
  CAST('incarnation_running' AS BLOB), CAST('{"child":"t5.a1","incarnation":1,"pid":12926,"start_time":1508226,"boot_id":"0283cc1d-8f94-4485-8c85-5868eecc6ea1"}' AS BLOB), -3325440669758212524);
INSERT INTO facts VALUES (51, 5, 0, 50, 4003348924253129889,
  CAST('incarnation_ended' AS BLOB), CAST('{"child":"t5.a1","incarnation":1,"exit":{"code":0},"asked":false,"will_restart":false,"interrupted":false,"reason":"","cannot_run":false,"stdout_bytes_lost":0}' AS BLOB), 3173468068530210500);
INSERT INTO facts VALUES (52, 5, 0, 51, 4003348924257591074,
  CAST('attempt_ended' AS BLOB), CAST('{"attempt":1,"outcome":"delivered","reason":"","result":{"blob":"sha256-91e3faafd322bcdf160f3f0ce886acb092b9b9e2a1e8526b40f21a8898a8700b"},"result_file_ns":0}' AS BLOB), -8020275994448455729);
INSERT INTO facts VALUES (53, 5, 0, 52, 4003348924257632886,
  CAST('task_ended' AS BLOB), CAST('{"status":"succeeded","result":{"blob":"sha256-91e3faafd322bcdf160f3f0ce886acb092b9b9e2a1e8526b40f21a8898a8700b"},"missing":[],"reason":""}' AS BLOB), 586937621170215922);
INSERT INTO facts VALUES (54, 6, 0, 0, 4003348924272162258,
  CAST('task_accepted' AS BLOB), CAST('{"specification":{"text":"go on","input":"","directory":"/","retry_of":"","plan":{"type":"","task":{"prompt":"","input":{},"ladder":["sh"],"gates":[],"validate":[],"retries":3,"timeout":"1h"},"agents":{"sh":{"kind":"command","command":["sh","-c","echo \"$NINE_SOCKET $NINE_TOKEN\" > \"$NINE_CHILD/told$NINE_EPOCH\"; while [ ! -e \"$NINE_CHILD/go\" ]; do sleep 0.05; done; echo \"life $NINE_EPOCH\""],"prompt":"stdin","result":"stdout","environment":{"pass":[],"set":{}},"grace":"10s","memory":"0B","log_size":"16MiB","needs":[],"degrades":[]}},"models":{},"defaults":{"timeout":"1h","retries":3,"gate_timeout":"10m"}}}}' AS BLOB), -2747160996883413435);
INSERT INTO facts VALUES (55, 6, 0, 54, 4003348924272720527,
  CAST('attempt_started' AS BLOB), CAST('{"attempt":1,"rung":0,"agent":"sh","feedback":""}' AS BLOB), 5815756405591606576);
INSERT INTO facts VALUES (56, 6, 0, 55, 4003348924276595296,
  CAST('incarnation_started' AS BLOB), CAST('{"child":"t6.a1","incarnation":1}' AS BLOB), 8732719231676598677);
INSERT INTO facts VALUES (57, 6, 0, 56, 4003348924277528392,
  CAST('incarnation_running' AS BLOB), CAST('{"child":"t6.a1","incarnation":1,"pid":12932,"start_time":1508229,"boot_id":"0283cc1d-8f94-4485-8c85-5868eecc6ea1"}' AS BLOB), 5304874270833899236);
INSERT INTO facts VALUES (58, 6, 1, 57, 4003348924784143989,
  CAST('step_intended' AS BLOB), CAST('{"attempt":1,"key":"pay","effect":"once","input_digest":""}' AS BLOB), 3124770725714518345);
INSERT INTO facts VALUES (59, 6, 1, 58, 4003348924794836118,
  CAST('step_finished' AS BLOB), CAST('{"attempt":1,"key":"pay","succeeded":true,"result":"paid","input_tokens":7,"output_tokens":0}' AS BLOB), -661859700312789060);
INSERT INTO facts VALUES (60, 6, 1, 59, 4003348924803780575,
  CAST('step_intended' AS BLOB), CAST('{"attempt":1,"key":"ship","effect":"once","input_digest":""}' AS BLOB), -370478157798082116);
INSERT INTO task_heads VALUES (1, 2, 11, 1, 4003348924132774586);
INSERT INTO task_heads VALUES (2, 4, 31, 1, 4003348924189321940);
INSERT INTO task_heads VALUES (3, 1, 38, 1, 4003348924207555277);
INSERT INTO task_heads VALUES (4, 1, 46, 1, 4003348924232942910);
INSERT INTO task_heads VALUES (5, 1, 53, 1, 4003348924257632886);
INSERT INTO task_heads VALUES (6, 1, 56, 0, 0);
INSERT INTO unique_keys VALUES (CAST('2cee1e8473396d07763dd6c4dd92fe4c' AS BLOB), 4, 4003348924218359422);
INSERT INTO unique_keys VALUES (CAST('3501f7ed5fb3fcc4847f07ab9dddfa13' AS BLOB), 1, 4003348924116726713);
INSERT INTO unique_keys VALUES (CAST('79fc9b9757b179e115a3e5297b20ed77' AS BLOB), 6, 4003348924272162258);
INSERT INTO unique_keys VALUES (CAST('ad444c282666fe564f0beb6f230a3d4e' AS BLOB), 5, 4003348924244592703);
INSERT INTO unique_keys VALUES (CAST('b0912314709e6c88c42ec78959393b44' AS BLOB), 2, 4003348924164919046);
INSERT INTO unique_keys VALUES (CAST('f2c082fcdd74640e1a1fa98cfe4c6000' AS BLOB), 3, 4003348924201457505);
