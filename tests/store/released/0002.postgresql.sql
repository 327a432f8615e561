CREATE TABLE public.access_keys (
    id text NOT NULL,
    name text NOT NULL,
    hash text NOT NULL,
    created double precision NOT NULL,
    expires double precision,
    revoked double precision,
    used double precision,
    grants text NOT NULL
);
CREATE TABLE public.bodies (
    id text NOT NULL,
    at double precision NOT NULL,
    size bigint NOT NULL,
    content bytea NOT NULL
);
CREATE TABLE public.budget_spent (
    key text NOT NULL,
    period text NOT NULL,
    spent bigint NOT NULL,
    at double precision NOT NULL
);
CREATE TABLE public.conversations (
    id text NOT NULL,
    title text NOT NULL,
    model text NOT NULL,
    version integer NOT NULL,
    created double precision NOT NULL,
    changed double precision NOT NULL,
    size bigint NOT NULL,
    words text NOT NULL,
    content bytea NOT NULL
);
CREATE TABLE public.landbridge_schema (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.requests (
    id text NOT NULL,
    run text NOT NULL,
    at double precision NOT NULL,
    seconds double precision NOT NULL,
    first double precision,
    client text NOT NULL,
    key text NOT NULL,
    session text NOT NULL,
    agent text NOT NULL,
    dialect text NOT NULL,
    model text NOT NULL,
    target text NOT NULL,
    provider text NOT NULL,
    path text NOT NULL,
    route text NOT NULL,
    stream boolean NOT NULL,
    status integer NOT NULL,
    outcome text NOT NULL,
    message text NOT NULL,
    attempts integer NOT NULL,
    retries integer NOT NULL,
    losses text NOT NULL,
    repairs text NOT NULL,
    input bigint,
    output bigint,
    cache_read bigint,
    cache_write bigint,
    cache_write_1h bigint,
    reasoning bigint,
    searches bigint,
    fetches bigint,
    estimated boolean NOT NULL,
    cost bigint
);
CREATE TABLE public.runs (
    id text NOT NULL,
    started double precision NOT NULL,
    ended double precision,
    version text NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    written bigint NOT NULL,
    lost bigint NOT NULL,
    killed boolean NOT NULL
);
INSERT INTO public.access_keys VALUES ('key_1', 'n', 'h', 1, 1800000000.5, NULL, NULL, '{}');
INSERT INTO public.bodies VALUES ('req_1', 1795730072.25, 7, '\x00ff6279746573');
INSERT INTO public.budget_spent VALUES ('key_1', '2026-11', 1125899906842624, 1.5);
INSERT INTO public.conversations VALUES ('chat_1', 'It''s 모델', 'lab/m', 3, 1795730000.5, 1795730072.25, 12, 'words', '\x7b227475726e73223a5b5d7d');
INSERT INTO public.landbridge_schema VALUES ('0002');
INSERT INTO public.requests VALUES ('req_1', 'run_1', 1795730072.25, 1.5, NULL, 'claude-cli', 'key_1', 's', 'a', 'anthropic', '모델', 'lab/m', 'lab', 'converted', 'first of lab/m', true, 200, 'cut', 'it''s broken; "so"
there', 2, 0, '["a: b"]', '{"x": 1}', 1099511627776, NULL, 5, NULL, NULL, NULL, NULL, NULL, false, 1234567);
INSERT INTO public.runs VALUES ('run_1', 1795730000, NULL, '0.5.0', 'h', 77, 1, 0, false);
ALTER TABLE ONLY public.access_keys
    ADD CONSTRAINT access_keys_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.bodies
    ADD CONSTRAINT bodies_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.budget_spent
    ADD CONSTRAINT budget_spent_pkey PRIMARY KEY (key, period);
ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.landbridge_schema
    ADD CONSTRAINT landbridge_schema_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.requests
    ADD CONSTRAINT requests_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (id);
CREATE INDEX bodies_at ON public.bodies USING btree (at, size);
CREATE INDEX conversations_changed ON public.conversations USING btree (changed);
CREATE INDEX requests_at ON public.requests USING btree (at);
CREATE INDEX requests_session ON public.requests USING btree (session, at);
