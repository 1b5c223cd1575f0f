-- audit_form version 1
-- How values of a type are written into the log and compared: for each, an expression to be filled in by format().
--
-- json: the canonical form as the text of a JSON value, never NULL, whatever the session's settings. %1$s is the value.
-- differs: whether two values are not one value: 1.10 is 1.1, a JSON object is itself with its keys in any order, and text is
-- compared by its bytes, whatever the collation. %1$s and %2$s are the values.
-- key: as the whole key of a record, plain text. key_part: as one of several columns of a key, JSON text. Equal keys have equal
-- text.
CREATE FUNCTION {schema}.audit_form_v01(type oid, OUT json text, OUT differs text, OUT key text, OUT key_part text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    base pg_type;
    element record;
    native constant text := '%1$s IS DISTINCT FROM %2$s';
    by_image constant text := 'record_image_ne(ROW(%1$s), ROW(%2$s))';
    by_bytes constant text := '(%1$s::text COLLATE "C") IS DISTINCT FROM (%2$s::text COLLATE "C")';
    -- Whatever to_json writes well.
    as_it_is constant text := 'coalesce(to_json(%1$s)::text, ''null'')';
    plain constant text := 'coalesce(%1$s::text, ''null'')';
    quoted constant text := 'coalesce(''"'' || %s || ''"'', ''null'')';
BEGIN
    SELECT * INTO base FROM pg_type WHERE pg_type.oid = type;
    WHILE base.typtype = 'd' LOOP
        SELECT * INTO base FROM pg_type WHERE pg_type.oid = base.typbasetype;
    END LOOP;

    IF base.typcategory = 'A' AND base.typelem <> 0 AND base.typlen = -1 THEN
        SELECT * INTO element FROM {schema}.audit_form_v01(base.typelem);
        -- What is right for each element is right for all of them.
        json := CASE
            WHEN element.json IN (as_it_is, plain, 'coalesce(to_json(%1$s::text)::text, ''null'')') THEN as_it_is
            ELSE format(
                'CASE WHEN array_ndims(%%1$s) = 1 THEN ''['' || (SELECT string_agg(%s, '','' ORDER BY audit_place) '
                    'FROM unnest(%%1$s) WITH ORDINALITY AS audit_elements(audit_element, audit_place)) || '']'' '
                    'ELSE coalesce(to_json(%%1$s)::text, ''null'') END',
                format(element.json, 'audit_element')
            )
        END;
        differs := CASE
            WHEN element.differs = native THEN native
            WHEN element.differs IN (by_image, by_bytes) THEN by_image
            ELSE '(%1$s::text IS DISTINCT FROM %2$s::text AND '
                '{schema}.audit_json_differs_v01(to_json(%1$s)::text, to_json(%2$s)::text))'
        END;
        key := json;
        key_part := json;
        RETURN;
    END IF;

    CASE
        WHEN base.typname = 'citext' OR base.oid IN ('text'::regtype, 'varchar'::regtype, 'name'::regtype) THEN
            json := 'coalesce(to_json(%1$s::text)::text, ''null'')';
            differs := by_bytes;
            key := '%1$s::text';
        WHEN base.oid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'bool'::regtype, 'oid'::regtype) THEN
            json := plain;
            differs := native;
            key := '%1$s::text';
        WHEN base.oid = '"char"'::regtype THEN
            -- A byte, which drivers read as a number.
            json := 'coalesce(%1$s::int4::text, ''null'')';
            differs := native;
            key := '%1$s::int4::text';
        WHEN base.oid IN ('float4'::regtype, 'float8'::regtype) THEN
            -- Adding zero turns the negative zero into the positive one and changes nothing else.
            json := format('coalesce(to_json(%%1$s + 0::%s)::text, ''null'')', base.typname);
            differs := native;
            key := '%1$s::text';
        WHEN base.oid = 'numeric'::regtype THEN
            json := format(quoted, '%1$s::text');
            differs := native;
            key := 'trim_scale(%1$s)::text';
            key_part := format(quoted, 'trim_scale(%1$s)::text');
        WHEN base.oid = 'money'::regtype THEN
            json := format(quoted, '%1$s::numeric::text');
            differs := native;
            key := '%1$s::numeric::text';
        WHEN base.oid = 'bytea'::regtype THEN
            json := format(quoted, 'encode(%1$s, ''hex'')');
            differs := native;
            key := 'encode(%1$s, ''hex'')';
        WHEN base.oid = 'uuid'::regtype THEN
            json := format(quoted, '%1$s::text');
            differs := native;
            key := '%1$s::text';
        WHEN base.oid IN ('inet'::regtype, 'cidr'::regtype) THEN
            -- Always with the prefix.
            json := format(quoted, 'host(%1$s) || ''/'' || masklen(%1$s)');
            differs := native;
            key := 'host(%1$s) || ''/'' || masklen(%1$s)';
        WHEN base.oid = 'time'::regtype THEN
            json := format(quoted, 'to_char(%1$s::interval, ''HH24:MI:SS.US'')');
            differs := native;
            key := 'to_char(%1$s::interval, ''HH24:MI:SS.US'')';
        WHEN base.oid IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype) THEN
            json := format('{schema}.audit_json_%s_v01(%%1$s)', base.typname);
            differs := native;
            key := format('{schema}.audit_json_%s_v01(%%1$s)::json #>> ''{}''', base.typname);
        WHEN base.oid = 'jsonb'::regtype THEN
            json := '{schema}.audit_json_jsonb_v01(%1$s)';
            differs := native;
            key := json;
        WHEN base.oid = 'json'::regtype THEN
            json := '{schema}.audit_json_json_v01(%1$s)';
            differs := '(%1$s::text IS DISTINCT FROM %2$s::text AND '
                '{schema}.audit_json_differs_v01(%1$s::text, %2$s::text))';
            key := json;
        ELSE
            -- Enums, addresses, ranges and types that nobody here knows. bpchar is among them: a cast to text would cut off the
            -- blanks at its end, which a driver reads. Some have no operator for equality, or one that means something else (boxes
            -- are equal by area).
            json := as_it_is;
            differs := by_image;
            key := 'to_json(%1$s) #>> ''{}''';
    END CASE;
    key_part := coalesce(key_part, json);
END
$$;
