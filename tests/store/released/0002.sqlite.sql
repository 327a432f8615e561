BEGIN TRANSACTION;
CREATE TABLE access_keys (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	created DOUBLE NOT NULL, 
	expires DOUBLE, 
	revoked DOUBLE, 
	used DOUBLE, 
	grants TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "access_keys" VALUES('key_1','n','h',1.0,1800000000.5,NULL,NULL,'{}');
CREATE TABLE bodies (
	id TEXT NOT NULL, 
	at DOUBLE NOT NULL, 
	size BIGINT NOT NULL, 
	content BLOB NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "bodies" VALUES('req_1',1795730072.25,7,X'00FF6279746573');
CREATE TABLE budget_spent (
	"key" TEXT NOT NULL, 
	period TEXT NOT NULL, 
	spent BIGINT NOT NULL, 
	at DOUBLE NOT NULL, 
	PRIMARY KEY ("key", period)
);
INSERT INTO "budget_spent" VALUES('key_1','2026-11',1125899906842624,1.5);
CREATE TABLE conversations (
	id TEXT NOT NULL, 
	title TEXT NOT NULL, 
	model TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	created DOUBLE NOT NULL, 
	changed DOUBLE NOT NULL, 
	size BIGINT NOT NULL, 
	words TEXT NOT NULL, 
	content BLOB NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "conversations" VALUES('chat_1','It''s 모델','lab/m',3,1795730000.5,1795730072.25,12,'words',X'7B227475726E73223A5B5D7D');
CREATE TABLE landbridge_schema (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT landbridge_schema_pkc PRIMARY KEY (version_num)
);
INSERT INTO "landbridge_schema" VALUES('0002');
CREATE TABLE requests (
	id TEXT NOT NULL, 
	run TEXT NOT NULL, 
	at DOUBLE NOT NULL, 
	seconds DOUBLE NOT NULL, 
	first DOUBLE, 
	client TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	session TEXT NOT NULL, 
	agent TEXT NOT NULL, 
	dialect TEXT NOT NULL, 
	model TEXT NOT NULL, 
	target TEXT NOT NULL, 
	provider TEXT NOT NULL, 
	path TEXT NOT NULL, 
	route TEXT NOT NULL, 
	stream BOOLEAN NOT NULL, 
	status INTEGER NOT NULL, 
	outcome TEXT NOT NULL, 
	message TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	retries INTEGER NOT NULL, 
	losses TEXT NOT NULL, 
	repairs TEXT NOT NULL, 
	input BIGINT, 
	output BIGINT, 
	cache_read BIGINT, 
	cache_write BIGINT, 
	cache_write_1h BIGINT, 
	reasoning BIGINT, 
	searches BIGINT, 
	fetches BIGINT, 
	estimated BOOLEAN NOT NULL, 
	cost BIGINT, 
	PRIMARY KEY (id)
);
INSERT INTO "requests" VALUES('req_1','run_1',1795730072.25,1.5,NULL,'claude-cli','key_1','s','a','anthropic','모델','lab/m','lab','converted','first of lab/m',1,200,'cut','it''s broken; "so"
there',2,0,'["a: b"]','{"x": 1}',1099511627776,NULL,5,NULL,NULL,NULL,NULL,NULL,0,1234567);
CREATE TABLE runs (
	id TEXT NOT NULL, 
	started DOUBLE NOT NULL, 
	ended DOUBLE, 
	version TEXT NOT NULL, 
	host TEXT NOT NULL, 
	pid INTEGER NOT NULL, 
	written BIGINT NOT NULL, 
	lost BIGINT NOT NULL, 
	killed BOOLEAN NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "runs" VALUES('run_1',1795730000.0,NULL,'0.5.0','h',77,1,0,0);
CREATE INDEX requests_at ON requests (at);
CREATE INDEX requests_session ON requests (session, at);
CREATE INDEX bodies_at ON bodies (at, size);
CREATE INDEX conversations_changed ON conversations (changed);
COMMIT;
