-- audit_lists version 1
-- The expressions over a table's columns that its trigger function is made of. o and n are a row before and after.
--
-- record_old, record_new: the record's key as text. same_key: whether o and n are one record, so that rows can be joined by hash.
-- Lists of "column":value for a JSON object: whole_old, whole_new of a whole row; was, became of an update, NULL for what the
-- entry leaves out. Joined by array_to_string: of a thousand columns, a chain of || would be too deep, and slow long before.
-- differs: whether any column differs.
--
-- "full" keeps in an update what is equal as well, with one text on both sides: equal values may have several. A redacted column
-- has one text for all values, so it stands in an update only where it changed.
CREATE FUNCTION {schema}.audit_lists_v01(
    relation oid, key text[], excluded text[], redacted text[], "full" boolean,
    OUT record_old text, OUT record_new text, OUT same_key text,
    OUT whole_old text, OUT whole_new text, OUT was text, OUT became text, OUT differs text
)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    missing text;
    several boolean := cardinality(key) > 1;
BEGIN
    SELECT string_agg(name, ', ') INTO missing
    FROM unnest(key) AS name
    WHERE NOT EXISTS (
        SELECT FROM pg_attribute
        WHERE attrelid = relation AND attname = name AND attnum > 0 AND NOT attisdropped
    );
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION '(audit) the key column % of % is gone: install its triggers again', missing, relation::regclass
            USING ERRCODE = 'undefined_column';
    END IF;

    SELECT
        string_agg(format(CASE WHEN several THEN form.key_part ELSE form.key END, format('o.%I', name)), ' || '','' || ' ORDER BY place),
        string_agg(format(CASE WHEN several THEN form.key_part ELSE form.key END, format('n.%I', name)), ' || '','' || ' ORDER BY place),
        string_agg(
            format(
                CASE WHEN form.differs = '%1$s IS DISTINCT FROM %2$s' THEN '%s = %s'
                    ELSE '(%s::text COLLATE "C") = (%s::text COLLATE "C")' END,
                format('o.%I', name), format('n.%I', name)
            ),
            ' AND ' ORDER BY place
        )
    INTO record_old, record_new, same_key
    FROM unnest(key) WITH ORDINALITY AS keys(name, place)
    JOIN pg_attribute ON attrelid = relation AND attname = name
    CROSS JOIN LATERAL {schema}.audit_form_v01(atttypid) AS form;
    IF several THEN
        record_old := format('''['' || %s || '']''', record_old);
        record_new := format('''['' || %s || '']''', record_new);
    END IF;

    SELECT
        string_agg(format('%L || %s', label, whole_of_old), ', ' ORDER BY attnum),
        string_agg(format('%L || %s', label, whole_of_new), ', ' ORDER BY attnum),
        string_agg(
            format(
                CASE WHEN "full" AND NOT hidden THEN '%2$L || %3$s' ELSE 'CASE WHEN %1$s THEN %2$L || %3$s END' END,
                changed, label, whole_of_old
            ),
            ', ' ORDER BY attnum
        ),
        string_agg(
            format(
                CASE WHEN "full" AND NOT hidden THEN '%2$L || CASE WHEN %1$s THEN %3$s ELSE %4$s END'
                    ELSE 'CASE WHEN %1$s THEN %2$L || %3$s END' END,
                changed, label, whole_of_new, whole_of_old
            ),
            ', ' ORDER BY attnum
        ),
        string_agg(changed, ' OR ' ORDER BY attnum)
    INTO whole_old, whole_new, was, became, differs
    FROM (
        SELECT
            attnum,
            attname = ANY (redacted) AS hidden,
            to_json(attname)::text || ':' AS label,
            CASE WHEN attname = ANY (redacted) THEN '''"[redacted]"'''
                ELSE format(form.json, format('o.%I', attname)) END AS whole_of_old,
            CASE WHEN attname = ANY (redacted) THEN '''"[redacted]"'''
                ELSE format(form.json, format('n.%I', attname)) END AS whole_of_new,
            format(form.differs, format('o.%I', attname), format('n.%I', attname)) AS changed
        FROM pg_attribute
        CROSS JOIN LATERAL {schema}.audit_form_v01(atttypid) AS form
        WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped AND attname <> ALL (excluded)
    ) AS columns;
END
$$;
