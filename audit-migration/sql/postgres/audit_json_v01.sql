-- audit_json version 1
-- The canonical form of a value as the text of a JSON value, where that takes more than an expression; of NULL it is 'null'.
--
-- Each is called by a name of its own: with overloads, PostgreSQL would have to choose, and cannot always.

-- A date with a year outside of four digits, with its sign; the year 0 is 1 BC. Infinity is its own name.
-- By its text, because a date may lie where no timestamp is.
CREATE FUNCTION {schema}.audit_far_date_v01(date) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
SET "DateStyle" = 'ISO, YMD'
AS $$
    SELECT CASE
        WHEN NOT isfinite($1) THEN $1::text
        WHEN year BETWEEN 0 AND 9999 THEN lpad(year::text, 4, '0') || day
        WHEN year < 0 THEN '-' || lpad((-year)::text, 4, '0') || day
        ELSE '+' || year::text || day
    END
    FROM (
        SELECT
            CASE WHEN $1::text LIKE '% BC' THEN 1 - parts[1]::integer ELSE parts[1]::integer END AS year,
            parts[2] AS day
        FROM regexp_match($1::text, '^([0-9]+)(-[0-9]{2}-[0-9]{2})') AS parts
    ) AS astronomical
$$;

CREATE FUNCTION {schema}.audit_far_stamp_v01(timestamp, text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT '"' || {schema}.audit_far_date_v01($1::date)
        || CASE WHEN isfinite($1) THEN to_char($1, '"T"HH24:MI:SS.US') || $2 ELSE '' END || '"'
$$;

CREATE FUNCTION {schema}.audit_json_date_v01(date) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN $1 IS NULL THEN 'null'
        WHEN $1 BETWEEN '0001-01-01'::date AND '9999-12-31'::date THEN to_json($1)::text
        ELSE '"' || {schema}.audit_far_date_v01($1) || '"'
    END
$$;

CREATE FUNCTION {schema}.audit_json_timestamp_v01(timestamp) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN $1 IS NULL THEN 'null'
        WHEN $1 >= '0001-01-01'::timestamp AND $1 < '10000-01-01'::timestamp
        THEN '"' || to_char($1, 'YYYY-MM-DD"T"HH24:MI:SS.US') || '"'
        ELSE {schema}.audit_far_stamp_v01($1, '')
    END
$$;

CREATE FUNCTION {schema}.audit_json_timestamptz_v01(timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN $1 IS NULL THEN 'null'
        WHEN $1 >= '0001-01-01 00:00:00+00'::timestamptz AND $1 < '10000-01-01 00:00:00+00'::timestamptz
        THEN '"' || to_char($1 AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"'
        ELSE {schema}.audit_far_stamp_v01($1 AT TIME ZONE 'UTC', 'Z')
    END
$$;

-- JSON null is not SQL NULL, and an object that looks like the wrapper for it is wrapped once more.
CREATE FUNCTION {schema}.audit_json_jsonb_v01(jsonb) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN $1 IS NULL THEN 'null'
        WHEN jsonb_typeof($1) = 'null' OR (jsonb_typeof($1) = 'object' AND $1 ? '$json' AND $1 - '$json' = '{}'::jsonb)
        THEN '{"$json":' || $1::text || '}'
        ELSE $1::text
    END
$$;

-- A text with \u0000 in it is JSON that no operator can look into. It is not the wrapper.
CREATE FUNCTION {schema}.audit_is_wrapper_v01(json) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
    RETURN json_typeof($1) = 'object' AND (SELECT array_agg(key) FROM json_object_keys($1) AS keys(key)) = ARRAY['$json'];
EXCEPTION WHEN untranslatable_character THEN
    RETURN false;
END
$$;

CREATE FUNCTION {schema}.audit_json_json_v01(json) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN $1 IS NULL THEN 'null'
        WHEN json_typeof($1) = 'null' THEN '{"$json":null}'
        WHEN $1::text LIKE '%json"%' AND {schema}.audit_is_wrapper_v01($1) THEN '{"$json":' || $1::text || '}'
        ELSE $1::text
    END
$$;
